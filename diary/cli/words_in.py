"""import: other programs' files become entries."""

from __future__ import annotations

from diary.cli.context import Context
from diary.cli.documents import batch_document, import_document
from diary.cli.heard import index
from diary.cli.wording import moment_words
from diary.errors import UsageError
from diary.model.entry import BatchId
from diary.session import Session
from ingest.importing import ImportReport

_ITEMS_SHOWN = 20


def import_files(context: Context) -> int:
    """Take entries in, list the imports, or take one back."""
    arguments = context.arguments
    chosen = [bool(arguments.paths), arguments.undo is not None, arguments.list]
    if sum(chosen) != 1:
        raise UsageError("Give either paths to import, --undo BATCH, or --list.")
    with context.session() as session:
        if arguments.list:
            _list_batches(context, session)
            return 0
        if arguments.undo is not None:
            removed = session.undo_import(BatchId(arguments.undo))
            context.console.document({"batch": arguments.undo, "removed": removed})
            context.console.say(f"Import {arguments.undo} was taken back: {removed} entries removed.")
            return 0
        report = session.import_files(
            arguments.paths,
            format=arguments.format,
            dry_run=arguments.dry_run,
            report=context.console.progress,
        )
        if not arguments.dry_run:
            index(context, session)
    context.console.document(import_document(report))
    _say_import(context, report)
    return 1 if report.errors and not report.added and not report.duplicates else 0


def _list_batches(context: Context, session: Session) -> None:
    batches = session.batches()
    context.console.document({"batches": [batch_document(batch) for batch in batches]})
    for batch in batches:
        context.console.raw(
            f"{batch.id:>6}  {moment_words(batch.made)}  {batch.added} "
            f"{'entry' if batch.added == 1 else 'entries'} from {batch.source} ({batch.format})"
        )
    if not batches:
        context.console.say("No imports.")


def outcome_words(report: ImportReport) -> str:
    """How many entries came in, and how many did not, in one sentence."""
    if not (report.added or report.duplicates or report.skipped or report.errors):
        return f"There is no entry in it, so nothing was added (format: {report.format})."
    verb = "would be added" if report.dry_run else "added"
    parts = [f"{report.added} {'entry' if report.added == 1 else 'entries'} {verb}"]
    for count, what in ((report.duplicates, "here already"), (report.skipped, "left out")):
        if count:
            parts.append(f"{count} {'was' if count == 1 else 'were'} {what}")
    return f"{', '.join(parts)} (format: {report.format})."


def _say_import(context: Context, report: ImportReport) -> None:
    console = context.console
    console.say(outcome_words(report))
    for title, items in (("Not taken:", report.errors), ("Good to know:", report.notes)):
        if items:
            console.say(title)
        for item in items[:_ITEMS_SHOWN]:
            console.say(f"{item.where}: {item.why}", indent=2)
        if len(items) > _ITEMS_SHOWN:
            console.say(f"… and {len(items) - _ITEMS_SHOWN} more; --json lists them all.", indent=2)
    if report.batch is not None:
        console.say(f"To take it back: diary import --undo {report.batch}")
