"""Import: other programs' files become entries, all of them in one transaction, or none.

Order: find the format of every source; read all of them into the staging area, in memory, item by item; look
up what is here already; add the rest in one transaction. Reading is the slow and hostile part, and nothing
is kept before it is over: a stop or a refusal there leaves the diary as it was.

Rules:
1. An item that cannot be taken is listed, and the good ones are taken. A source that cannot be read refuses
   all.
2. What is here already, by format and id or by time, title and words, is counted and left alone. An item
   whose id is here with other words is noted too: it was changed there, or two folders use the same names.
3. A dry run does all but the last step.
4. Several sources of several formats make one batch, of the format "mixed".

Not here: the checks of what an item may hold (`ingest.importers.staging`), and keeping it (`diary.vault`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from diary.errors import ImportRefused
from diary.model.entry import BatchId, EntryDraft, EntryId, ImportOutcome
from diary.model.progress import Cancelled, Progress, Report, never, silent
from ingest.importers.dates import Zone
from ingest.importers.detect import KNOWN_FORMATS, format_of
from ingest.importers.files import place, refused, sentence
from ingest.importers.staging import ItemError, Limits, Staging
from ingest.importers.unusable import Unusable
from ingest.ports import ImportLedger

__all__ = ["ImportReport", "ImportRequest", "ItemError", "run_import"]

_PREVIEWED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What to import.

    :ivar paths: files and folders, in the order they were named.
    :ivar format: the name of a format in `ingest.importers.detect.FORMATS`, or None to find it out.
    :ivar now: aware; its zone is that of dates without an offset.
    :ivar require: given the name of each format before anything is read; raises when it may not be imported.
    """

    paths: tuple[Path, ...]
    now: datetime
    format: str | None = None
    dry_run: bool = False
    require: Callable[[str], None] = lambda _format: None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or under `dry_run` would do.

    :ivar batch: by which it can be undone; None when nothing was added.
    :ivar format: name of the format, or "mixed".
    :ivar duplicates: items that were here already, or twice in the source.
    :ivar skipped: items without words.
    :ivar errors: items that were not taken, and why; past a thousand, a last line counts the rest.
    :ivar notes: what is worth knowing about others: why skipped, dates guessed, properties not read.
    :ivar entries: the entries added, in the order of the source; empty under `dry_run`.
    :ivar preview: the first drafts that were, or would be, added.
    """

    batch: BatchId | None
    format: str
    added: int
    duplicates: int
    skipped: int
    errors: tuple[ItemError, ...]
    dry_run: bool
    notes: tuple[ItemError, ...] = ()
    entries: tuple[EntryId, ...] = ()
    preview: tuple[EntryDraft, ...] = ()


def run_import(
    request: ImportRequest,
    ledger: ImportLedger,
    *,
    report: Report = silent,
    cancelled: Cancelled = never,
    limits: Limits | None = None,
) -> ImportReport:
    """Import what was asked for.

    :raises diary.errors.ImportRefused: when a source cannot be taken as a whole; nothing was added.
    :raises diary.errors.Stopped: when `cancelled` said so before anything was added.
    :raises diary.errors.DiskFull: and nothing was added.
    """
    staging = Staging(report=report, cancelled=cancelled, limits=limits)
    formats = _stage(request, staging)
    format = formats[0] if len(set(formats)) == 1 else "mixed"
    new = _not_here_yet(staging, ledger, format, report)
    outcome = ImportOutcome(batch=None, added=(), duplicates=0)
    if new and not request.dry_run:
        staging.check_stopped()
        report(Progress("saving", 0, len(new)))
        outcome = ledger.add(new, format=format, source=_source(request.paths))
        report(Progress("saving", len(new), len(new)))
    return ImportReport(
        batch=outcome.batch,
        format=format,
        added=len(new) - outcome.duplicates,
        duplicates=staging.duplicates + outcome.duplicates,
        skipped=staging.skipped,
        errors=staging.errors,
        dry_run=request.dry_run,
        notes=staging.notes,
        entries=outcome.added,
        preview=tuple(new[:_PREVIEWED]),
    )


def _stage(request: ImportRequest, staging: Staging) -> list[str]:
    """Read every source into the staging area; the names of their formats."""
    if not request.paths:
        raise ImportRefused("No file or folder was named, so nothing was imported.", hint=KNOWN_FORMATS)
    zone = Zone(request.now)
    found = [(path, format_of(path, request.format)) for path in request.paths]
    for _, format in found:
        request.require(format.name)
    for path, format in found:
        staging.format = format.name
        try:
            format.read(path, staging, zone)
        except OSError as error:
            raise refused(path, sentence(error)) from None
        except Unusable as error:
            raise refused(path, error.why) from None
    return [format.name for _, format in found]


def _not_here_yet(staging: Staging, ledger: ImportLedger, format: str, report: Report) -> list[EntryDraft]:
    """The staged drafts that the diary does not hold; the others are counted."""
    new: list[EntryDraft] = []
    for number, draft in enumerate(staging.drafts, 1):
        staging.step("looking for what is here already", number, len(staging.drafts))
        if not ledger.known(draft, format):
            new.append(draft)
            continue
        staging.duplicates += 1
        if draft.source_id is not None and not ledger.known(replace(draft, source_id=None), format):
            staging.note(draft.source_id, "it is here already, with other words; those were left as they are")
    return new


def _source(paths: tuple[Path, ...]) -> str:
    """The sources by name, for the list of imports."""
    names = [place(path.name or path.absolute().name) for path in paths]
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
