"""dictate: from the microphone, from files and folders of them, and again from what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from diary.cli.context import Context
from diary.cli.documents import entry_document
from diary.cli.heard import index, kept_document, say_dictation
from diary.cli.keys import Interrupts
from diary.cli.memos import Memo, memos, sound_of
from diary.cli.output import error_document
from diary.cli.spoken import speak
from diary.errors import DiaryError, Stopped, UsageError
from diary.model.entry import Entry, EntryFilter, EntryId, Kind, Transcript
from diary.model.speech import Dictation
from diary.session import Session
from ingest.dictation import fingerprint


def dictate(context: Context) -> int:
    """Run what the arguments name; the exit status."""
    arguments = context.arguments
    kept = arguments.waiting or arguments.again is not None or arguments.confirm is not None
    if arguments.files and kept:
        raise UsageError(
            "Give either recordings, or --waiting, --again or --confirm for those that are kept."
        )
    _only_for_the_microphone(context, kept or bool(arguments.files))
    if arguments.waiting:
        return _waiting(context)
    if arguments.files:
        return _files(context)
    if arguments.again is not None:
        return _again(context)
    if arguments.confirm is not None:
        return _confirm(context)
    return speak(context)


def _only_for_the_microphone(context: Context, otherwise: bool) -> None:
    given = vars(context.arguments)
    wrong = [name for name in ("seconds", "microphone", "at", "title", "tag") if given[name] is not None]
    if otherwise and wrong:
        raise UsageError(
            f"--{wrong[0]} is for recordings from the microphone.",
            hint="The time of a file is read from it or from its name; diary edit changes it, and the title.",
        )


def _files(context: Context) -> int:
    """Keep each recording; damaged ones are refused by name and the rest go on.

    A folder may be taken again when more memos are in it: what is here already is left out.
    """
    found = memos(context.arguments.files)
    taken = _Taken()
    with context.session() as session, Interrupts() as interrupts:
        here = {} if all(memo.named for memo in found) else _here(session)
        for memo in found:
            try:
                _take(context, session, memo, here, taken, interrupts)
            except Stopped:
                raise
            except DiaryError as error:
                taken.failed += 1
                taken.add(memo, error_document(error))
                _say_refused(context, memo, error, found)
        if len(found) > taken.failed + taken.here:
            index(context, session, cancelled=interrupts.came)
    _sum_up(context, found, taken)
    return 1 if taken.failed else 0


def _take(
    context: Context,
    session: Session,
    memo: Memo,
    here: dict[str | None, EntryId],
    taken: _Taken,
    interrupts: Interrupts,
) -> None:
    """Keep one recording, unless it was found in a folder and is kept already."""
    if interrupts.came():
        raise Stopped("Stopped. The recordings before it are kept.", hint="Run it again for the rest.")
    sound = sound_of(memo.path)
    name = fingerprint(sound)
    if not memo.named and name in here:
        taken.here += 1
        taken.add(memo, {"entry": here[name], "skipped": True})
        return
    dictation = session.voice.dictate(
        sound,
        name=memo.path.name,
        language=context.settings.speech.language,
        rough=context.arguments.rough,
        report=context.console.progress,
        cancelled=interrupts.came,
    )
    here[name] = dictation.entry
    say_dictation(context, memo.path.name, dictation)
    taken.add(memo, kept_document(context, session, dictation))


@dataclass(slots=True)
class _Taken:
    """What became of the recordings so far."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0
    here: int = 0

    def add(self, memo: Memo, document: dict[str, Any]) -> None:
        self.documents.append({"file": str(memo.path), **document})


def _here(session: Session) -> dict[str | None, EntryId]:
    """The voice entries that are kept, by the fingerprints of their recordings."""
    return {entry.source_id: entry.id for entry in session.entries(EntryFilter(kind=Kind.VOICE))}


def _sum_up(context: Context, found: Sequence[Memo], taken: _Taken) -> None:
    if len(found) == 1 and found[0].named:
        (only,) = taken.documents
        context.console.document({key: value for key, value in only.items() if key != "file"})
        return
    context.console.document({"recordings": taken.documents})
    kept = len(found) - taken.failed - taken.here
    were = "recording was" if kept == 1 else "recordings were"
    here = f" {taken.here} of {len(found)} had been kept before." if taken.here else ""
    context.console.say(f"{kept} {were} kept.{here}")


def _say_refused(context: Context, memo: Memo, error: DiaryError, among: Sequence[Memo]) -> None:
    """Refused by name: of several, the sentence alone does not say which."""
    if context.console.json:
        return
    if len(among) > 1 and str(memo.path) not in error.message:
        error = type(error)(f"{memo.path.name}: {error.message}", hint=error.hint)
    context.console.error(error)


def _waiting(context: Context) -> int:
    done = []
    with context.session() as session, Interrupts() as interrupts:
        for dictation in session.voice.write_down_waiting(
            language=context.settings.speech.language,
            rough=context.arguments.rough,
            report=context.console.progress,
            cancelled=interrupts.came,
        ):
            say_dictation(context, "Kept recording", dictation)
            done.append(kept_document(context, session, dictation))
        if done:
            index(context, session, cancelled=interrupts.came)
    context.console.document({"recordings": done})
    if not done:
        context.console.say("No recording waits.")
    return 0


def _again(context: Context) -> int:
    """Write a kept recording down anew; the words before stay in the history."""
    with context.session() as session, Interrupts() as interrupts:
        entry = session.voice.transcribe_again(
            EntryId(context.arguments.again),
            rough=context.arguments.rough,
            force=context.arguments.force,
            report=context.console.progress,
            cancelled=interrupts.came,
        )
        dictation = _newest(session, entry)
        say_dictation(context, "Written down anew", dictation)
        context.console.say(f"Both versions are kept: diary history {entry.id}", indent=2)
        # How long the recording is, was measured when it was taken in, and is not known here.
        context.console.document(kept_document(context, session, dictation) | {"seconds": None})
        index(context, session, cancelled=interrupts.came)
    return 0


def _newest(session: Session, entry: Entry) -> Dictation:
    """The newest writing-down of an entry, as the contract tells one."""
    written = session.voice.transcripts(entry.id)
    segments = session.voice.heard(entry.id)
    return Dictation(
        entry=entry.id,
        engine=written[-1].engine if written else None,
        segments=segments,
        status=entry.transcript or Transcript.WAITING,
        seconds=segments[-1].end if segments else 0.0,
    )


def _confirm(context: Context) -> int:
    """Vouch for a rough draft."""
    with context.session() as session:
        entry = session.voice.confirm(EntryId(context.arguments.confirm))
    context.console.document(entry_document(entry))
    context.console.say(f"Entry {entry.id} counts like any other now, in numbers and summaries too.")
    return 0
