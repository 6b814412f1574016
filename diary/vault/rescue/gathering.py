"""All rows that stand on whole pages, and whether each entry is what the manifest says of it.

Every page is read by itself, in order, once. A row may be found twice, when an old page was put back: then
the one that the manifest vouches for is taken, or else the one that was found last, and marked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from diary.errors import Stopped
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.vault.binding import BINDING
from diary.vault.keys import VaultKey, wipe
from diary.vault.manifest_journal import journal_after, journalled
from diary.vault.manifest_parts import PARTS, WORDS, RowsPart
from diary.vault.manifest_tree import FAN_OUT, JOURNAL_LEVEL, ROOT_LEVEL, Macs, decode_slots
from diary.vault.rescue.pages import PageFile
from diary.vault.rescue.records import Record, Tally, Value, records
from diary.vault.rescue.shapes import columns_of, read_as

Row = tuple[Value, ...]
TABLES = (
    *("entries", "revisions", "recordings", "transcripts", "partials", "attachments"),
    *("deleted", "deleted_files", "spools", "drafts", "glossary"),
)
_OWNER = {"entries": "id"}  # others have a column of that name
_MOST_WAYS = 64
_OFTEN = 64  # pages between two reports


@dataclass(slots=True)
class Gathered:
    """What was found.

    :ivar rows: of each table, by what tells a row from others, every version of it that was found.
    :ivar leaves: what the manifest says of each entry, by number; more than one where its nodes disagree.
    :ivar tops: the records at the manifest's top that were found. :ivar journal: the rows of its journal, by
        their position; more than one where pages disagree.
    :ivar bindings: what the vault remembers of its clinic, each version of it that was found.
    :ivar damaged: numbers of the pages that do not authenticate. :ivar torn: rows that go on in such pages.
    """

    rows: dict[str, dict[tuple[int, Value], list[Row]]] = field(
        default_factory=lambda: {table: {} for table in TABLES}
    )
    leaves: dict[int, set[bytes]] = field(default_factory=dict)
    tops: list[bytes] = field(default_factory=list)
    journal: dict[int, list[bytes]] = field(default_factory=dict)
    bindings: list[str] = field(default_factory=list)
    pages: int = 0
    damaged: list[int] = field(default_factory=list)
    torn: int = 0

    def all_of(self, table: str) -> Iterator[dict[str, Value]]:
        """The rows of a table by the names of their columns, the last version of each."""
        for versions in self.rows[table].values():
            yield named(table, versions[-1])


def named(table: str, row: Row) -> dict[str, Value]:
    """A row by the names of its columns."""
    return {column.name: value for column, value in zip(columns_of(table), row, strict=True)}


def gather(
    pages: PageFile, key: VaultKey, *, report: Report = silent, cancelled: Cancelled = never
) -> Gathered:
    """Read every page.

    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    found, tally = Gathered(pages=pages.count + pages.missing), Tally()
    for number, page in pages.pages():
        if page is None:
            found.damaged.append(number)
        else:
            for record in records(number, page, pages.usable, pages.page, tally):
                _take(found, record)
        if number % _OFTEN == 0 or number == pages.count:
            report(Progress("Reading pages", number, pages.count))
            if cancelled():
                raise Stopped("Stopped. The vault is as it was.")
    found.torn = tally.torn
    found.damaged += range(pages.count + 1, found.pages + 1)
    found.leaves = _newest_leaves(found, _macs(key))
    return found


def _macs(key: VaultKey) -> Macs:
    derived = key.derive(b"manifest")
    try:
        return Macs(derived)
    finally:
        wipe(derived)


def _take(found: Gathered, record: Record) -> None:
    if record.row is None:
        _take_leaves(found, record)
        return
    match record.values:
        case (name, str(value)) if name == BINDING:
            found.bindings.append(value)
            return
    for table in TABLES:
        row = read_as(table, record)
        if row is not None:
            # An old page may have a row of this number that was another entry's.
            versions = found.rows[table].setdefault((record.row, _owner(table, row)), [])
            if row not in versions:
                versions.append(row)
            return


