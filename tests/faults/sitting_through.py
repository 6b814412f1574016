"""An hour of use on a disk that refuses: rehearsed once, then again from the sitting in which the n-th change
of the disk falls, with that change refused.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from diary.vault.backups.restoring import drill
from diary.vault.vault import Vault
from tests.faults.faulty_disk import Action, FaultyDisk
from tests.faults.hour import SITTINGS, fill_up_and_delete, read_and_delete, sit
from tests.faults.hour_facts import Facts, Refusal, facts_of, require_facts
from tests.faults.operations_on_vaults import with_key_file
from tests.faults.pictures import require_tidy
from tests.faults.worlds import FILE, World
from tests.unit.vault.fresh import words

_REASSURING = re.compile(
    r"saved before is (safe|kept)|[Nn]othing was (changed|begun|written|attached|done)|are as they were"
    r"|What is there can be read"
)
_PATIENCE = 60.0
_TIMES_FULL = 4
Ended = tuple[Facts, list[Refusal]]


@dataclass(frozen=True)
class Sitting:
    """One of the hour, as it is without faults.

    :ivar before: the world at its beginning. :ivar facts: what is true then. :ivar changes: of the disk.
    """

    number: int
    before: Path
    facts: Facts
    changes: int


@dataclass
class Tally:
    """What was seen at all positions.

    :ivar refusing: positions at which something was refused. :ivar told: refusals by their first words.
    """

    positions: int = 0
    refusing: int = 0
    told: Counter[str] = field(default_factory=Counter)


class SittingThrough:
    """The hour, again and again. :param root: an empty folder."""

    def __init__(self, disk: FaultyDisk, root: Path) -> None:
        self._disk, self._root = disk, root
        self._now = root / "now"
        self._world = World(self._now / "vault", self._now / "stick", secret=FILE)
        self.sittings: list[Sitting] = []
        self.tally = Tally()

    def rehearse(self) -> None:
        """The hour without a fault: what each sitting begins with, and how often it changes the disk."""
        (self._root / "home").mkdir()
        (self._root / "home/key").write_bytes(FILE.content)
        self._world.stick.mkdir(parents=True)
        self._world = replace(self._world, code=with_key_file(self._world))
        with self._world.opened() as vault:
            facts = facts_of(vault) | {("code", self._world.code): True}
        for number in range(len(SITTINGS)):
            before = Path(shutil.copytree(self._now, self._root / f"before-{number}"))
            self._disk.arm(self._now)
            ended, refusals = self._process(sit, number, facts)
            assert refusals == []
            self.sittings.append(Sitting(number, before, facts, self._disk.seen))
            self._disk.rest()
            facts = ended
        self._require(facts)

    def positions(self) -> list[tuple[Sitting, int]]:
        """Every change of the disk in the hour."""
        return [(sitting, at) for sitting in self.sittings for at in range(1, sitting.changes + 1)]

    def full_from(self, sitting: Sitting, at: int) -> None:
        """The disk is full from this change on: all can be read, an entry deleted. Then there is room."""
        facts, _ = self._sat(sitting, Action.FILL, at)
        facts, refusals = self._process(read_and_delete, facts)
        self._note(refusals)
        self._room_again(facts)

    def full_from_the_start(self) -> None:
        """The disk is full, and words are written until they are refused; deleting works again and again."""
        sitting = self.sittings[-1]
        facts, _ = self._sat(sitting, Action.FILL, 1)
        facts, refusals = self._process(fill_up_and_delete, facts)
        assert len(refusals) == _TIMES_FULL
        self._note(refusals)
        self._room_again(facts)

    def refused_once(self, sitting: Sitting, at: int, error: int) -> None:
        """One change is refused, and the disk is well again."""
        self._room_again(*self._sat(sitting, Action.FAIL_ONCE, at, error))

    def refused_from(self, sitting: Sitting, at: int, error: int) -> None:
        """From this change on every one is refused; then the disk is well again."""
        self._room_again(*self._sat(sitting, Action.FAIL_FROM, at, error))

    # Inside

    def _sat(self, sitting: Sitting, action: Action, at: int, error: int = 0) -> Ended:
        shutil.rmtree(self._now)
        shutil.copytree(sitting.before, self._now)
        self._disk.arm(self._now, action, at=at, error=error)
        facts, refusals = self._process(sit, sitting.number, sitting.facts)
        self._note(refusals)
        self.tally.positions += 1
        self.tally.refusing += bool(refusals)
        return facts, refusals

    def _note(self, refusals: list[Refusal]) -> None:
        for refusal in refusals:
            assert _REASSURING.search(refusal.sentence), refusal
            self.tally.told[refusal.sentence.split(",")[0].split(".")[0][:70]] += 1

    def _room_again(self, facts: Facts, unsure: Sequence[Refusal] = ()) -> None:
        self._disk.rest()
        self._require(facts, unsure, then=_write)

    def _require(
        self, facts: Facts, unsure: Sequence[Refusal] = (), *, then: Callable[[Vault], None] = lambda _: None
    ) -> None:
        """These facts and no others; whole, and nothing lies about. :param then: done at last."""
        for name in [name for what, name in facts if what == "backup"]:
            assert drill(self._world.stick / name, FILE, scratch=self._root).contents.entries
        (code,) = (name for what, name in facts if what == "code")
        for secret in (code, FILE):  # what is swept at the opening, and what is true after it
            with self._world.opened(secret) as vault:
                require_tidy(vault)
                found = vault.check()
                assert found == [], found
                require_facts(vault, facts, unsure=unsure)
                if secret is FILE:
                    then(vault)

    def _process(self, act: Callable[..., None], *given: Any) -> Ended:
        arguments = (*given[:-1], self._world, given[-1])
        process, hear, say = self._disk.start(act, *arguments)
        say.send("go")
        assert hear.poll(_PATIENCE), "it hangs"
        ended: Ended | str = hear.recv()
        process.kill()
        process.join()
        hear.close()
        say.close()
        assert not isinstance(ended, str), ended
        return ended


def _write(vault: Vault) -> None:
    kept = vault.entries.add(words("There is room again."))
    assert vault.entries.get(kept.id) == kept
