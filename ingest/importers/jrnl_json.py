"""jrnl's JSON export (`jrnl --format json`): one document `{"tags": {…}, "entries": [{"title", "body", …}]}`.

An entry becomes what the same entry becomes from jrnl's text file, so a journal imported from both comes in
once. `uuid` comes back as `source_id`; fields we do not interpret (`creator`, …) are kept verbatim.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from ingest.importers.dates import Zone, moment
from ingest.importers.files import place, read_utf8
from ingest.importers.jrnl_text import tags_in, title_of, without_star
from ingest.importers.staging import Staging, UntrustedEntry
from ingest.importers.untrusted_json import fields_of, known_fields, verbatim
from ingest.importers.unusable import Unusable

_FIELDS = frozenset({"title", "body", "date", "time", "tags", "starred", "uuid"})
_START = re.compile(rb'\s*\{\s*"(?:tags"\s*:\s*\{|entries"\s*:\s*\[)')


class _Journal(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Item(msgspec.Struct):
    date: str
    time: str = ""
    title: str | None = None
    body: str | None = None
    tags: list[str] | None = None
    starred: bool | None = None
    uuid: str | None = None


_JOURNAL = msgspec.json.Decoder(_Journal)
_ITEM = msgspec.json.Decoder(_Item)


def looks_like(untrusted_head: bytes) -> bool:
    """Whether the document starts as jrnl's exporter writes it."""
    return _START.match(untrusted_head) is not None


def read(path: Path, staging: Staging, zone: Zone) -> None:
    """Stage every entry of the document.

    :raises OSError: when the file cannot be read.
    :raises Unusable: when the document is damaged or too large.
    """
    untrusted = read_utf8(path, staging.limits.file_bytes)
    entries = known_fields(untrusted, _JOURNAL).entries
    name = place(path.name)
    for number, untrusted_item in enumerate(entries, 1):
        staging.step(f"reading {name}", number, len(entries))
        where = f"{name}, entry {number}"
        try:
            staging.take(_entry(untrusted_item, where, zone))
        except Unusable as error:
            staging.refuse(where, error.why)


def _entry(untrusted_item: msgspec.Raw, where: str, zone: Zone) -> UntrustedEntry:
    fields, item = fields_of(untrusted_item), known_fields(untrusted_item, _ITEM)
    parts = ((item.title or "").strip(), (item.body or "").strip())
    text, marked = without_star("\n".join(part for part in parts if part))
    listed = tuple(tag.lstrip("@").lower() for tag in item.tags or ())
    return UntrustedEntry(
        where=where,
        text=text,
        title=title_of(text),
        happened=moment(f"{item.date} {item.time}", zone),
        tags=tuple(dict.fromkeys((*listed, *tags_in(text)))),
        starred=marked or bool(item.starred),
        source_id=item.uuid,
        metadata=verbatim({key: raw for key, raw in fields.items() if key not in _FIELDS}),
    )
