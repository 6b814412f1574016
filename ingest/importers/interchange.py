"""Our own interchange format: JSON lines, one entry each.

`{"id", "date": "ISO 8601", "title", "text", "tags", "starred", "kind"}`; only `date` and words are needed.
`id` (a text or a whole number) comes back as `source_id`; other fields, and a `kind` we do not know, are kept
verbatim as metadata. A date keeps its offset; see `ingest.importers.dates` for dates without one.

A line is decoded by itself: a damaged one is listed and costs no other. Lines are read as a stream.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ingest.importers.dates import Zone, moment
from ingest.importers.files import lines, place
from ingest.importers.staging import KINDS, Staging, UntrustedEntry
from ingest.importers.untrusted_json import fields_of, known_fields, verbatim
from ingest.importers.unusable import Unusable

_LONGEST_LINE = 8 * 2**20  # bytes: the longest entry, every character escaped as \\uXXXX, and some more
_FIELDS = frozenset({"id", "date", "title", "text", "tags", "starred", "kind"})


class _Line(msgspec.Struct):
    """The fields we know, in the types we take."""

    date: str
    text: str | None = None
    id: str | int | None = None
    title: str | None = None
    tags: list[str] | None = None
    starred: bool | None = None
    kind: str | None = None


_KNOWN = msgspec.json.Decoder(_Line)


def looks_like(untrusted_head: bytes) -> bool:
    """Whether the first line is an object with a date, or the start of a very long one."""
    first = untrusted_head.lstrip().split(b"\n", 1)[0]
    if not first.startswith(b"{") or b'"date"' not in first:
        return False
    if b"\n" not in untrusted_head.lstrip():
        return True
    try:
        return "date" in fields_of(first)
    except Unusable:
        return False


def read(path: Path, staging: Staging, zone: Zone) -> None:
    """Stage every line.

    :raises OSError: when the file cannot be read. :raises Unusable: when it is no regular file or too large.
    """
    total, name = path.stat().st_size, place(path.name)
    for number, (offset, untrusted_line) in enumerate(
        lines(path, staging.limits.file_bytes, _LONGEST_LINE), 1
    ):
        staging.step(f"reading {name} (KB)", offset // 1000, max(total, offset) // 1000)
        where = f"{name}, line {number}"
        if untrusted_line is not None and not untrusted_line.strip():
            continue
        try:
            if untrusted_line is None:
                raise Unusable("it is longer than any entry may be")
            staging.take(_entry(untrusted_line, where, zone))
        except Unusable as error:
            staging.refuse(where, error.why)


def _entry(untrusted_line: bytes, where: str, zone: Zone) -> UntrustedEntry:
    fields, line = fields_of(untrusted_line), known_fields(untrusted_line, _KNOWN)
    only_a_title = not (line.text or "").strip()  # then those are the words of the entry, and its text
    unknown = {name: raw for name, raw in fields.items() if name not in _FIELDS}
    if line.kind is not None and line.kind not in KINDS:
        unknown["kind"] = fields["kind"]
    return UntrustedEntry(
        where=where,
        text=(line.title if only_a_title else line.text) or "",
        title=None if only_a_title else line.title,
        happened=moment(line.date, zone),
        tags=tuple(line.tags or ()),
        starred=bool(line.starred),
        kind=line.kind,
        source_id=None if line.id is None else str(line.id),
        metadata=verbatim(unknown),
    )
