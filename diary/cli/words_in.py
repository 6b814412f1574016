"""dictate and import: recordings and other programs' files become entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diary.cli.context import Context
from diary.cli.documents import batch_document, dictation_document, import_document
from diary.cli.output import error_document
from diary.cli.wording import moment_words
from diary.errors import DiaryError, EngineFailed, ModelMissing, RecordingDamaged, UsageError
from diary.model.entry import BatchId, Transcript
from diary.model.speech import Dictation
from diary.session import Session
from ingest.importing import ImportReport

_LARGEST_RECORDING = 512 * 1024 * 1024
"""Bytes; about 6 hours of compressed speech. A larger file is refused before it is read into memory."""

_ITEMS_SHOWN = 20


def dictate(context: Context) -> int:
    """Keep each recording; damaged ones are refused by name and the rest go on."""
    if bool(context.arguments.files) == context.arguments.waiting:
        raise UsageError("Give either recordings, or --waiting for those that are kept and wait.")
    if context.arguments.waiting:
        return _dictate_waiting(context)
    done: list[dict[str, Any]] = []
    failed = 0
    with context.session() as session:
        for path in context.arguments.files:
            try:
                dictation = _dictate_one(context, session, path)
            except DiaryError as error:
                failed += 1
                done.append({"file": str(path), **error_document(error)})
                if not context.console.json:
                    context.console.error(error)
                continue
            done.append({"file": str(path), **dictation_document(dictation)})
            _say(context, path.name, dictation)
        if len(done) > failed:
            _index(context, session)
    if len(context.arguments.files) == 1:
        context.console.document({key: value for key, value in done[0].items() if key != "file"})
    else:
        context.console.document({"recordings": done})
    return 1 if failed else 0


def _index(context: Context, session: Session) -> None:
    """Make what came in searchable; what was kept stays kept when that has to wait."""
    try:
        session.index(report=context.console.progress)
    except (ModelMissing, EngineFailed) as error:
        context.console.say(f"It cannot be searched yet. {error.message}")


def _dictate_waiting(context: Context) -> int:
    done = []
    with context.session() as session:
        for dictation in session.transcribe_waiting(
            language=context.arguments.language or context.settings.language,
            rough=context.arguments.rough,
            report=context.console.progress,
        ):
            done.append(dictation_document(dictation))
            _say(context, "Kept recording", dictation)
        if done:
            _index(context, session)
    context.console.document({"recordings": done})
    if not done:
        context.console.say("No recording waits.")
    return 0


def _dictate_one(context: Context, session: Session, path: Path) -> Dictation:
    return session.dictate(
        _sound(path),
        name=path.name,
        language=context.arguments.language or context.settings.language,
        rough=context.arguments.rough,
        report=context.console.progress,
    )


def _sound(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise RecordingDamaged(f"{path} is not a file; nothing was kept.", hint="Check the name.")
        if path.stat().st_size > _LARGEST_RECORDING:
            raise RecordingDamaged(
                f"{path} is larger than 512 MB; nothing was kept.", hint="Cut it into parts first."
            )
        return path.read_bytes()
    except OSError as error:
        raise RecordingDamaged(
            f"{path} cannot be read: {error.strerror}. Nothing was kept.", hint="Check its permissions."
        ) from None


def _say(context: Context, name: str, dictation: Dictation) -> None:
    console = context.console
    where = f"entry {dictation.entry}"
    if dictation.status is Transcript.WAITING:
        console.say(f"{name}: kept encrypted as {where}, waiting for a speech model.")
        console.say(
            "Install one with “diary models import DIR”, or make a rough draft now with --rough.", indent=2
        )
    elif dictation.status is Transcript.NO_SPEECH:
        console.say(f"{name}: kept as {where}. No speech was heard, so nothing was written.")
    else:
        rough = " (a rough draft: expect wrong words)" if dictation.status is Transcript.ROUGH else ""
        console.say(f"{name}: {where}, written by {dictation.engine}{rough}:")
        console.say(" ".join(segment.text.strip() for segment in dictation.segments), indent=2)


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
            _index(context, session)
    context.console.document(import_document(report))
    _say_import(context, report)
    return 1 if report.errors and not report.added and not report.duplicates else 0


def _list_batches(context: Context, session: Session) -> None:
    batches = session.batches()
    context.console.document({"batches": [batch_document(batch) for batch in batches]})
    for batch in batches:
        context.console.raw(
            f"{batch.id:>6}  {moment_words(batch.made)}  {batch.added} entries "
            f"from {batch.source} ({batch.format})"
        )
    if not batches:
        context.console.say("No imports.")


def _say_import(context: Context, report: ImportReport) -> None:
    console = context.console
    verb = "would be added" if report.dry_run else "added"
    parts = [f"{report.added} entries {verb}"]
    if report.duplicates:
        parts.append(f"{report.duplicates} were here already")
    if report.skipped:
        parts.append(f"{report.skipped} were left out")
    console.say(f"{', '.join(parts)} (format: {report.format}).")
    for title, items in (("Not taken:", report.errors), ("Good to know:", report.notes)):
        if items:
            console.say(title)
        for item in items[:_ITEMS_SHOWN]:
            console.say(f"{item.where}: {item.why}", indent=2)
        if len(items) > _ITEMS_SHOWN:
            console.say(f"… and {len(items) - _ITEMS_SHOWN} more; --json lists them all.", indent=2)
    if report.batch is not None:
        console.say(f"To take it back: diary import --undo {report.batch}")