def _owner(table: str, row: Row) -> Value:
    return named(table, row).get(_OWNER.get(table, "entry"))


def _take_leaves(found: Gathered, record: Record) -> None:
    if len(record.values) != 4:
        return
    part, level, position, node = record.values
    if not (isinstance(position, int) and isinstance(node, bytes)):
        return
    if part == WORDS and level == 0:
        for slot, mac in decode_slots(node).items():
            found.leaves.setdefault(position * FAN_OUT + slot, set()).add(mac)
    elif part == "" and level == ROOT_LEVEL:
        found.tops.append(node)
    elif part == "" and level == JOURNAL_LEVEL:
        found.journal.setdefault(position, []).append(node)


@dataclass(frozen=True, slots=True)
class Found:
    """One entry with what belongs to it.

    :ivar rows: of each table, by the names of their columns. :ivar vouched: whether the manifest says so.
    """

    number: int
    rows: dict[str, list[dict[str, Value]]]
    vouched: bool


def entries_of(found: Gathered, key: VaultKey) -> Iterator[Found]:
    """The entries by number, each as the manifest vouches for it, where it does."""
    macs = _macs(key)
    part = next(part for part in PARTS if isinstance(part, RowsPart) and part.name == WORDS)
    belonging: dict[int, dict[str, list[list[Row]]]] = {}
    for table in part.order:
        for (_, owner), versions in found.rows[table].items():
            if isinstance(owner, int):
                belonging.setdefault(owner, {}).setdefault(table, []).append(versions)
    for number in sorted(number for number, tables in belonging.items() if "entries" in tables):
        yield _chosen(number, belonging[number], part, macs, found.leaves.get(number, set()))


def _newest_leaves(found: Gathered, macs: Macs) -> dict[int, set[bytes]]:
    """What the manifest says last: what the journal says of an entry is newer than what a node says, which
    would vouch for an old page.

    Of several journals the newest that follows from a record at the top; where there is no such record, all
    that was found, in order.
    """
    heads = [journal_after(top, found.journal, macs) for top in found.tops]
    newest = max((head for head in heads if head), key=lambda head: head.generation, default=None)
    if newest is not None:
        said = newest.leaves.get(WORDS, {})
    else:
        rows = (row for position in sorted(found.journal) for row in found.journal[position])
        said = {unit: mac for row in rows for unit, mac in journalled(row).get(WORDS, {}).items()}
    newest_leaves = found.leaves | {unit: set() if mac is None else {mac} for unit, mac in said.items()}
    return {unit: macs_of for unit, macs_of in newest_leaves.items() if macs_of}


def _chosen(
    number: int, tables: dict[str, list[list[Row]]], part: RowsPart, macs: Macs, leaves: set[bytes]
) -> Found:
    names = [(table, versions) for table, rows in tables.items() for versions in rows]
    ways = itertools.product(*(reversed(versions) for _, versions in names))
    rows: dict[str, list[Row]] = {}
    for way in itertools.islice(ways, _MOST_WAYS):
        tried: dict[str, list[Row]] = {}
        for (table, _), row in zip(names, way, strict=True):
            tried.setdefault(table, []).append(row)
        rows = rows or tried
        if macs.leaf(WORDS, number, part.encoded(_in_order(tried, part))) in leaves:
            return Found(number, _all_named(tried), vouched=True)
    return Found(number, _all_named(rows), vouched=False)


def _in_order(rows: dict[str, list[Row]], part: RowsPart) -> dict[str, list[Row]]:
    return {
        table: sorted(found, key=lambda row: str(named(table, row)[part.order[table]]).rjust(20))
        for table, found in rows.items()
    }


def _all_named(rows: dict[str, list[Row]]) -> dict[str, list[dict[str, Value]]]:
    return {table: [named(table, row) for row in found] for table, found in rows.items()}
