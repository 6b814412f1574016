"""The keyed manifest: what every row was when it was last written, so that an old page put back is noticed.

SQLCipher authenticates each page for itself; an old page of the same vault, put back in its place, is as
authentic as ever. Here each unit of rows (`manifest_parts`) is a leaf of a keyed hash tree (`manifest_tree`),
which changes in the same transaction as the rows do.

No store has to remember that. Triggers that live as long as the connection note which units a transaction
touches, whether by a statement, a foreign key or vec0; just before the commit their leaves are made anew,
each once. They are temporary triggers, so a vault opened with other tools has none of them, and a unit noted
without need, after a rollback for instance, costs a little time and nothing else.

What a check finds is told and never stops anybody. When the stored tree itself cannot be used, it is left
alone from then on, and words are saved without it.

What it cannot do: tell a whole older vault put back (`anchor` tells that of the database alone).
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.vault import vectors
from diary.vault.connection import Database
from diary.vault.manifest_parts import FACTS, PARTS, WORDS, FactsPart, Part, VectorsPart, parts_of
from diary.vault.manifest_tree import Macs, Root, Tree

_EVENTS = (("INSERT", ("NEW",)), ("DELETE", ("OLD",)), ("UPDATE", ("OLD", "NEW")))
_RUN = 512  # units that are read together at most
_GAP = 16  # units passed over rather than beginning another run
_NEWEST, _SAMPLE = 16, 32


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A unit that is not what the manifest says.

    :ivar part: of the manifest. :ivar unit: its number; None: the nodes of the tree themselves.
    """

    part: str
    unit: int | None


