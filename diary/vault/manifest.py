"""The keyed manifest: what every row was when it was last written, so that an old page put back is noticed.

SQLCipher authenticates each page for itself; an old page of the same vault, put back in its place, is as
authentic as ever. Here each unit of rows (`manifest_parts`) is a leaf of a keyed hash tree (`manifest_tree`),
which changes in the same transaction as the rows do.

No store has to remember that. Triggers that live as long as the connection note which units a transaction
touches, whether by a statement, a foreign key or vec0; just before the commit their leaves are made anew,
each once, and put down together (`manifest_journal`). They are temporary triggers, so a vault opened with
other tools has none of them, and a unit noted without need costs a little time and nothing else.

What a check finds is told and never stops anybody. When the stored tree itself cannot be used, it is left
alone from then on, and words are saved without it.

What it cannot do: tell a whole older vault put back (`anchor` tells that of the database alone).
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from diary.errors import DiskFull, StorageFailed
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.vault import vectors
from diary.vault.connection import Database, Row
from diary.vault.manifest_journal import Head, JournalledTree, Leaves
from diary.vault.manifest_parts import AUDIT, FACTS, PARTS, RUN, WORDS, FactsPart, Part, VectorsPart, parts_of
from diary.vault.manifest_tree import Macs

_EVENTS = (("INSERT", ("NEW",)), ("DELETE", ("OLD",)), ("UPDATE", ("OLD", "NEW")))
BUILDING = "Making the list of what every entry is"
_QUICK = (WORDS, AUDIT, FACTS)
_NEWEST, _SAMPLE = 16, 32
_MISSING = 1024  # lines of the log, more than a page holds


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A unit that is not what the manifest says.

    :ivar part: of the manifest. :ivar unit: its number; None: the nodes of the tree themselves.
    """

    part: str
    unit: int | None


class _Told(NamedTuple):
    """Rows that no trigger tells of, in the order of the facts that they are."""

    full_text: list[Row]
    sequence: list[Row]
    schema: list[Row]

    def numbers(self) -> dict[str, int]:
        """The highest number given in each table; where a page was put back, anything may stand there."""
        return {name: number for name, number in self.sequence if isinstance(number, int)}


