"""What a check of the whole diary says, and what a salvage got back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at.

    :ivar name: a short word for it. :ivar detail: what was seen, in words; never words of an entry.
    :ivar findings: what is wrong, in sentences without a full stop; none when nothing is.
    """

    name: str
    detail: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What was written of a vault, whatever state it was in.

    :ivar entries: how many were written. :ivar unvouched: of those, the numbers of the entries that the
        manifest does not vouch for: some of what belonged to them may be older, or missing.
    :ivar missing: numbers of entries that the manifest knows and no whole page has.
    :ivar files: recordings and attachments that were written.
    :ivar spoilt: those that are not whole, or missing.
    :ivar pages: of the database. :ivar damaged_pages: that do not authenticate.
    :ivar torn_rows: rows, of whatever table, that go on in a damaged page.
    """

    folder: Path
    entries: int
    unvouched: tuple[int, ...]
    missing: tuple[int, ...]
    files: int
    spoilt: tuple[str, ...]
    pages: int
    damaged_pages: int
    torn_rows: int