class Manifest:
    """The manifest of an open vault.

    :param key: 32 bytes, for this purpose alone.
    """

    def __init__(self, database: Database, key: bytes | bytearray) -> None:
        self._database = database
        self._macs = Macs(key)
        self._tree = Tree(database, self._macs)
        self._touched: dict[str, set[int]] = {}
        self._parts: tuple[Part, ...] = ()
        self._seen: tuple[object, ...] = ()
        self.watching = False

    # Keeping it up to date

    def watch(self) -> None:
        """Keep it up to date from now on. There is one, and it is authentic."""
        self._database.create_function("manifest_touched", 2, self._note)
        self._watch_all()
        self._seen = self._watched_by_reading()
        self.watching = True
        self._database.before_commit(self)

    def build(self) -> None:
        """Make it of what there is, inside the transaction that is going on."""
        self._tree.clear()
        self._parts = parts_of(vectors.tables(self._database))
        for part in self._parts:
            self._touched[part.name] = set(_units(self._database, part))
        self._write()

    def is_begun(self) -> bool:
        """Whether there is one, authentic or not."""
        return self._tree.is_begun()

    def state(self) -> tuple[int, bytes] | None:
        """The generation and the root's MAC; None when there is none that is authentic."""
        kept = self._tree.root()
        return None if kept is None else (kept[0].generation, kept[1])

    @property
    def due(self) -> bool:
        """Whether something was touched since the last commit."""
        return bool(self._touched)

    def flush(self) -> None:
        """Bring it up to date with the transaction that is going on; called before each commit."""
        if 0 in self._touched.get(FACTS, ()) or not self._parts:
            self._watch_all(new=True)
        seen = self._watched_by_reading()
        if seen != self._seen:
            self._touched.setdefault(FACTS, set()).update(range(FactsPart.WATCHED, len(FactsPart.tables)))
        if self._touched:
            self._write()
        self._seen = seen

    def forget(self) -> None:
        """The transaction was rolled back, and with it what it watched anew, and what was read at its end."""
        self._touched.clear()
        self._parts = ()
        self._seen = ()

    # Checking

    def quick_differences(self) -> list[Difference]:
        """The tree against itself, and of the words the newest and some chosen at random; not all rows.

        :raises diary.errors.VaultDamaged: when its pages cannot be read.
        """
        agreement = self._tree.agreement()
        if agreement.root is None:
            return [Difference("", None)]
        found = [Difference(part, None) for part in sorted(agreement.broken)]
        words, facts = PARTS[0], PARTS[-1]
        ((count, newest),) = self._database.rows("SELECT count(*), ifnull(max(id), 0) FROM entries")
        if count != agreement.units[WORDS]:
            found.append(Difference(WORDS, None))
        found += self._differences_between(facts, 0, len(FactsPart.tables))
        found += self._differences_between(words, newest - _NEWEST + 1, newest)
        for _ in range(_SAMPLE if newest else 0):
            unit = random.randint(1, newest)  # noqa: S311 - a sample
            found += self._differences_between(words, unit, unit)
        return sorted(set(found), key=_order)

    def differences(
        self,
        *,
        parts: Container[str] | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Iterator[Difference]:
        """Every unit and node that is not what it was when it was last written. Reads all rows.

        :param parts: only of these; None: of all.

        :raises diary.errors.VaultDamaged: at the first page that cannot be read.
        """
        agreement = self._tree.agreement()
        if agreement.root is None:
            yield Difference("", None)
            return
        yield from (Difference(part, None) for part in sorted(agreement.broken))
        total, done = sum(agreement.units.values()), 0
        for part in parts_of(vectors.tables(self._database)):
            if parts is not None and part.name not in parts:
                continue
            first = self._next(part, -1)
            while first is not None:
                if cancelled():
                    return
                yield from self._differences_between(part, first, first + _RUN - 1)
                done = min(done + _RUN, total)
                report(Progress("Comparing the rows with the manifest", done, total))
                first = self._next(part, first + _RUN - 1)

    def _next(self, part: Part, after: int) -> int | None:
        following = (part.next_unit(self._database, after), self._tree.next_unit(part.name, after))
        return min((unit for unit in following if unit is not None), default=None)

    def _differences_between(self, part: Part, first: int, last: int) -> list[Difference]:
        kept = self._tree.leaves(part.name, first, last)
        there = self._leaves(part, first, last)
        units = kept.keys() | there.keys()
        return [Difference(part.name, unit) for unit in sorted(units) if kept.get(unit) != there.get(unit)]

    # Within a transaction

    def _note(self, part: str, unit: int) -> None:
        self._touched.setdefault(part, set()).add(unit)

    def _watched_by_reading(self) -> tuple[object, ...]:
        """What no trigger tells of: the tables there are, the highest numbers given, how FTS5 is set."""
        (schema,) = self._database.rows("PRAGMA main.schema_version")
        return (
            schema,
            *self._database.rows("SELECT name, seq FROM main.sqlite_sequence ORDER BY name"),
            *self._database.rows("SELECT k, v FROM main.passages_fts_config ORDER BY k"),
        )

    def _watch_all(self, *, new: bool = False) -> None:
        """Watch every table of every part; the tables of vectors come and go.

        :param new: a table of vectors that was not watched yet was just begun: all its rows are new.
        """
        self._parts = parts_of(vectors.tables(self._database))
        rows = self._database.rows("SELECT DISTINCT tbl_name FROM sqlite_temp_schema WHERE type = 'trigger'")
        watched = {row[0] for row in rows}
        wanted = {table for part in self._parts for table, _ in part.watched}
        for table in sorted(watched - wanted):
            for event, _ in _EVENTS:
                self._database.run(f'DROP TRIGGER temp."{_trigger(table, event)}"')
        for part in self._parts:
            for table, unit in part.watched:
                if table not in watched:
                    self._watch(part, table, unit)
                    if new and isinstance(part, VectorsPart):
                        self._touched.setdefault(part.name, set()).update(_units(self._database, part))

    def _watch(self, part: Part, table: str, unit: str) -> None:
        for event, rows in _EVENTS:
            units = (unit.format(row=row) for row in rows)
            notes = "".join(f"SELECT manifest_touched('{part.name}', {one}); " for one in units)
            name = _trigger(table, event)
            self._database.run(
                f'CREATE TEMP TRIGGER "{name}" AFTER {event} ON main."{table}" BEGIN {notes}END'
            )

    def _write(self) -> None:
        touched, self._touched = self._touched, {}
        changes: dict[str, dict[int, bytes | None]] = {}
        for part in self._parts:
            units = touched.get(part.name)
            if units:
                changes[part.name] = dict.fromkeys(units)
                for first, last in _runs(units):
                    leaves = self._leaves(part, first, last)
                    changes[part.name].update((unit, leaves[unit]) for unit in leaves.keys() & units)
        root = self._tree.root()
        self._tree.change(changes, gone=_gone(root, self._parts))

    def _leaves(self, part: Part, first: int, last: int) -> dict[int, bytes]:
        contents = part.contents(self._database, first, last)
        return {unit: self._macs.leaf(part.name, unit, content) for unit, content in contents.items()}


def _gone(root: tuple[Root, bytes] | None, parts: tuple[Part, ...]) -> list[str]:
    return [] if root is None else sorted(root[0].tops.keys() - {part.name for part in parts})


def _trigger(table: str, event: str) -> str:
    return f"manifest_{table}_{event}"


def _units(database: Database, part: Part) -> Iterator[int]:
    unit = part.next_unit(database, -1)
    while unit is not None:
        contents = part.contents(database, unit, unit + _RUN - 1)
        yield from contents
        unit = part.next_unit(database, unit + _RUN - 1)


def _runs(units: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring units together, each run as first and last."""
    first = last = None
    for unit in sorted(units):
        if first is None or last is None:
            first = last = unit
        elif unit - last <= _GAP and unit - first < _RUN:
            last = unit
        else:
            yield first, last
            first = last = unit
    if first is not None and last is not None:
        yield first, last


def _order(difference: Difference) -> tuple[str, int]:
    return difference.part, -1 if difference.unit is None else difference.unit
