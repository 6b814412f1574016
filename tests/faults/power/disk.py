"""What may be on a disk after the power was cut at a given moment of a log of operations.

The model
- A file's bytes are certain up to its last fsync or fdatasync that returned. Each write since then is, by
  itself and in any order, kept, dropped or torn: some first sectors of it arrived, or any sectors of it. A
  sector has 512 bytes and arrives whole or not at all, but for one of a torn write, which may hold any bytes.
  What stands beside the bytes of a write is never touched by it.
- A file's length is that after any prefix of the operations since the last sync, whatever became of their
  bytes. What lies within it and did not arrive reads as zeros; what arrived beyond it is gone. Shortening a
  file is metadata too: one within that prefix cuts off what was written before, one beyond it has not
  happened yet, and what was written after may be there all the same.
- A folder's names are certain up to its last fsync. Of the changes since, the first ones have happened, as
  on filesystems with a journal; or any of them, as on others. Each folder has its own, so folders, and names
  and bytes, are in any order among each other. A rename is one change and happens whole or not at all. A new
  file is not certain to have its name because it was synced itself, though most filesystems are so kind.
- A name may lead to a file whose bytes never arrived, and a file without a name yet is written to as any
  other.
- The index beside a log (`…-shm`) is shared memory, never forced anywhere: it holds whatever.

Sources: T. S. Pillai et al., "All File Systems Are Not Created Equal: On the Complexity of Crafting
Crash-Consistent Applications" (OSDI 2014), whose tool ALICE cuts a trace of system calls into such pieces and
puts them together in the orders that filesystems may; SQLite, "Atomic Commit In SQLite" and "Write-Ahead
Logging", for what a database assumes of a disk: a sync that tells the truth, and a powersafe overwrite, which
changes no byte beside those that are written.

What it does not model: a sync that lies (drives and USB sticks do); sectors that are spoilt though nobody
wrote to them, or written to a wrong place; a rename that leaves neither name or both; renames between
folders, which the vault does not do and which are refused here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR = 512
ROOT = 0


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes at a place of a file."""

    file: int
    place: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sized:
    """A file was cut off, or filled up with zeros."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A file or folder was forced to the disk, and the call returned."""

    node: int


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a folder leads to this file or folder: new, a second name, or in the place of another."""

    folder: int
    name: str
    node: int
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A name is gone."""

    folder: int
    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name became another in the same folder, in the place of what had it."""

    folder: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """The process told something to the world; whatever it acknowledged with it has to hold from now on."""

    what: Any


Operation = Wrote | Sized | Synced | Named | Unnamed | Renamed | Told
Names = dict[str, int]


@dataclass
class File:
    """:ivar synced: its bytes as they certainly are. :ivar since: what was done to them after that."""

    synced: bytes = b""
    since: list[Wrote | Sized] = field(default_factory=list)

    def shown(self) -> bytes:
        """The bytes as the operating system gives them."""
        return _result(self.synced, self.since)

    def sync(self) -> None:
        """What was done is certain."""
        self.synced, self.since = self.shown(), []

    def found(self, dice: random.Random, fate: Fate) -> bytes:
        """The bytes of one of the files that may be found."""
        if not self.since:
            return self.synced
        happened = fate.prefix(len(self.since), dice)
        found = bytearray(self.synced)
        size = len(found)
        for number, one in enumerate(self.since):
            if isinstance(one, Sized):
                if number < happened:
                    del found[one.size :]
                    size = one.size
                continue
            for start, content in fate.arrived(one, dice):
                _put(found, one.place + start, content)
            if number < happened:
                size = max(size, one.place + len(one.content))
        del found[size:]
        return bytes(found.ljust(size, b"\0"))


@dataclass
class Folder:
    """:ivar synced: its names as they certainly are. :ivar since: changes after the last sync."""

    synced: Names = field(default_factory=dict)
    since: list[Named | Unnamed | Renamed] = field(default_factory=list)

    def shown(self) -> Names:
        """The names as the operating system gives them."""
        return self._after(self.since)

    def sync(self) -> None:
        """What was done is certain."""
        self.synced, self.since = self.shown(), []

    def found(self, dice: random.Random, fate: Fate) -> Names:
        """The names of one of the folders that may be found."""
        if dice.random() < fate.overtaken:
            return self._after([one for one in self.since if dice.random() < 0.5])
        return self._after(self.since[: fate.prefix(len(self.since), dice)])

    def _after(self, changes: list[Named | Unnamed | Renamed]) -> Names:
        names = dict(self.synced)
        for change in changes:
            if isinstance(change, Named):
                names[change.name] = change.node
            elif isinstance(change, Unnamed):
                names.pop(change.name, None)
            elif change.old in names:
                names[change.new] = names.pop(change.old)
        return names


@dataclass(frozen=True, slots=True)
class Fate:
    """How likely what was not synced is to have arrived, in one image. None at all, all, and everything
    between.

    :ivar kept: of a write, whole. :ivar torn: of one that is not kept whole, in part. :ivar spoilt: of such
        one, to have a sector of any bytes. :ivar names: of a file's length and a folder's names, all of the
        changes; else any prefix. :ivar overtaken: of a folder's changes, to have happened in any order.
    """

    kept: float
    torn: float
    spoilt: float
    names: float
    overtaken: float

    @classmethod
    def thrown(cls, dice: random.Random, *, spoilt: bool = True, overtaken: bool = True) -> Fate:
        """One that the dice choose. Extremes are the likeliest to show a sync that is missing."""
        return cls(
            kept=dice.choice([0.0, 0.0, 0.1, 0.5, 0.9, 1.0]),
            torn=dice.choice([0.0, 0.5, 1.0]),
            spoilt=dice.choice([0.0, 0.2]) * spoilt,
            names=dice.choice([0.0, 0.0, 0.5, 1.0]),
            overtaken=dice.choice([0.0, 0.0, 1.0]) * overtaken,
        )

    def prefix(self, changes: int, dice: random.Random) -> int:
        """How many of so many changes have happened."""
        if dice.random() < self.names:
            return changes
        return dice.choice([0, dice.randint(0, changes)])

    def arrived(self, one: Wrote, dice: random.Random) -> Iterator[tuple[int, bytes]]:
        """Which bytes of a write arrived, each stretch with its place within the write."""
        if dice.random() < self.kept:
            yield 0, one.content
        elif dice.random() < self.torn:
            sectors = list(_sectors(one))
            if dice.random() < 0.5:
                there = sectors[: dice.randint(0, len(sectors))]
            else:
                there = [sector for sector in sectors if dice.random() < 0.5]
            yield from ((start, one.content[start:end]) for start, end in there)
            if sectors and dice.random() < self.spoilt:
                start, end = dice.choice(sectors)
                yield start, dice.randbytes(end - start)


class Disk:
    """The disk below one folder, while operations happen to it.

    :param initial: a folder whose present content is certain.
    """

    def __init__(self, initial: Path) -> None:
        self.files: dict[int, File] = {}
        self.folders: dict[int, Folder] = {ROOT: Folder()}
        self._take_in(initial, ROOT)
        self._next = len(self.files) + len(self.folders)

    def new_node(self) -> int:
        """A number that no file or folder has."""
        self._next += 1
        return self._next

    def apply(self, one: Operation) -> None:
        """Let one operation happen."""
        if isinstance(one, Wrote | Sized):
            self.files[one.file].since.append(one)
        elif isinstance(one, Synced):
            (self.files.get(one.node) or self.folders[one.node]).sync()
        elif isinstance(one, Named | Unnamed | Renamed):
            if isinstance(one, Named):
                if one.is_folder:
                    self.folders.setdefault(one.node, Folder())
                else:
                    self.files.setdefault(one.node, File())
            self.folders[one.folder].since.append(one)

    def write_found(self, target: Path, dice: random.Random, fate: Fate) -> None:
        """Write one of the folders that may be found after a cut at this moment.

        :param target: must not be there.
        """
        self._write(ROOT, target, dice, fate, {})

    def shown(self) -> Mapping[str, bytes | None]:
        """Every file by its path, as the operating system gives it; a folder is None."""
        return dict(self._shown(ROOT, ""))

    def _shown(self, folder: int, prefix: str) -> Iterator[tuple[str, bytes | None]]:
        for name, node in self.folders[folder].shown().items():
            if node in self.folders:
                yield prefix + name, None
                yield from self._shown(node, f"{prefix}{name}/")
            else:
                yield prefix + name, self.files[node].shown()

    def _take_in(self, path: Path, folder: int) -> None:
        for child in sorted(path.iterdir()):
            node = len(self.files) + len(self.folders)
            self.folders[folder].synced[child.name] = node
            if child.is_dir():
                self.folders[node] = Folder()
                self._take_in(child, node)
            else:
                self.files[node] = File(child.read_bytes())

    def _write(
        self, folder: int, target: Path, dice: random.Random, fate: Fate, thrown: dict[int, bytes]
    ) -> None:
        target.mkdir(mode=0o700)  # as a vault's folder is
        for name, node in sorted(self.folders[folder].found(dice, fate).items()):
            if node in self.folders:
                self._write(node, target / name, dice, fate, thrown)
                continue
            if node not in thrown:  # a file with two names has one content
                file = self.files[node]
                shared = name.endswith("-shm")
                thrown[node] = dice.randbytes(len(file.shown())) if shared else file.found(dice, fate)
            (target / name).write_bytes(thrown[node])


def _result(synced: bytes, since: list[Wrote | Sized]) -> bytes:
    if not since:
        return synced
    content = bytearray(synced)
    for one in since:
        if isinstance(one, Wrote):
            _put(content, one.place, one.content)
        else:
            del content[one.size :]
            content.extend(bytes(one.size - len(content)))
    return bytes(content)


def _put(content: bytearray, place: int, piece: bytes) -> None:
    if place > len(content):
        content.extend(bytes(place - len(content)))
    content[place : place + len(piece)] = piece


def _sectors(one: Wrote) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(one.content):
        end = min(len(one.content), start + SECTOR - (one.place + start) % SECTOR)
        yield start, end
        start = end
