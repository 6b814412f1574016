"""Markdown notes: one file, or a folder as Obsidian, Logseq exports and plain diaries keep it.

The text is kept as it is, but for the front matter, which is kept verbatim as metadata. `source_id` is the
path inside the folder. Hidden folders (`.obsidian`, `.trash`) are passed over.

When: front matter `date`, else a date in the file's name (`2024-01-05.md`, `2024-01-05 Dentist.md`,
`2024-01-05T21-10.md`, `20240105.md`) or folders (`2024/01/05.md`), else `created`, else the file's time of
change, with a note. `created` is when it was written. A date without a time is noon.
Title: front matter `title`, else the first heading (of level 1, or above all else), else the file's name.
Tags: front matter `tags` and `#tag` in the text, but not in code, addresses or headings.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ingest.importers import front_matter
from ingest.importers.dates import Zone, moment
from ingest.importers.files import decoded, place, read_utf8, sentence, walk
from ingest.importers.front_matter import FrontMatter
from ingest.importers.staging import Staging, UntrustedEntry
from ingest.importers.unusable import Unusable

SUFFIXES = (".md", ".markdown")
_BYTES_PER_CHARACTER = 4
_LONGEST_TITLE = 200
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_INLINE_CODE = re.compile(r"(`+)(?!`)[^`\n]{1,2000}?(?<!`)\1(?!`)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_TAG = re.compile(r"(?<!\S)#([\w/-]*[^\W\d][\w/-]*)")
_NAME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{4}_\d{2}_\d{2}|(?:19|20)\d{6})(?!\d)"
    r"(?:[T _-](?P<time>(?:[01]\d|2[0-3])[-.h:][0-5]\d)(?!\d))?(?P<rest>.*)",
    re.ASCII,
)
_YEAR, _MONTH, _DAY = re.compile(r"\d{4}"), re.compile(r"(\d{2})(?:\D.*)?"), re.compile(r"(\d{2})")


def read(path: Path, staging: Staging, zone: Zone) -> None:
    """Stage a note, or every note of a folder.

    :raises OSError: when the source cannot be read. :raises Unusable: when a single note cannot be taken.
    """
    if not path.is_dir():
        staging.take(_note(path, path.name, staging, zone, follow=True))
        return
    for done, file in enumerate(walk(path, SUFFIXES, staging), 1):
        staging.step("reading notes", done, None)
        where = place(file.relative_to(path))
        try:
            staging.take(_note(file, where, staging, zone, follow=False))
        except OSError as error:
            staging.refuse(where, sentence(error))
        except Unusable as error:
            staging.refuse(where, error.why)


def _note(path: Path, name: str, staging: Staging, zone: Zone, *, follow: bool) -> UntrustedEntry:
    where = place(name)
    limit = staging.limits.entry_characters * _BYTES_PER_CHARACTER
    untrusted = decoded(read_utf8(path, limit, follow=follow))
    block, text, properties = front_matter.split(untrusted)
    if properties.problem:
        staging.note(where, properties.problem)
    happened, written = _when(path, where, properties, staging, zone)
    title, inline_tags = _headline_and_tags(text)
    return UntrustedEntry(
        where=where,
        text=text,
        title=((properties.title or title or _name_title(path)) or "")[:_LONGEST_TITLE] or None,
        happened=happened,
        written=written,
        tags=(*properties.tags, *inline_tags),
        source_id=where,
        metadata=block,
    )


def _when(
    path: Path, where: str, properties: FrontMatter, staging: Staging, zone: Zone
) -> tuple[datetime, datetime | None]:
    """When it happened, and when it was written if that is known to be another time."""
    created = _date_or_note(properties.created, where, staging, zone)
    for untrusted_date in (properties.date, _date_in_path(path)):
        happened = _date_or_note(untrusted_date, where, staging, zone)
        if happened is not None:
            return happened, created
    if created is not None:
        return created, None
    staging.note(where, "no date is in it; the file's time of change was taken")
    return zone.changed(path.stat().st_mtime), None


def _date_or_note(untrusted_date: str | None, where: str, staging: Staging, zone: Zone) -> datetime | None:
    if untrusted_date is None:
        return None
    try:
        return moment(untrusted_date, zone)
    except Unusable as error:
        staging.note(where, error.why)
        return None


def _date_in_path(path: Path) -> str | None:
    if match := _NAME.fullmatch(path.stem):
        date = match["date"].replace("_", "-")
        if "-" not in date:
            date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
        return f"{date} {re.sub('[-.h]', ':', match['time'])}" if match["time"] else date
    parts = path.absolute().parts[-3:]
    if len(parts) == 3 and _YEAR.fullmatch(parts[0]):
        month, day = _MONTH.fullmatch(parts[1]), _DAY.fullmatch(path.stem)
        if month and day:
            return f"{parts[0]}-{month[1]}-{day[1]}"
    return None


def _name_title(path: Path) -> str | None:
    """The file's name without a date; None when it is nothing but a date."""
    match = _NAME.fullmatch(path.stem)
    if match:
        return place(match["rest"].strip(" _-.")) or None
    return None if _date_in_path(path) else place(path.stem)


def _headline_and_tags(text: str) -> tuple[str | None, tuple[str, ...]]:
    """The first heading that titles the note, and the tags in its prose, in one pass over the lines."""
    title: str | None = None
    tags: dict[str, None] = {}
    fence = ""
    words_above = False
    code_may_start = True  # indented code stands after an empty line; an indented line elsewhere is prose
    for line in text.splitlines():
        indented = line.startswith(("    ", "\t")) and code_may_start and not _LIST_ITEM.match(line)
        if fence:
            closing = line.strip()
            if closing.startswith(fence) and not closing.strip(fence[0]):
                fence = ""
        elif match := _FENCE.match(line):
            fence = match[1]
        elif match := _HEADING.match(line):
            if title is None and (len(match[1]) == 1 or not words_above):
                title = match[2].strip().rstrip("#").rstrip() or None
        elif "#" in line and not indented:
            tags.update(dict.fromkeys(tag.rstrip("/-") for tag in _TAG.findall(_INLINE_CODE.sub(" ", line))))
        words_above = words_above or bool(line.strip())
        code_may_start = not line.strip() or indented
    return title, tuple(tags)
