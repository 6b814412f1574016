"""Cut the power of one recorded session at many moments, open what is found each time, and count what is
wrong.

What has to hold of each vault that is found, opened as a person would:
- it opens, once its making was acknowledged; before that there may be none, and then one can be made;
- each part of its picture is as the last acknowledgement that promised it has it, or as a later step, up to
  the one that was going on: nothing acknowledged is lost, and nothing is there by halves;
- both copies of the header are whole, whichever of the two they are of; a way in that was removed opens
  nothing;
- its own check finds nothing, the index belongs to the words, and no file lies about that no row knows;
- it goes on: something can be written, and it closes.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diary.errors import DiaryError, VaultMissing, WrongPassphrase
from diary.model.key import KeyFile, Secret
from diary.vault import header as header_file
from diary.vault.ballast import BALLAST, SIZE
from diary.vault.header import COPY, HEADER
from diary.vault.noted import ATTEMPTS
from diary.vault.unlocking import open_header
from diary.vault.vault import DATABASE, Vault, local_now
from tests.faults.power.commands import BY_COMMAND, recorded_by_command
from tests.faults.power.disk import Disk, Fate, Operation, Synced, Told, Wrote
from tests.faults.power.pictures import PARTS, Picture, disagreements, picture_of
from tests.faults.power.recording import python, record
from tests.faults.power.scene import STICK, VAULT
from tests.faults.power.sessions import OPENING, SESSIONS
from tests.unit.vault import version_1, version_2, version_3
from tests.unit.vault.fresh import CHEAPEST, PASSPHRASE, TickingClock, fresh_folder, words

TWICE = "cut twice"
"""The power is cut, comes back, and is cut again while the vault is opened, or soon after."""
SESSION_NAMES = (*(name for name in SESSIONS if name != OPENING), BY_COMMAND, TWICE)
_CUT_TWICE = ("an evening", "keys", "recording", "removing", "indexing", "backing up")
_OF_ONE_CUT = 40  # images of the opening after one cut
_OLDER = {"from version 1": version_1, "from version 2": version_2, "from version 3": version_3}
_IN_MEMORY = Path("/dev/shm")
_EXAMPLES = 3
_REOPENED = 0.1  # of the images are opened once more
LOST, TORN, SHUT = "lost", "torn", "not openable"


@dataclass
class Score:
    """:ivar wrong: how often each kind of fault was found. :ivar examples: some of them, told in full."""

    session: str
    images: int = 0
    seconds: float = 0.0
    operations: int = 0
    wrong: dict[str, int] = field(default_factory=lambda: {LOST: 0, TORN: 0, SHUT: 0})
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not any(self.wrong.values())


class Wrong(Exception):
    """:ivar kind: of fault."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is one: what counts is what was synced, not how long it took."""
    return tempfile.TemporaryDirectory(prefix="power-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None)


def recorded(session: str, scene: Path, *, mutation: str = "") -> tuple[Disk, list[Operation]]:
    """The disk before, and what the session did to it.

    :param scene: an empty folder.
    """
    root = scene / "root"
    root.mkdir()
    (root / STICK).mkdir()
    code = _prepared(session, root)
    if session == BY_COMMAND:
        return recorded_by_command(scene, code)
    before = Disk(root)
    command = python("tests.faults.power.sessions", session, str(root), str(scene / "told"), code, mutation)
    return before, record(command, root, scene / "told")


def _prepared(session: str, root: Path) -> str:
    """Put the vault there that the session begins with; what opens it."""
    if session == "beginning":
        return ""
    if session in _OLDER:
        frozen = _OLDER[session]
        shutil.copytree(frozen.FOLDER, root / VAULT)
        return frozen.CODE.read_text().strip()
    if session == "a long log":  # of small pages: the log is long when it has a thousand
        vault, code = Vault.create(root / VAULT, PASSPHRASE, kdf=CHEAPEST, page_size=1024)
        vault.close()
    else:
        _, code = fresh_folder(root)
        (root / VAULT / BALLAST).write_bytes(random.Random(1).randbytes(SIZE))
    return code


def cut_often(session: str, images: int, seed: int = 0, *, mutation: str = "") -> Score:
    """Record a session and judge so many images of it."""
    begun = time.monotonic()
    dice = random.Random(f"{session} {seed}")
    score = Score(session)
    with scratch() as name:
        scene = Path(name)
        if session == TWICE:
            for number in range(0, images, _OF_ONE_CUT):
                part = scene / str(number)
                part.mkdir()
                disk, operations = _opened_after_a_cut(part, dice)
                _cut(score, disk, operations, part / "found", min(_OF_ONE_CUT, images - number), dice)
                shutil.rmtree(part)
        else:
            disk, operations = recorded(session, scene, mutation=mutation)
            _cut(score, disk, operations, scene / "found", images, dice)
    score.seconds = time.monotonic() - begun
    return score


def _cut(
    score: Score,
    disk: Disk,
    operations: Sequence[Operation],
    found: Path,
    images: int,
    dice: random.Random,
) -> None:
    score.operations += len(operations)
    acknowledged = [one.what for one in operations if isinstance(one, Told)]
    applied, told = 0, 0
    for cut in moments(operations, images, dice):
        for one in operations[applied:cut]:
            disk.apply(one)
            told += isinstance(one, Told)
        applied = cut
        _score(score, disk, found, acknowledged, told, dice, cut)


def _opened_after_a_cut(scene: Path, dice: random.Random) -> tuple[Disk, list[Operation]]:
    """What a cut left of some session, and what the opening after it does."""
    first, root = scene / "first", scene / "root"
    first.mkdir()
    disk, operations = recorded(dice.choice(_CUT_TWICE), first)
    begun = next(number for number, one in enumerate(operations) if isinstance(one, Told))
    cut = dice.randint(begun + 1, len(operations))
    for one in operations[:cut]:
        disk.apply(one)
    *_, last = (one.what for one in operations[:cut] if isinstance(one, Told))
    disk.write_found(root, dice, Fate.thrown(dice))
    before = Disk(root)
    opens = ("file:" if last["file"] else "") + last["secret"]
    command = python("tests.faults.power.sessions", OPENING, str(root), str(scene / "told"), opens)
    return before, record(command, root, scene / "told")


def moments(operations: Sequence[Operation], images: int, dice: random.Random) -> list[int]:
    """How many operations have happened at each cut: half of them spread over all, half of them at a change
    of a name, at a sync or just after an acknowledgement, which are fewer than the writes.
    """
    rare = [number for number, one in enumerate(operations) if not isinstance(one, Wrote)]
    rare += [number + 1 for number, one in enumerate(operations) if not isinstance(one, Wrote | Synced)]
    spread = [int((number + dice.random()) * len(operations) / images) for number in range(0, images, 2)]
    return sorted(spread + [dice.choice(rare) for _ in range(images - len(spread))])


def _score(
    score: Score,
    disk: Disk,
    found: Path,
    acknowledged: list[dict[str, Any]],
    told: int,
    dice: random.Random,
    cut: int,
) -> None:
    fate = Fate.thrown(dice)
    disk.write_found(found, dice, fate)
    score.images += 1
    try:
        _judge(found, acknowledged, told, dice)
    except Wrong as wrong:
        score.wrong[wrong.kind] += 1
        if len(score.examples) < _EXAMPLES:
            score.examples.append(f"{wrong.kind} after {cut} operations ({told} told), {fate}: {wrong}")
    finally:
        shutil.rmtree(found)


def _judge(found: Path, acknowledged: list[dict[str, Any]], told: int, dice: random.Random) -> None:
    last, going_on = acknowledged[max(told - 1, 0)], acknowledged[min(told, len(acknowledged) - 1)]
    folder = _folder_of(found)
    if told or (folder / DATABASE).exists():
        _require_whole_headers(folder)
    if told and last["refused"] and dice.random() < 0.2:
        _require_refused(folder, dice.choice(last["refused"]))
    try:
        with _opened(folder, going_on, last) as vault:
            picture = picture_of(vault, found / STICK)
            wrong = list(disagreements(vault))
            vault.entries.add(words("After the cut."))
    except VaultMissing as error:
        if told:
            raise Wrong(SHUT, str(error)) from error
        _require_beginning(folder)
        return
    except DiaryError as error:
        raise Wrong(SHUT, repr(error)) from error
    except AssertionError as error:
        raise Wrong(TORN, str(error)) from error
    if wrong:
        raise Wrong(TORN, "; ".join(wrong))
    for part in PARTS:
        _compare(part, picture, acknowledged, told)
    if dice.random() < _REOPENED:
        with _opened(folder, going_on, last) as vault:
            for wrong in disagreements(vault):
                raise Wrong(TORN, f"what was opened and written to is not whole the next time: {wrong}")


def _opened(folder: Path, *acknowledgements: dict[str, Any]) -> Vault:
    """With what opens it after the step that was going on, or before."""
    for one in acknowledgements:
        with suppress(WrongPassphrase):
            now = local_now if one.get("by_the_clock") else TickingClock()
            return Vault.unlock(folder, secret_of(one), now=now)
        (folder / ATTEMPTS).unlink(missing_ok=True)  # that it was tried is this suite's doing, and no alarm
    raise Wrong(SHUT, "nothing that should open it does")


def secret_of(acknowledgement: dict[str, Any]) -> Secret:
    given = acknowledgement["secret"]
    return KeyFile(bytes.fromhex(given)) if acknowledgement["file"] else given


def _compare(part: str, picture: Picture, acknowledged: list[dict[str, Any]], told: int) -> None:
    promised = max((n for n in range(told) if part in acknowledged[n]["lasting"]), default=0)
    allowed = [one["picture"][part] for one in acknowledged[promised : told + 1]]
    if part == "backups":
        _compare_backups(picture[part], allowed)
    elif picture[part] not in allowed:
        earlier = any(picture[part] == one["picture"][part] for one in acknowledged[:promised])
        differ = sorted(
            name
            for name in picture[part].keys() | allowed[0].keys()
            if picture[part].get(name) != allowed[0].get(name)
        )
        raise Wrong(LOST if earlier else TORN, f"{part}: {differ}")


def _compare_backups(found: dict[str, str], allowed: list[dict[str, str]]) -> None:
    """Each is whole, as it was said to be; one that was to be removed may be there yet."""
    for name in set.intersection(*(set(one) for one in allowed)):
        if name not in found:
            raise Wrong(LOST, f"backup {name}")
    for name, content in found.items():
        if all(one.get(name, content) != content for one in allowed):
            raise Wrong(TORN, f"backup {name}")


def _require_beginning(folder: Path) -> None:
    try:
        Vault.create(folder, PASSPHRASE, kdf=CHEAPEST)[0].close()
    except DiaryError as error:
        raise Wrong(SHUT, f"no vault, and none can be made: {error!r}") from error


def _folder_of(found: Path) -> Path:
    """The vault; when a restore was cut between its two renames, the one that was moved aside."""
    if not (found / VAULT).exists():
        return next(found.glob(f"{VAULT}.before-*"), found / VAULT)
    return found / VAULT


def _require_whole_headers(folder: Path) -> None:
    for name in (HEADER, COPY):
        try:
            whole = header_file.decode((folder / name).read_bytes()) is not None
        except FileNotFoundError:
            whole = False
        if not whole:
            raise Wrong(TORN, f"{name} is not whole")


def _require_refused(folder: Path, secret: str) -> None:
    with suppress(WrongPassphrase):
        open_header(folder, secret).key.wipe()
        raise Wrong(LOST, "a way in that was removed opens the vault again")


def table(scores: Sequence[Score]) -> Iterator[str]:
    """One line for each session, and one for all."""
    yield f"{'session':16}{'operations':>11}{'images':>8}{'seconds':>9}{LOST:>6}{TORN:>6}{SHUT:>14}"
    every = Score("all", images=sum(one.images for one in scores))
    every.operations = sum(one.operations for one in scores)
    every.seconds = sum(one.seconds for one in scores)
    every.wrong = {kind: sum(one.wrong[kind] for one in scores) for kind in every.wrong}
    for one in (*scores, every):
        counts = f"{one.wrong[LOST]:6}{one.wrong[TORN]:6}{one.wrong[SHUT]:14}"
        yield f"{one.session:16}{one.operations:11}{one.images:8}{one.seconds:9.1f}{counts}"


if __name__ == "__main__":
    scores = [cut_often(sys.argv[1], int(sys.argv[2]), mutation="".join(sys.argv[3:4]))]
    print("\n".join([*table(scores), *scores[0].examples]))
