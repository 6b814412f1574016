"""Kill -9 again and again, at any moment of an operation, and see what is there afterwards.

An operation is rehearsed first: how long it takes, how many changes of the disk it makes, and what the world
looks like after none of its steps, after the first, after the second. Then it is killed, each time in a fresh
copy of the same world: every other time at a moment that is drawn from its length, else before, after or in
the middle of one of its changes. Afterwards the world looks as after the last acknowledged step, or as after
the next one: nothing that was acknowledged is lost, nothing is torn, and nothing else has changed. Looking is
opening the vault and checking all of it, with no file left that belongs to nothing (`worlds`, `pictures`).

Every fourth time the opening that follows is killed, too, before the last look; and every fifth time the
operation is done again to its end, so that nothing a kill leaves is in the way of anything.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diary.vault.rotation import DATABASE
from tests.faults.children import END, FAILED, READY, STEP, perform
from tests.faults.faulty_disk import Action, FaultyDisk
from tests.faults.operations import OPERATIONS
from tests.faults.pictures import Picture
from tests.faults.worlds import Operation, World

SEED = 20261121
QUARTERS = 4
_PATIENCE = 60.0  # seconds; a process that says nothing for so long hangs
_CHANGES_OF_OPENING = 30  # or some more
OPENING = "opening after a kill"
Told = tuple[str, Any]
_KILLS = (Action.KILL_BEFORE, Action.KILL_HALFWAY, Action.KILL_AFTER)


@dataclass
class Tally:
    """Where the kills of one operation fell.

    :ivar seconds: how long the operation takes. :ivar changes: of the disk, in it.
    :ivar fell: kills by the part of these changes that had begun: none, each quarter, all.
    :ivar amid: kills between the beginning of the operation and its last acknowledgement.
    :ivar halfway: those with a write cut in two. :ivar ahead: those whose step had lasted, unacknowledged.
    :ivar again: openings that were killed afterwards.
    """

    name: str
    seconds: float = 0
    changes: int = 0
    kills: int = 0
    amid: int = 0
    halfway: int = 0
    ahead: int = 0
    again: int = 0
    fell: Counter[int] = field(default_factory=Counter)
    acknowledged: int = 0

    def row(self) -> str:
        """For the table."""
        fell = " ".join(f"{self.fell[part]:5}" for part in range(QUARTERS + 2))
        return (
            f"{self.name:22} {self.kills:5} {self.amid:5}  {fell}  {self.halfway:5} {self.ahead:5} "
            f"{self.again:5} {self.acknowledged:6} {self.changes:6} {self.seconds * 1000:7.0f}"
        )


HEADING = (
    f"{'operation':22} {'kills':>5} {'amid':>5}  {'before':>5} {'1st q':>5} {'2nd q':>5} {'3rd q':>5} "
    f"{'4th q':>4} {'done':>5}  {'torn':>5} {'ahead':>5} {'again':>5} {'acked':>6} {'change':>6} {'ms':>7}"
)


class Templates:
    """Furnished worlds, each made once. :param root: a folder for them and for one copy."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: dict[Callable[[World], str], tuple[Path, str]] = {}

    def of(self, operation: Operation) -> tuple[Path, str]:
        """The folder of one, and the recovery code."""
        if operation.furnish not in self._made:
            folder = self._root / f"kept-{len(self._made)}"
            folder.mkdir(parents=True)
            code = operation.furnish(World(folder / "vault", folder / "stick"))
            self._made[operation.furnish] = folder, code
        return self._made[operation.furnish]