class Manifest:
    """The manifest of an open vault.

    :param key: 32 bytes, for this purpose alone.
    """

    def __init__(self, database: Database, key: bytes | bytearray) -> None:
        self._database = database
        self._macs = Macs(key)
        self._tree = JournalledTree(database, self._macs)
        self._touched: dict[str, set[int]] = {}
        self._parts: tuple[Part, ...] = ()
        self._known = self._told = _Told([], [], [])
        self.watching = False

    # Keeping it up to date

    def watch(self) -> None:
        """Keep it up to date from now on. There is one, and it is authentic."""
        if not self._database.read_only:
            with suppress(DiskFull, StorageFailed):  # as it is it serves, too
                self._regroup()
        self._watch_all()
        self._known = self._told = self._told_by_reading()
        self.watching = True
        self._database.hook = self

    def build(self, *, report: Report = silent) -> None:
        """Make it of what there is, inside the transaction that is going on. Reads all rows, once."""
        self._tree.clear()
        self._parts = self.parts()
        changes: dict[str, Leaves] = {part.name: {} for part in self._parts}
        lasts = [part.last_unit(self._database) + 1 for part in self._parts]
        for number, part in enumerate(self._parts):
            first = part.next_unit(self._database, -1)
            while first is not None:
                changes[part.name].update(self._leaves(part, first, first + RUN - 1))
                done = sum(lasts[:number]) + min(first + RUN, lasts[number])
                report(Progress(BUILDING, done, sum(lasts)))
                first = part.next_unit(self._database, first + RUN - 1)
        self._tree.change(changes)
        self._untouch()

    def is_begun(self) -> bool:
        """Whether there is one, authentic or not."""
        return self._tree.is_begun()

    def state(self) -> tuple[int, bytes] | None:
        """The generation and the root's MAC; None when there is none that is authentic."""
        head = self._tree.head()
        return None if head is None else (head.generation, head.mac)

    def parts(self) -> tuple[Part, ...]:
        """What it is of, now."""
        head = self._tree.head()
        single = () if head is None else head.root.tops.keys()
        return parts_of(vectors.tables(self._database), self._macs, single=single)

    @property
    def due(self) -> bool:
        """Whether something was touched since the last commit."""
        return any(self._touched.values())

    def flush(self) -> None:
        """Bring it up to date with the transaction that is going on; called before each commit."""
        if not self._parts or 0 in self._touched[FACTS]:
            self._watch_all(new=True)
        self._told = told = self._told_by_reading()
        if told != self._known:
            self._touch_what_is_new(told)
        if self.due:
            self._write()

    def settle(self) -> None:
        """Inside the transaction that is going on, let nothing of what was erased stay in the journal."""
        self.flush()
        self._tree.settle()

    def committed(self) -> None:
        """What was read at the end of the transaction is so from now on."""
        self._known = self._told

    def forget(self) -> None:
        """The transaction was rolled back, and with it what it watched anew."""
        self._untouch()
        self._tree.forget()
        self._parts = ()

    # Checking

    def quick_differences(self) -> list[Difference]:
        """The tree against itself, and of the words the newest and some chosen at random; not all rows.

        :raises diary.errors.VaultDamaged: when its pages cannot be read.
        """
        agreement = self._tree.agreement()
        if agreement.root is None:
            return [Difference("", None)]
        found = [Difference(part, None) for part in sorted(agreement.broken)]
        words, audit, facts = (next(part for part in PARTS if part.name == name) for name in _QUICK)
        ((count, newest),) = self._database.rows("SELECT count(*), ifnull(max(id), 0) FROM entries")
        if count != agreement.units[WORDS]:
            found.append(Difference(WORDS, None))
        found += self._differences_between(facts, 0, len(FactsPart.tables))
        # The opening itself is logged, with the number of a line that is missing at the end.
        last = audit.last_unit(self._database)
        found += self._differences_between(audit, last - _NEWEST + 1, last + _MISSING)
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
        for part in self.parts():
            if parts is not None and part.name not in parts:
                continue
            first = self._next(part, -1)
            while first is not None:
                if cancelled():
                    return
                yield from self._differences_between(part, first, first + RUN - 1)
                done = min(done + RUN, total)
                report(Progress("Comparing the rows with the manifest", done, total))
                first = self._next(part, first + RUN - 1)

    def _next(self, part: Part, after: int) -> int | None:
        following = (part.next_unit(self._database, after), self._tree.next_unit(part.name, after))
        return min((unit for unit in following if unit is not None), default=None)

    def _differences_between(self, part: Part, first: int, last: int) -> list[Difference]:
        kept = self._tree.leaves(part.name, first, last)
        there = self._leaves(part, first, last)
        units = kept.keys() | there.keys()
        return [Difference(part.name, unit) for unit in sorted(units) if kept.get(unit) != there.get(unit)]

    # Within a transaction

    def _told_by_reading(self) -> _Told:
        """What no trigger tells of: the tables there are, the highest numbers given, how FTS5 is set."""
        return _Told(
            self._database.rows("SELECT k, v FROM main.passages_fts_config ORDER BY k"),
            self._database.rows("SELECT name, seq FROM main.sqlite_sequence ORDER BY name"),
            self._database.rows("PRAGMA main.schema_version"),
        )

    def _touch_what_is_new(self, told: _Told) -> None:
        """A row with a number above all that were given is new. No trigger tells of those: for a statement
        with one SQLite copies every page that it changes, which would be most of what an import costs.
        """
        for unit, (now, before) in enumerate(zip(told, self._known, strict=True), FactsPart.WATCHED):
            if now != before:
                self._touched[FACTS].add(unit)
        numbers, known = told.numbers(), self._known.numbers()
        for part in self._parts:
            for table, query in part.numbered.items():
                if numbers.get(table, 0) > known.get(table, 0):
                    found = self._database.rows(query, (known.get(table, 0),))
                    self._touched[part.name].update(unit for (unit,) in found)

    def _watch_all(self, *, new: bool = False) -> None:
        """Watch every table of every part; the tables of vectors come and go.

        :param new: a table of vectors that was not watched yet was just begun: all its rows are new.
        """
        self._parts = self.parts()
        rows = self._database.rows("SELECT name FROM sqlite_temp_schema WHERE type = 'trigger'")
        there = {str(name) for (name,) in rows}
        wanted = {name: (part, body) for part in self._parts for name, body in _triggers(part)}
        for name in sorted(there - wanted.keys()):
            self._database.run(f'DROP TRIGGER temp."{name}"')
        for part in self._parts:
            if part.name not in self._touched:
                units: set[int] = set()
                self._touched[part.name] = units
                self._database.create_function(_function(part), 1, units.add)
        begun = {part for name, (part, _) in wanted.items() if name not in there}
        for name in sorted(wanted.keys() - there):
            self._database.run(f'CREATE TEMP TRIGGER "{name}" {wanted[name][1]}')
        for part in begun if new else ():
            if isinstance(part, VectorsPart):
                self._touched[part.name].update(part.passages(self._database))

    def _write(self) -> None:
        changes: dict[str, Leaves] = {}
        for part in self._parts:
            units = self._touched.get(part.name)
            if units:
                contents = part.changed(self._database, units)
                changes[part.name] = {
                    unit: None if content is None else self._macs.leaf(part.name, unit, content)
                    for unit, content in contents.items()
                }
        self._untouch()
        self._tree.change(changes, gone=_gone(self._tree.head(), self._parts))

    def _untouch(self) -> None:
        for units in self._touched.values():
            units.clear()

    def _regroup(self) -> None:
        """Put together the leaves of vectors that an older diary listed one by one. No vector is read: what
        was vouched for is, and what was not is not.
        """
        singles = [one for one in self.parts() if isinstance(one, VectorsPart) and one.name == one.table.name]
        if not singles:
            return
        with self._database.transaction():
            for single in singles:
                together = VectorsPart(single.table, self._macs)
                leaves: Leaves = {}
                self._tree.settle()
                for run in self._tree.runs(single.name):
                    for unit, content in together.regrouped(run).items():
                        leaves[unit] = self._macs.leaf(together.name, unit, content)
                self._tree.change({together.name: leaves}, gone=[single.name])

    def _leaves(self, part: Part, first: int, last: int) -> dict[int, bytes]:
        contents = part.contents(self._database, first, last)
        return {unit: self._macs.leaf(part.name, unit, content) for unit, content in contents.items()}


def _gone(head: Head | None, parts: tuple[Part, ...]) -> list[str]:
    return [] if head is None else sorted(head.root.tops.keys() - {part.name for part in parts})


def _function(part: Part) -> str:
    return f"manifest_touched_{part.name}"


def _triggers(part: Part) -> Iterator[tuple[str, str]]:
    """The name and the rest of each."""
    for table, unit in part.watched:
        for event, rows in _EVENTS:
            if event == "INSERT" and table in part.numbered:
                continue
            notes = "".join(f'SELECT "{_function(part)}"({unit.format(row=row)}); ' for row in rows)
            yield f"manifest_{part.name}_{table}_{event}", f'AFTER {event} ON main."{table}" BEGIN {notes}END'


def _order(difference: Difference) -> tuple[str, int]:
    return difference.part, -1 if difference.unit is None else difference.unit
