"""What a process does while it is recorded: `python -m tests.faults.power.sessions NAME ROOT TOLD CODE
[MUTATION]`.

Each session is a person's hour in small. After every step it tells what the vault holds now, which is its
acknowledgement: from then on it has to be so, until the next step, which may have happened or not.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from diary.model.attachment import AttachmentDraft
from diary.model.entry import EntryChanges, Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.key import KeyFile, KeyKind, Secret
from diary.model.speech import Segment
from diary.vault.backups.restoring import restore
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from tests.faults.power.mutations import MUTATIONS
from tests.faults.power.pictures import PARTS, picture_of
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, TickingClock, words

VAULT, STICK = "vault", "stick"
KEY_FILE = KeyFile(bytes(range(64)), made=True)
"""Of sessions that change what opens the vault: it is added first and always kept."""


@dataclass
class Scene:
    """Where a session happens, and to whom it tells.

    :ivar secret: opens the vault at this moment. :ivar refused: recovery codes that must not any more.
    """

    root: Path
    told: int
    secret: Secret
    refused: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / VAULT

    @property
    def stick(self) -> Path:
        return self.root / STICK

    def tell(self, vault: Vault, *, lasting: Sequence[str] = PARTS) -> None:
        """The last step returned.

        :param lasting: the parts of the picture that are promised to be on the disk.
        """
        self._say({"picture": picture_of(vault, self.stick), "lasting": list(lasting)})

    def tell_closed(self) -> None:
        """The last step returned, and the vault is closed."""
        with self.open() as vault:
            picture = picture_of(vault, self.stick)
        self._say({"picture": picture, "lasting": list(PARTS)})

    def _say(self, what: dict[str, object]) -> None:
        opens = self.secret.content.hex() if isinstance(self.secret, KeyFile) else self.secret
        what |= {"secret": opens, "file": isinstance(self.secret, KeyFile), "refused": self.refused}
        os.write(self.told, json.dumps(what).encode() + b"\n")

    @contextmanager
    def open(self) -> Iterator[Vault]:
        with Vault.unlock(self.folder, self.secret, now=TickingClock()) as vault:
            yield vault


def beginning(scene: Scene) -> None:
    """A new vault, and the first words in it."""
    vault, scene.secret = Vault.create(scene.folder, PASSPHRASE, kdf=CHEAPEST, now=TickingClock())
    with vault:
        scene.tell(vault)
        vault.entries.add(words("The first words."))
        scene.tell(vault)
    with scene.open() as vault:
        scene.tell(vault)


def writing(scene: Scene) -> None:
    """Entries, revisions, drafts, removal, names; closed and opened in between."""
    for evening in range(3):
        with scene.open() as vault:
            scene.tell(vault)
            for number in range(4):
                vault.drafts.save("new", f"Unsaved {number}. " * 50)
                scene.tell(vault)
                entry = vault.entries.add(words(f"Evening {evening}, {number}. " * 40**number, days=number))
                scene.tell(vault)
                if number % 2:
                    vault.entries.revise(entry.id, EntryChanges(text=f"Changed {number}.", starred=True))
                    scene.tell(vault)
            vault.drafts.discard("new")
            scene.tell(vault)
            vault.entries.delete(entry.id)
            scene.tell(vault)
            vault.glossary.add(TermDraft(text=f"Dr Okafor {evening}", kind=TermKind.PERSON))
            scene.tell(vault)
            vault.preferences.set("microphone", str(evening))
            scene.tell(vault)


def a_long_log(scene: Scene) -> None:
    """So much written that the log is moved into the main file by itself."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(40):
            vault.entries.add(words(f"{number} at length. " * 3_000, days=number))
            scene.tell(vault)
            if number % 8 == 7:
                vault.drafts.save("new", "unsaved " * 20_000)
                scene.tell(vault)


def importing(scene: Scene) -> None:
    """Imports, each one transaction, and taking one back."""
    with scene.open() as vault:
        scene.tell(vault)
        for batch in range(4):
            drafts = [words(f"{batch}, {n} " * (n + 1), days=n, source_id=f"{batch}-{n}") for n in range(40)]
            made = vault.imports.add(drafts, format="jsonl", source=f"{batch}.jsonl")
            scene.tell(vault)
            if batch % 2:
                assert made.batch is not None
                vault.imports.undo(made.batch)
                scene.tell(vault)


