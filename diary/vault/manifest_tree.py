"""The keyed hash tree of the manifest: nodes, and how a change climbs to the root.

A leaf is a MAC over one unit of a part (`manifest_parts`), numbered from 0. 64 leaves with neighbouring
numbers are held by one node of level 0, and 64 of those nodes by one of level 1; the root record names every
node of level 1 of every part, with its MAC, and the generation, which grows at each change. So a commit that
touches one unit writes three small rows: of 100,000 units the root names 25 nodes, in half a kilobyte.

A node is stored as a bitmap of 8 bytes that tells which of its 64 places are taken, then 16 bytes for each of
those. Its MAC is not stored with it but in its parent: an old page put back disagrees with the page above.

MACs are keyed BLAKE2b (RFC 7693) of 128 bits; leaves, nodes and the root are personalised apart, and name
their part, level and number: none stands for another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from hmac import compare_digest

import msgspec

from diary.vault.connection import Database

MAC_BYTES = 16
FAN_OUT = 64
_BITMAP_BYTES = FAN_OUT // 8
_TOP = 1  # the level whose nodes the root names: each spans 64² units
_ROOT_LEVEL = _TOP + 1

Slots = dict[int, bytes]

_READ = "SELECT mac FROM manifest WHERE part = ? AND level = ? AND position = ?"
_WRITE = (
    "INSERT INTO manifest(part, level, position, mac) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET mac = excluded.mac"
)
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
    :ivar mac: of the record. :ivar units: leaves of each part.
    :ivar broken: parts of which a node does not agree with the one above it.
    """

    root: Root | None
    mac: bytes
    units: Counter[str] = field(default_factory=Counter)
    broken: frozenset[str] = frozenset()


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


class Tree:
    """The tree that is stored in the table `manifest`. What writes is called inside a transaction."""

    def __init__(self, database: Database, macs: Macs) -> None:
        self._database = database
        self._macs = macs

    def root(self) -> tuple[Root, bytes] | None:
        """The record at the top and its MAC; None when there is none, or one that is not authentic."""
        content = self._read("", _ROOT_LEVEL, 0)
        return None if content is None else self._authentic(content)

    def is_begun(self) -> bool:
        """Whether there is a record at the top, authentic or not."""
        return self._read("", _ROOT_LEVEL, 0) is not None

    def change(self, changes: Mapping[str, Mapping[int, bytes | None]], gone: Sequence[str] = ()) -> bool:
        """Set the leaves of units, part by part, None for a unit that is no more; whether anything changed.

        :param gone: parts to be taken away whole.
        """
        kept = self.root()
        root = kept[0] if kept else Root(0, {})
        tops = {part: dict(top) for part, top in root.tops.items() if part not in gone}
        for part, leaves in changes.items():
            climbing = leaves
            for level in range(_TOP + 1):
                climbing = self._set(part, level, climbing)
            for position, mac in climbing.items():
                _put(tops.setdefault(part, {}), position, mac)
        for part in gone:
            self._database.run("DELETE FROM manifest WHERE part = ?", (part,))
        tops = {part: top for part, top in tops.items() if top}
        if kept is not None and tops == root.tops:
            return False
        self._write_root(Root(root.generation + 1, tops))
        return True

    def clear(self) -> None:
        """Take all nodes away; the generation stays, or is that of nothing."""
        kept = self.root()
        self._database.run("DELETE FROM manifest")
        self._write_root(Root(kept[0].generation + 1 if kept else 0, {}))

    def leaves(self, part: str, first: int, last: int) -> dict[int, bytes]:
        """The leaves of units from `first` to `last`, both included."""
        rows = self._database.rows(
            "SELECT position, mac FROM manifest WHERE part = ? AND level = 0 AND position BETWEEN ? AND ?",
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

    def agreement(self) -> Agreement:
        """Whether every node is what the one above it says; reads the tree and no rows."""
        kept = self.root()
        rows = self._database.rows("SELECT part, level, position, mac FROM manifest WHERE part != ''")
        macs: dict[tuple[str, int, int], bytes] = {}
        named: dict[tuple[str, int, int], bytes] = {}
        units: Counter[str] = Counter()
        for part, level, position, content in rows:
            macs[part, level, position] = self._macs.node(part, level, position, content)
            if level == 0:
                units[part] += int.from_bytes(content[:_BITMAP_BYTES], "little").bit_count()
            else:
                named.update(_children(part, level, position, content))
        if kept is None:
            return Agreement(None, b"", units, frozenset(part for part, *_ in macs))
        for part, top in kept[0].tops.items():
            named.update({(part, _TOP, position): mac for position, mac in top.items()})
        apart = {place[0] for place in macs.keys() | named.keys() if macs.get(place) != named.get(place)}
        return Agreement(*kept, units, frozenset(apart))

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

    def _write_root(self, root: Root) -> None:
        content = msgspec.msgpack.encode(root)
        self._write("", _ROOT_LEVEL, 0, self._macs.root(content) + content)

    def _authentic(self, stored: bytes) -> tuple[Root, bytes] | None:
        mac, content = stored[:MAC_BYTES], stored[MAC_BYTES:]
        if not compare_digest(mac, self._macs.root(content)):
            return None
        return msgspec.msgpack.decode(content, type=Root), mac


def _put(slots: dict[int, bytes], slot: int, mac: bytes | None) -> None:
    if mac is None:
        slots.pop(slot, None)
    else:
        slots[slot] = mac


def _children(
    part: str, level: int, position: int, content: bytes
) -> Iterator[tuple[tuple[str, int, int], bytes]]:
    for slot, mac in decode_slots(content).items():
        yield (part, level - 1, position * FAN_OUT + slot), mac
