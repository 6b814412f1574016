"""What becomes of a recording from the microphone: written down to its end, saved, kept for later, discarded.

Whatever goes wrong in writing it down, it is saved, and its words wait: what was said comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diary.cli.context import Context
from diary.cli.heard import NO_WHISPER, index, kept_document, say_kept, words_of
from diary.cli.keys import Interrupts, Keys
from diary.cli.live_line import elapsed
from diary.cli.microphones import named_microphone
from diary.cli.output import error_document
from diary.cli.recording import Choice, LiveRecording, Taken
from diary.errors import DiaryError, MicrophoneFailed, ModelMissing, Stopped, UsageError
from diary.model.entry import Entry, Transcript
from diary.model.recording import SpoolId
from diary.model.speech import Dictation, Segment
from diary.session import Session
from ingest.heard import as_text

NAME_LENGTH = 6
"""Digits of its name that an unfinished recording is known by here: among a handful they are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A recording that is to become an entry.

    :ivar shown: when the segments began that were shown already, in seconds.
    """

    id: SpoolId
    seconds: float
    shown: frozenset[float] = frozenset()


def speak(context: Context) -> int:
    """Record, and make an entry of it; the exit status."""
    arguments = context.arguments
    with context.session() as session:
        if arguments.at:
            session.moment(arguments.at)  # a time that is none is refused before somebody speaks
        waits = session.status().transcriber is None and not arguments.rough
        microphone = named_microphone(session.voice, arguments.microphone) if arguments.microphone else None
        with Interrupts() as interrupts:
            with Keys(until_end=arguments.seconds is None) as keys:
                live = LiveRecording(
                    context.console, session.voice, keys, interrupts, seconds=arguments.seconds
                )
                taken = live.run(microphone, note=NO_WHISPER if waits else "")
            return _ended(context, session, taken, interrupts)


def _ended(context: Context, session: Session, taken: Taken, interrupts: Interrupts) -> int:
    """Do what was chosen; a failure of the microphone is told, and what it gave before is saved."""
    if taken.seconds <= 0:
        session.voice.discard_recording(taken.id)
        if taken.at_end and taken.failure is None:
            raise UsageError(
                "There is no terminal, and standard input was at its end before any sound came; nothing was "
                "recorded.",
                hint="Say how long to record: diary dictate --seconds 60",
            )
        raise taken.failure or MicrophoneFailed(
            "No sound came from the microphone, so there is nothing to save.",
            hint="See which there are with: diary voice list",
        )
    if taken.choice is Choice.DISCARD:
        session.voice.discard_recording(taken.id)
        context.console.document({"entry": None, "status": "discarded", "seconds": taken.seconds})
        context.console.say("Discarded; nothing of it is left.")
        return 0
    if taken.choice is Choice.KEEP:
        return _kept_for_later(context, taken)
    if taken.failure is not None and not context.console.json:
        context.console.error(taken.failure)
    spoken = Spoken(id=taken.id, seconds=taken.seconds, shown=taken.shown)
    document = save(context, session, spoken, interrupts, rough=context.arguments.rough)
    if taken.failure is not None:
        document |= error_document(taken.failure)
    context.console.document(document)
    return 0 if taken.failure is None else 1


def _kept_for_later(context: Context, taken: Taken) -> int:
    """Say where it is; status 1 when nobody chose that: whoever started it wanted an entry."""
    name = taken.id[:NAME_LENGTH]
    context.console.document(
        {"entry": None, "status": "unfinished", "recording": taken.id, "seconds": taken.seconds}
    )
    context.console.say(f"{elapsed(taken.seconds)} kept for later, encrypted; it is no entry yet.")
    context.console.say(f"Save it with: diary voice save {name}. Or: diary voice discard {name}")
    return 1 if taken.unasked else 0


def save(
    context: Context, session: Session, spoken: Spoken, interrupts: Interrupts, *, rough: bool = False
) -> dict[str, Any]:
    """Write down what is not yet written down, make the entry, say both; the contract's document.

    Ctrl-C stops the writing-down and not the saving: the words wait then.
    """
    arguments = context.arguments
    segments, why = _heard(context, session, spoken, interrupts)
    entry = session.voice.save_recording(
        spoken.id,
        as_text(segments),
        at=arguments.at,
        title=arguments.title,
        tags=tuple(arguments.tag or ()),
    )
    if rough and entry.transcript is Transcript.WAITING:
        entry, why = _drafted(context, session, entry, interrupts)
        segments = session.voice.heard(entry.id)
    dictation = _dictation(session, entry, segments, spoken.seconds)
    say_kept(context, entry, dictation, why)
    index(context, session, cancelled=interrupts.came)
    return kept_document(context, session, dictation)


def _heard(
    context: Context, session: Session, spoken: Spoken, interrupts: Interrupts
) -> tuple[tuple[Segment, ...], str]:
    """Its segments, and why the rest of its words has to wait; empty when none has."""
    console = context.console
    shown = set(spoken.shown)

    def show(segment: Segment) -> None:
        if segment.start not in shown:
            shown.add(segment.start)
            console.say(words_of(segment))

    why = ""
    try:
        found = session.voice.hear(spoken.id, report=console.progress, cancelled=interrupts.came, heard=show)
    except DiaryError as error:
        why = _why(error)
        there = [one for one in session.voice.unfinished() if one.id == spoken.id]
        found = there[0].segments if there else ()
    for segment in found:
        show(segment)
    return found, why


def _why(error: DiaryError) -> str:
    """Why words have to wait; nothing without a model: that was said before."""
    if isinstance(error, Stopped):
        return "You stopped before all was written down."
    return "" if isinstance(error, ModelMissing) else error.message


def _drafted(context: Context, session: Session, entry: Entry, interrupts: Interrupts) -> tuple[Entry, str]:
    """The entry with a rough draft; as it was, and why, when there is none."""
    try:
        drafted = session.voice.transcribe_again(
            entry.id, rough=True, report=context.console.progress, cancelled=interrupts.came
        )
    except DiaryError as error:
        return entry, _why(error)
    return drafted, ""


def _dictation(session: Session, entry: Entry, segments: tuple[Segment, ...], seconds: float) -> Dictation:
    written = session.voice.transcripts(entry.id)
    return Dictation(
        entry=entry.id,
        engine=written[-1].engine if written else None,
        segments=segments,
        status=entry.transcript or Transcript.WAITING,
        seconds=seconds,
    )