def indexing(scene: Scene) -> None:
    """Passages, vectors and observations are made, made again by another model, and removed."""
    from ingest.observations.pending import read_pending
    from retrieval.indexing import Indexer
    from tests.faults.renewer import AFTER, BEFORE, Letters

    before, after = Letters(*BEFORE), Letters(*AFTER)
    with scene.open() as vault:
        scene.tell(vault)
        for model in (before, before, after):
            for number in range(6):
                added = vault.entries.add(words(f"Slept again, sleep:: {number + 1}h. " * 9, days=number))
                scene.tell(vault)
            Indexer(vault.passages, model, {before.model: before}.get).run()
            read_pending(vault.observations)
            scene.tell(vault, lasting=())
            vault.entries.revise(added.id, EntryChanges(text=f"Pain again, pain:: 4/10, by {model.model}"))
            scene.tell(vault)
            vault.entries.delete(added.id)
            scene.tell(vault)


def closing(scene: Scene) -> None:
    """Closed and opened again, each time with something in the log that was not forced to the disk."""
    from ingest.observations.pending import read_pending

    for evening in range(5):
        with scene.open() as vault:
            scene.tell(vault)
            vault.entries.add(words(f"Slept again, sleep:: {evening + 1}h.", days=evening))
            scene.tell(vault)
            read_pending(vault.observations)


SEGMENT = Segment(start=0.0, end=1.0, text="Slept well.", confidence=0.5)


def recording(scene: Scene) -> None:
    """Unsaved recordings grow, are saved, are discarded; saved ones are written down and forgotten."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(4):
            running = vault.spools.begin(MORNING)
            scene.tell(vault)
            for piece in range(6):
                running.append(bytes([number, piece]) * (piece * 2_501 + 160))
                scene.tell(vault, lasting=("sounds",))
            vault.spools.note(running.id, [SEGMENT] * (number + 1), 1.0, "whisper")
            scene.tell(vault, lasting=("sounds",))
            if number % 2:
                vault.spools.discard(running.id)
            else:
                draft = words("Spoken.", kind=Kind.VOICE, transcript=Transcript.WAITING)
                entry = vault.recordings.keep_spool(draft, running.id, name="spoken.wav")
            scene.tell(vault)
            vault.recordings.keep(words("", kind=Kind.VOICE), bytes([number]) * 150_000, name="a.wav")
            scene.tell(vault)
        vault.recordings.set_transcript(entry.id, "Heard.", Transcript.TRANSCRIBED, [SEGMENT], "whisper")
        scene.tell(vault)
        vault.recordings.forget_sound(entry.id)
        scene.tell(vault)
        vault.entries.delete(entry.id)
        scene.tell(vault)


def _file(content: bytes) -> AttachmentDraft:
    return AttachmentDraft(name="scan.png", media_type="image/png", content=BytesIO(content))


def attaching(scene: Scene) -> None:
    """Files are put with entries, several at once, and go by themselves or with their entry."""
    with scene.open() as vault:
        scene.tell(vault)
        for number, sizes in enumerate([(0, 70_000), (200_000,), (1, 65_536, 65_537)]):
            entry = vault.entries.add(words(f"With files {number}.")).id
            scene.tell(vault)
            added = vault.attachments.add(entry, [_file(b"x" * size) for size in sizes])
            scene.tell(vault)
            if number == 0:
                vault.attachments.remove(added[0].id)
                scene.tell(vault)
        vault.entries.delete(entry)
        scene.tell(vault)


def removing(scene: Scene) -> None:
    """Entries with files go, come back, and are erased."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(4):
            voice = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound" * 9_000, name="a.wav").id
            scene.tell(vault)
            vault.attachments.add(voice, [_file(b"scan" * 20_000)])
            scene.tell(vault)
            vault.deleted.take_out(voice, kept_for=timedelta(days=30))
            scene.tell(vault)
            if number % 2:
                vault.deleted.restore(voice)
            else:
                vault.deleted.erase([voice])
            scene.tell(vault)


