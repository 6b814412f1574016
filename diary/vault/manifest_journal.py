"""The tree with a journal before it: a commit adds one small row, and now and then they go into the nodes.

Bringing a node and those above it up to date at each commit rewrites several pages, each to be encrypted and
authenticated anew. So the leaves that a commit changed are kept in a row of their own, beside the record at
the top; when there are many of them, or when something is erased, all go into the nodes at once, and the rows
go.

Each row begins with a MAC over the MAC before it and the row's own content; before the first comes that of
the record at the top. So rows of another time, or in another order, are not authentic, and the last MAC
stands for all there is. The generation grows with each row. What an old page can still take away are the
last rows: then the entries disagree with what is left, and after a clean closing the anchor does too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

import msgspec

from diary.vault.connection import Database
from diary.vault.manifest_tree import JOURNAL_LEVEL, MAC_BYTES, Agreement, Macs, Root, Tree, authentic_root

Leaves = dict[int, bytes | None]
"""MACs of units by their number; None for a unit that is no more."""

_MOST_UNITS, _MOST_ROWS = 512, 256
_ROWS = f"SELECT position, mac FROM manifest WHERE part = '' AND level = {JOURNAL_LEVEL} ORDER BY position"  # noqa: S608 - constants
_ADD = f"INSERT OR REPLACE INTO manifest(part, level, position, mac) VALUES ('', {JOURNAL_LEVEL}, ?, ?)"  # noqa: S608
_EMPTY = f"DELETE FROM manifest WHERE part = '' AND level = {JOURNAL_LEVEL}"  # noqa: S608


@dataclass(slots=True)
class Head:
    """Where the tree and its journal stand.

    :ivar root: the record at the top. :ivar mac: of the last row, or of the record.
    :ivar leaves: that are in the journal, of each part. :ivar rows: of the journal.
    """

    root: Root
    mac: bytes
    leaves: dict[str, Leaves] = field(default_factory=dict)
    rows: int = 0

    @property
    def generation(self) -> int:
        """Grows at each change."""
        return self.root.generation + self.rows

    def news(self, changes: Mapping[str, Leaves]) -> dict[str, Leaves]:
        """Those of the changes that the journal does not say already."""
        new: dict[str, Leaves] = {}
        for part, leaves in changes.items():
            said = self.leaves.get(part, {})
            other = {unit: mac for unit, mac in leaves.items() if unit not in said or said[unit] != mac}
            if other:
                new[part] = other
        return new

    def take(self, new: Mapping[str, Leaves]) -> None:
        """Add to the leaves."""
        for part, leaves in new.items():
            self.leaves.setdefault(part, {}).update(leaves)


class JournalledTree:
    """The tree that is stored in the table `manifest`. What writes is called inside a transaction.

    The head is kept in memory, since one process has the vault; `forget` after a rollback.
    """

    def __init__(self, database: Database, macs: Macs) -> None:
        self._database = database
        self._macs = macs
        self._tree = Tree(database, macs)
        self._head: Head | None = None

    def head(self) -> Head | None:
        """Where it stands; None when there is none that is authentic."""
        if self._head is None:
            self._head = self._read()
        return self._head

    def forget(self) -> None:
        """What is in memory was rolled back."""
        self._head = None

    def is_begun(self) -> bool:
        """Whether there is a record at the top, authentic or not."""
        return self._tree.is_begun()

    def change(self, changes: Mapping[str, Leaves], gone: Sequence[str] = ()) -> None:
        """Set the leaves of units, part by part. A tree that is not authentic is left alone.

        :param gone: parts to be taken away whole.
        """
        head = self.head()
        if head is None:
            return
        new = head.news(changes)
        units = sum(map(len, new.values()))
        if gone or units > _MOST_UNITS:
            self._fold(head, new, gone)
        elif new:
            self._add(head, new)
            if head.rows >= _MOST_ROWS or sum(map(len, head.leaves.values())) > _MOST_UNITS:
                self._fold(head, {})

    def settle(self) -> None:
        """Put all that is in the journal into the nodes: leaves of what was erased must not stay there."""
        head = self.head()
        if head is not None and head.rows:
            self._fold(head, {})

    def clear(self) -> None:
        """Take all nodes away; the generation goes on, or begins."""
        head = self.head()
        self._tree.clear(generation=head.generation + 1 if head else 0)
        self._head = None

    def leaves(self, part: str, first: int, last: int) -> dict[int, bytes]:
        """The leaves of units from `first` to `last`, both included."""
        found = self._tree.leaves(part, first, last)
        for unit, mac in self._journalled(part).items():
            if first <= unit <= last:
                if mac is None:
                    found.pop(unit, None)
                else:
                    found[unit] = mac
        return found

    def next_unit(self, part: str, after: int) -> int | None:
        """A number not above that of the next unit that has a leaf; None when none follows."""
        units = [unit for unit, mac in self._journalled(part).items() if unit > after and mac is not None]
        in_nodes = self._tree.next_unit(part, after)
        return min(units if in_nodes is None else [*units, in_nodes], default=None)

    def runs(self, part: str) -> Iterator[dict[int, bytes]]:
        """All leaves of a part, some at a time and in order; the journal is settled."""
        return self._tree.runs(part)

    def agreement(self) -> Agreement:
        """Whether every node is what the one above it says, and every row of the journal follows the one
        before; reads them anew, and no rows of the other tables.
        """
        head = self._read()
        if head is None:
            return Agreement(None)
        found = self._tree.agreement(head.root)
        for part, leaves in head.leaves.items():
            for unit, mac in leaves.items():
                found.units[part] += (mac is not None) - found.has(part, unit)
        return found

    def _journalled(self, part: str) -> Leaves:
        head = self.head()
        return {} if head is None else head.leaves.get(part, {})

    def _read(self) -> Head | None:
        kept = self._tree.root()
        if kept is None:
            return None
        head = Head(*kept)
        for position, stored in self._database.rows(_ROWS):
            if not isinstance(stored, bytes):
                return None
            content = stored[MAC_BYTES:]
            mac = self._macs.journal(head.mac, content)
            if position != head.rows or not compare_digest(stored[:MAC_BYTES], mac):
                return None
            head.take(msgspec.msgpack.decode(content, type=dict[str, Leaves]))
            head.mac, head.rows = mac, head.rows + 1
        return head

    def _add(self, head: Head, new: dict[str, Leaves]) -> None:
        content = msgspec.msgpack.encode(new)
        mac = self._macs.journal(head.mac, content)
        self._database.run(_ADD, (head.rows, mac + content))
        head.take(new)
        head.mac, head.rows = mac, head.rows + 1

    def _fold(self, head: Head, new: dict[str, Leaves], gone: Sequence[str] = ()) -> None:
        head.take(new)
        self._database.run(_EMPTY)
        leaves = {part: found for part, found in head.leaves.items() if part not in gone}
        root = self._tree.change(head.root, head.generation + 1, leaves, gone)
        self._head = Head(*root)


def journalled(stored: bytes) -> dict[str, Leaves]:
    """What a row of the journal says, without asking whether it is authentic; nothing, of other bytes."""
    try:
        return msgspec.msgpack.decode(stored[MAC_BYTES:], type=dict[str, Leaves])
    except msgspec.DecodeError:
        return {}


def journal_after(top: bytes, rows: Mapping[int, Sequence[bytes]], macs: Macs) -> Head | None:
    """Where a tree with this record at the top stands, by the rows that follow from it; None when the record
    is not authentic. For what was read page by page, without a database.

    :param rows: by position; several where pages disagree.
    """
    kept = authentic_root(top, macs)
    if kept is None:
        return None
    head = Head(*kept)
    while True:
        following = (
            row
            for row in rows.get(head.rows, ())
            if compare_digest(row[:MAC_BYTES], macs.journal(head.mac, row[MAC_BYTES:]))
        )
        row = next(following, None)
        if row is None:
            return head
        head.take(journalled(row))
        head.mac, head.rows = row[:MAC_BYTES], head.rows + 1
