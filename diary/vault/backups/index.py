"""What a backup says it holds: its members, and of an incremental also what it leaves to others.

A whole one (forms 1 and 3; in 3 the database comes first, and has a sum of its own kind, see `sums`):

    {"members": [{"name", "sha256" (hexadecimal), "size"}, …]}

with `vault.header`, `manifest`, `vault.db` and `attachments/…`, `spools/…`. An incremental (form 2) has
`vault.db.pages`, the changed pages of the database one after the other, in the place of `vault.db`, and says

    "base":     {"name", "sha256"}: the file that it goes on from; the last 32 bytes of it, which every byte
                of it counts in
    "database": {"page_size", "count": of all its pages, "runs": [[number of the first, how many], …]}: where
                the changed pages belong; rising, apart from each other, numbered from 1
    "kept":     names of attachments that are in the base, or in what that goes on from

Everything here comes from a file that anybody may have written: `decode` takes nothing that makes no sense.
"""

from __future__ import annotations

import re

import msgspec

from diary.vault.backups.pages import PAGE_SIZES

HEADER_MEMBER, MANIFEST_MEMBER, DATABASE_MEMBER = "vault.header", "manifest", "vault.db"
PAGES_MEMBER = "vault.db.pages"
_OTHERS = {HEADER_MEMBER, MANIFEST_MEMBER}
_NAME = re.compile(r"vault\.header|manifest|vault\.db|vault\.db\.pages|(?:attachments|spools)/[0-9a-f]{32}")
_KEPT = re.compile("attachments/[0-9a-f]{32}")
_SUM = re.compile("[0-9a-f]{64}")
_MOST_PAGES = 2**32 - 2
_MOST_NAME = 255


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file within: its name, its sum of 32 bytes in hexadecimal, and its size in bytes."""

    name: str
    sha256: str
    size: int


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an incremental goes on from: its name then, without a folder, and its sum in hexadecimal."""

    name: str
    sha256: str


class ChangedPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the pages in an incremental belong.

    :ivar page_size: in bytes. :ivar count: of all pages of the database.
    :ivar runs: number of the first, and how many.
    """

    page_size: int
    count: int
    runs: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """Of the changed pages, in bytes."""
        return sum(length for _, length in self.runs) * self.page_size


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The index of forms 1 and 3."""

    members: tuple[Member, ...]


class Increment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The index of form 2."""

    base: Base
    database: ChangedPages
    kept: tuple[str, ...]
    members: tuple[Member, ...]


Index = Whole | Increment


def encode(index: Index) -> bytes:
    """JSON, keys sorted."""
    return msgspec.json.encode(index, order="sorted")


def decode(untrusted_content: bytes, *, increment: bool) -> Index | None:
    """The index; None when it cannot be read or makes no sense."""
    form: type[Whole | Increment] = Increment if increment else Whole
    try:
        found = msgspec.json.decode(untrusted_content, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    sensible = _members_make_sense(found)
    if isinstance(found, Increment):
        sensible = sensible and _increment_makes_sense(found)
    return found if sensible else None


def _members_make_sense(index: Index) -> bool:
    names = [member.name for member in index.members]
    database, other = DATABASE_MEMBER, PAGES_MEMBER
    if isinstance(index, Increment):
        database, other = other, database
    return (
        len(set(names)) == len(names)
        and _OTHERS | {database} <= set(names)
        and other not in names
        and all(_NAME.fullmatch(name) for name in names)
        and all(member.size >= 0 and _SUM.fullmatch(member.sha256) for member in index.members)
    )


def _increment_makes_sense(index: Increment) -> bool:
    sizes = {member.name: member.size for member in index.members}
    base, database, kept = index.base, index.database, index.kept
    return (
        base.name not in ("", ".", "..")
        and not {"/", "\0"} & set(base.name)
        and len(base.name) <= _MOST_NAME
        and _SUM.fullmatch(base.sha256) is not None
        and _runs_make_sense(database)
        and database.size == sizes[PAGES_MEMBER]
        and len(set(kept)) == len(kept)
        and not sizes.keys() & set(kept)
        and all(_KEPT.fullmatch(name) for name in kept)
    )


def _runs_make_sense(pages: ChangedPages) -> bool:
    if pages.page_size not in PAGE_SIZES or not 1 <= pages.count <= _MOST_PAGES:
        return False
    following = 1
    for first, length in pages.runs:
        if first < following or length < 1:
            return False
        following = first + length
    return following <= pages.count + 1