def an_evening(scene: Scene) -> None:
    """Some of everything, for the short form."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.drafts.save("new", "Unsaved words. " * 50)
        scene.tell(vault)
        entry = vault.entries.add(words("Slept badly. " * 500)).id
        scene.tell(vault)
        vault.entries.revise(entry, EntryChanges(text="Slept well."))
        scene.tell(vault)
        drafts = [words(f"Imported {n}.", days=n, source_id=str(n)) for n in range(9)]
        vault.imports.add(drafts, format="jsonl", source="notes.jsonl")
        scene.tell(vault)
        vault.attachments.add(entry, [_file(b"scan" * 20_000)])
        scene.tell(vault)
        running = vault.spools.begin(MORNING)
        scene.tell(vault)
        running.append(b"spoken" * 3_000)
        scene.tell(vault, lasting=("sounds",))
        draft = words("Spoken.", kind=Kind.VOICE, transcript=Transcript.WAITING)
        vault.recordings.keep_spool(draft, running.id, name="spoken.wav")
        scene.tell(vault)
        vault.entries.delete(entry)
        scene.tell(vault)
        vault.backups.make(scene.stick / "one.backup")
        scene.tell(vault)
    with KeyRing.open(scene.folder, scene.secret) as ring:
        ring.add_key_file(KEY_FILE)
    scene.tell_closed()


def _furnish(scene: Scene) -> None:
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(3):
            vault.entries.add(words(f"Before {number}. " * 200, days=number))
            scene.tell(vault)
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound " * 20_000, name="a.wav")
        scene.tell(vault)


def keys(scene: Scene) -> None:
    """What opens the vault is added, changed, removed; then there is a new vault key."""
    _furnish(scene)
    codes = [scene.secret]
    with KeyRing.open(scene.folder, scene.secret) as ring:
        ring.add_key_file(KEY_FILE)
    scene.secret = KEY_FILE
    scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        ring.remove(next(key.id for key in ring.all() if key.kind == KeyKind.PASSPHRASE))
    scene.tell_closed()
    for _ in range(2):
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            added, code = ring.add_recovery_code(label="second")
        scene.tell_closed()
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            ring.remove(added.id)
        scene.refused.append(code)
        scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        passphrase = ring.add_passphrase("a quite different horse, 1851", kdf=CHEAPEST)
    scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        ring.change(passphrase.id, "an even more different horse, 1852", kdf=CHEAPEST)
    scene.tell_closed()
    for _ in range(2):
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            rotated = ring.rotate()
        scene.refused += [code for code in codes if isinstance(code, str)]
        codes = [rotated.recovery_code]
        scene.tell_closed()


def backing_up(scene: Scene) -> None:
    """Backups by name and in a folder of which two are kept, while the diary goes on."""
    _furnish(scene)
    with scene.open() as vault:
        for number in range(3):
            vault.entries.add(words(f"Between backups {number}.", days=number))
            scene.tell(vault)
            vault.backups.make(scene.stick / "one.backup")
            scene.tell(vault)
            vault.backups.make(scene.stick, keep=2)
            scene.tell(vault)


def going_on_from_a_backup(scene: Scene) -> None:
    """A whole backup, and what changed since in two more, while the diary goes on."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound " * 100_000, name="a.wav")
        scene.tell(vault)
        needs = []
        for number in range(3):
            vault.entries.add(words(f"Between backups {number}.", days=number))
            scene.tell(vault)
            needs.append(len(vault.backups.make(scene.stick).needs))
            scene.tell(vault)
    assert needs == [0, 1, 2]
    scene.tell_closed()


def restoring(scene: Scene) -> None:
    """A backup takes the place of the vault, which is moved aside."""
    _furnish(scene)
    with scene.open() as vault:
        vault.backups.make(scene.stick / "one.backup")
        scene.tell(vault)
        vault.entries.add(words("Only in the vault that is moved aside."))
        scene.tell(vault)
    restore(scene.stick / "one.backup", scene.secret, scene.folder, now=MORNING, replace=True)
    scene.tell_closed()


def opening(scene: Scene) -> None:
    """A vault of an earlier version, or one that a cut left, is opened, written to and closed."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.entries.add(words("Written since."))
        scene.tell(vault)


OPENING = "opening"
SESSIONS: dict[str, Callable[[Scene], None]] = {
    "beginning": beginning,
    "writing": writing,
    "a long log": a_long_log,
    "importing": importing,
    "indexing": indexing,
    "closing": closing,
    "recording": recording,
    "attaching": attaching,
    "removing": removing,
    "an evening": an_evening,
    "keys": keys,
    "backing up": backing_up,
    "going on from a backup": going_on_from_a_backup,
    "restoring": restoring,
    OPENING: opening,
    "from version 1": opening,
    "from version 2": opening,
    "from version 3": opening,
}


def main(name: str, root: str, told: str, secret: str, mutation: str = "") -> None:
    """Run one session to its end."""
    handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if mutation:
        MUTATIONS[mutation]()
    file = KeyFile(bytes.fromhex(secret.removeprefix("file:"))) if secret.startswith("file:") else None
    SESSIONS[name](Scene(Path(root), handle, file or secret))


if __name__ == "__main__":
    main(*sys.argv[1:])
