"""The keyed hash tree of the manifest: nodes, and how a change climbs to the root.

A leaf is a MAC over one unit of a part (`manifest_parts`), numbered from 0. 64 leaves with neighbouring
numbers are held by one node of level 0, and 64 of those nodes by one of level 1; the root record names every
node of level 1 of every part, with its MAC, and the generation, which grows at each change: of 100,000 units
the root names 25 nodes, in half a kilobyte. A change comes here with many others (`manifest_journal`).

A node is stored as a bitmap of 8 bytes that tells which of its 64 places are taken, then 16 bytes for each of
those. Its MAC is not stored with it but in its parent: an old page put back disagrees with the page above.

MACs are keyed BLAKE2b (RFC 7693) of 128 bits; leaves, nodes, the root and the journal are personalised apart,
and name their part, level and number: none stands for another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from hmac import compare_digest

import msgspec

from diary.vault.connection import Database

MAC_BYTES = 16
FAN_OUT = 64
_BITMAP_BYTES = FAN_OUT // 8
_TOP = 1  # the level whose nodes the root names: each spans 64² units
ROOT_LEVEL = _TOP + 1
JOURNAL_LEVEL = ROOT_LEVEL + 1
"""Of the rows that belong to no part, those of the journal."""

Slots = dict[int, bytes]

# An old page may be one of another table, whose rows are read as if they were of this one.
_READ = "SELECT mac FROM manifest WHERE part = ? AND level = ? AND position = ? AND typeof(mac) = 'blob'"
_WRITE = (
    "INSERT INTO manifest(part, level, position, mac) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET mac = excluded.mac"
)
_ALL = "SELECT part, level, position, mac FROM manifest WHERE part != ''"
_NODES_AT_ONCE = 64
_DELETE = "DELETE FROM manifest WHERE part = ? AND level = ? AND position = ?"


class Root(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What stands at the top.

    :ivar generation: one more at each change.
    :ivar tops: of each part, the nodes of level 1 by their position, and the MAC of each.
    """

    generation: int
    tops: dict[str, dict[int, bytes]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a tree agrees with itself.

    :ivar root: the record at the top, or None when there is none that is authentic.
    :ivar units: leaves of each part.
    :ivar broken: parts of which a node does not agree with the one above it.
    :ivar taken: the bitmap of each node of level 0, by its part and position.
    """

    root: Root | None
    units: Counter[str] = field(default_factory=Counter)
    broken: frozenset[str] = frozenset()
    taken: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def has(self, part: str, unit: int) -> bool:
        """Whether a node has a leaf of this unit."""
        bitmap = int.from_bytes(self.taken.get((part, unit // FAN_OUT), b""), "little")
        return bool(bitmap >> unit % FAN_OUT & 1)


def encode_slots(slots: Slots) -> bytes:
    """The bytes of a node."""
    bitmap = sum(1 << slot for slot in slots)
    return bitmap.to_bytes(_BITMAP_BYTES, "little") + b"".join(slots[slot] for slot in sorted(slots))


def decode_slots(content: bytes) -> Slots:
    """The MACs in a node by their place; of bytes that are no node, those that can be read."""
    bitmap = int.from_bytes(content[:_BITMAP_BYTES], "little")
    taken = [slot for slot in range(FAN_OUT) if bitmap >> slot & 1]
    places = range(_BITMAP_BYTES, len(content) - MAC_BYTES + 1, MAC_BYTES)
    return {slot: content[place : place + MAC_BYTES] for slot, place in zip(taken, places, strict=False)}


class Macs:
    """The keyed functions of a tree; they need no database.

    :param key: 32 bytes, for this purpose alone.
    """

    def __init__(self, key: bytes | bytearray) -> None:
        self._leaf = blake2b(key=key, digest_size=MAC_BYTES, person=b"diary leaf")
        self._node = blake2b(key=key, digest_size=MAC_BYTES, person=b"diary node")
        self._root = blake2b(key=key, digest_size=MAC_BYTES, person=b"diary root")
        self._journal = blake2b(key=key, digest_size=MAC_BYTES, person=b"diary journal")

    def leaf(self, part: str, unit: int, content: bytes) -> bytes:
        """Of one unit."""
        mac = self._leaf.copy()
        mac.update(msgspec.msgpack.encode((part, unit)) + content)
        return mac.digest()

    def node(self, part: str, level: int, position: int, content: bytes) -> bytes:
        """Of one node's bytes."""
        mac = self._node.copy()
        mac.update(msgspec.msgpack.encode((part, level, position)) + content)
        return mac.digest()

    def root(self, content: bytes) -> bytes:
        """Of the record at the top."""
        mac = self._root.copy()
        mac.update(content)
        return mac.digest()

    def journal(self, before: bytes, content: bytes) -> bytes:
        """Of one row of the journal, that follows what has the MAC `before`."""
        mac = self._journal.copy()
        mac.update(before + content)
        return mac.digest()


class Tree:
    """The tree that is stored in the table `manifest`. What writes is called inside a transaction."""

    def __init__(self, database: Database, macs: Macs) -> None:
        self._database = database
        self._macs = macs

    def root(self) -> tuple[Root, bytes] | None:
        """The record at the top and its MAC; None when there is none, or one that is not authentic."""
        content = self._read("", ROOT_LEVEL, 0)
        return None if content is None else authentic_root(content, self._macs)

    def is_begun(self) -> bool:
        """Whether there is a record at the top, authentic or not."""
        return self._read("", ROOT_LEVEL, 0) is not None

    def change(
        self,
        root: Root,
        generation: int,
        changes: Mapping[str, Mapping[int, bytes | None]],
        gone: Sequence[str] = (),
    ) -> tuple[Root, bytes]:
        """Set the leaves of units, part by part, None for a unit that is no more; the new record at the top
        and its MAC.

        :param root: the record there is. :param gone: parts to be taken away whole.
        """
        tops = {part: dict(top) for part, top in root.tops.items() if part not in gone}
        for part, leaves in changes.items():
            climbing = leaves
            for level in range(_TOP + 1):
                climbing = self._set(part, level, climbing)
            for position, mac in climbing.items():
                _put(tops.setdefault(part, {}), position, mac)
        for part in gone:
            self._database.run("DELETE FROM manifest WHERE part = ?", (part,))
        return self._write_root(Root(generation, {part: top for part, top in tops.items() if top}))

    def clear(self, *, generation: int) -> None:
        """Take all nodes away."""
        self._database.run("DELETE FROM manifest")
        self._write_root(Root(generation, {}))

    def leaves(self, part: str, first: int, last: int) -> dict[int, bytes]:
        """The leaves of units from `first` to `last`, both included."""
        rows = self._database.rows(
            "SELECT position, mac FROM manifest WHERE part = ? AND level = 0 "
            "AND position BETWEEN ? AND ? AND typeof(mac) = 'blob'",
            (part, first // FAN_OUT, last // FAN_OUT),
        )
        return {
            unit: mac
            for position, content in rows
            for slot, mac in decode_slots(content).items()
            if first <= (unit := position * FAN_OUT + slot) <= last
        }

    def next_unit(self, part: str, after: int) -> int | None:
        """A number not above that of the next unit that has a leaf; None when none follows."""
        row = self._database.row(
            "SELECT min(position) FROM manifest WHERE part = ? AND level = 0 AND position >= ?",
            (part, (after + 1) // FAN_OUT),
        )
        return None if row is None or row[0] is None else max(int(row[0]) * FAN_OUT, after + 1)

    def runs(self, part: str) -> Iterator[dict[int, bytes]]:
        """All leaves of a part, some at a time and in order."""
        for first in range(0, 1 + self._last_node(part), _NODES_AT_ONCE):
            yield self.leaves(part, first * FAN_OUT, (first + _NODES_AT_ONCE) * FAN_OUT - 1)

    def _last_node(self, part: str) -> int:
        ((position,),) = self._database.rows(
            "SELECT ifnull(max(position), -1) FROM manifest WHERE part = ? AND level = 0", (part,)
        )
        return int(position)

    def agreement(self, root: Root) -> Agreement:
        """Whether every node is what the one above it says; reads the tree and no rows.

        :param root: the record at the top, which is authentic.
        """
        found = Agreement(root)
        macs: dict[tuple[str, int], Slots] = {}
        named = {(part, _TOP): dict(top) for part, top in root.tops.items()}
        taken, units = found.taken, found.units
        spoilt = set()
        for part, level, position, content in self._database.rows(_ALL):
            if not (isinstance(part, str) and isinstance(position, int) and isinstance(content, bytes)):
                spoilt.add(str(part))
                continue
            macs.setdefault((part, level), {})[position] = self._macs.node(part, level, position, content)
            if level == 0:
                taken[part, position] = bitmap = content[:_BITMAP_BYTES]
                units[part] += int.from_bytes(bitmap, "little").bit_count()
            else:
                children = named.setdefault((part, level - 1), {})
                children.update(
                    (position * FAN_OUT + slot, mac) for slot, mac in decode_slots(content).items()
                )
        apart = {place[0] for place in macs.keys() | named.keys() if macs.get(place) != named.get(place)}
        return replace(found, broken=frozenset(apart | spoilt))

    def _set(self, part: str, level: int, children: Mapping[int, bytes | None]) -> dict[int, bytes | None]:
        """Put MACs into the nodes of a level; the MACs of the nodes that changed, by position."""
        by_node: dict[int, dict[int, bytes | None]] = {}
        for child, mac in children.items():
            by_node.setdefault(child // FAN_OUT, {})[child % FAN_OUT] = mac
        changed: dict[int, bytes | None] = {}
        for position, puts in by_node.items():
            before = self._read(part, level, position) or b""
            slots = decode_slots(before)
            for slot, mac in puts.items():
                _put(slots, slot, mac)
            content = encode_slots(slots) if slots else b""
            if content != before:
                self._write(part, level, position, content)
            changed[position] = self._macs.node(part, level, position, content) if content else None
        return changed

    def _read(self, part: str, level: int, position: int) -> bytes | None:
        row = self._database.row(_READ, (part, level, position))
        return None if row is None else bytes(row[0])

    def _write(self, part: str, level: int, position: int, content: bytes) -> None:
        if content:
            self._database.run(_WRITE, (part, level, position, content))
        else:
            self._database.run(_DELETE, (part, level, position))

    def _write_root(self, root: Root) -> tuple[Root, bytes]:
        content = msgspec.msgpack.encode(root)
        mac = self._macs.root(content)
        self._write("", ROOT_LEVEL, 0, mac + content)
        return root, mac


def authentic_root(stored: bytes, macs: Macs) -> tuple[Root, bytes] | None:
    """The record at the top and its MAC, of the bytes that are kept; None when they are not authentic."""
    mac, content = stored[:MAC_BYTES], stored[MAC_BYTES:]
    if not compare_digest(mac, macs.root(content)):
        return None
    return msgspec.msgpack.decode(content, type=Root), mac


def _put(slots: dict[int, bytes], slot: int, mac: bytes | None) -> None:
    if mac is None:
        slots.pop(slot, None)
    else:
        slots[slot] = mac