class Killer:
    """Kills one operation in copies of one world.

    :param root: a folder for the copy that is worked on.
    """

    def __init__(
        self, disk: FaultyDisk, operation: Operation, root: Path, templates: Templates, dice: random.Random
    ) -> None:
        self._disk, self._operation, self._dice = disk, operation, dice
        self._root = root / "now"
        self._kept, code = templates.of(operation)
        self._world = World(self._root / "vault", self._root / "stick", code, operation.secret)
        self._pictures: dict[int, Picture] = {}
        self.tally = Tally(operation.name)
        self._length = 0.0

    def rehearse(self, times: int) -> None:
        """See how long it takes, and what it writes."""
        seconds = []
        for _ in range(times):
            seconds.append(self._rehearsed(None)[-1][1])
            self.tally.changes = self._disk.seen
        self.tally.seconds = self._length = sorted(seconds)[times // 2]

    def picture_after(self, step: int) -> Picture:
        """What the world looks like after so many steps and no kill; after all, when there are fewer."""
        if step not in self._pictures:
            self._rehearsed(step)
            self._pictures[step] = self._operation.picture(self._world)
        return self._pictures[step]

    def kill(self, number: int, *, look: Callable[[World], None] = lambda _: None) -> None:
        """One kill, and what is there afterwards. :param look: at the world, before anything is opened."""
        told = self._killed(number)
        self._note(told)
        where = self._disk.last
        look(self._world)
        if number % 4 == 3:
            self._kill_the_opening()
        done = sum(what == STEP for what, _ in told)
        found = self._operation.picture(self._world)
        if number % 5 == 4:
            for _ in self._operation.act(self._world):
                pass
            self._operation.picture(self._world)
        allowed = [self.picture_after(done), self.picture_after(done + 1)]
        assert found in allowed, (number, done, where, _differences(found, allowed))
        self.tally.ahead += found != allowed[0]

    # Inside

    def _afresh(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        shutil.copytree(self._kept, self._root)

    def _rehearsed(self, steps: int | None) -> list[Told]:
        """What the operation tells, up to so many steps, after which its process ends."""
        self._afresh()
        child = Child(self._disk, self._operation.name, self._world, steps)
        self._disk.arm(self._root)
        child.go()
        child.hear_until(END)
        return child.killed()

    def _killed(self, number: int) -> list[Told]:
        self._afresh()
        child = Child(self._disk, self._operation.name, self._world, None)
        if number % 2:
            self._disk.arm(self._root)
            child.go()
            time.sleep(self._dice.uniform(0, self._length))
        else:
            change = self._dice.randint(1, self.tally.changes)
            self._disk.arm(self._root, self._dice.choice(_KILLS), at=change)
            child.go()
            child.hear_until(END)
        return child.killed()

    def _note(self, told: list[Told]) -> None:
        tally, ended = self.tally, told[-1][0] == END
        part = -(-self._disk.seen * QUARTERS // max(tally.changes, 1))  # rounded up: a change has begun
        tally.fell[QUARTERS + 1 if ended else min(part, QUARTERS)] += 1
        tally.kills += 1
        tally.amid += not ended
        self._length *= 0.9 if ended else 1.02  # one in six ends before it is killed, whatever the load
        tally.acknowledged += sum(what == STEP for what, _ in told)
        tally.halfway += self._disk.torn

    def _kill_the_opening(self) -> None:
        """Open it once more, killed before one of the first changes that makes."""
        if not (self._world.vault / DATABASE).exists():
            return
        self._disk.arm(self._root, Action.KILL_BEFORE, at=self._dice.randint(1, _CHANGES_OF_OPENING))
        child = Child(self._disk, OPENING, self._world, None)
        child.go()
        child.hear_until(END)
        child.killed()
        self.tally.again += 1


def killed(disk: FaultyDisk, name: str, root: Path, templates: Templates, *, times: int) -> Tally:
    """Kill one operation so many times; always the same kills, but for the clock's part in them."""
    killer = Killer(disk, OPERATIONS[name], root, templates, random.Random(f"{SEED} {name}"))
    killer.rehearse(1 if times < 10 else 3)
    for number in range(times):
        killer.kill(number)
    return killer.tally


class Child:
    """A process that performs an operation; it is ready."""

    def __init__(self, disk: FaultyDisk, name: str, world: World, steps: int | None) -> None:
        self._disk = disk
        self._process, self._hear, self._say = disk.start(perform, name, world, steps)
        self._told: list[Told] = []
        self.hear_until(READY)

    def go(self) -> None:
        """Let it begin."""
        with suppress(BrokenPipeError):  # killed before
            self._say.send("go")

    def hear_until(self, word: str) -> None:
        """Wait until it says so, or is dead."""
        while self._hear_one(_PATIENCE) and self._told[-1][0] not in (word, FAILED):
            pass

    def killed(self) -> list[Told]:
        """All that it told, once it is dead."""
        self._process.kill()
        while self._hear_one(_PATIENCE):
            pass
        self._process.join()
        self._disk.rest()
        self._hear.close()
        self._say.close()
        assert self._told, "it died before it was ready"
        assert self._told[-1][0] != FAILED, self._told[-1][1]
        assert self._process.exitcode == -9, self._process.exitcode
        return self._told

    def _hear_one(self, patience: float) -> bool:
        try:
            assert self._hear.poll(patience), "it hangs"
            self._told.append(self._hear.recv())
        except (EOFError, OSError):
            return False
        return True


def _differences(found: Picture, allowed: list[Picture]) -> list[str]:
    """What is otherwise than in each of them, by the name of its part; for the message of a failure."""
    return [
        f"{number}: {part}: {str(found.get(part))[:1500]} not {str(one.get(part))[:1500]}"
        for number, one in enumerate(allowed)
        for part in sorted({*found, *one})
        if found.get(part) != one.get(part)
    ]
