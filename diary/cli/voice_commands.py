"""voice: microphones, recordings that are no entries yet, and whether the person is heard."""

from __future__ import annotations

from typing import Any

from diary.cli.consent import agreed
from diary.cli.context import Context
from diary.cli.keys import Interrupts
from diary.cli.live_line import elapsed
from diary.cli.microphones import DEFAULT, named_microphone
from diary.cli.spoken import NAME_LENGTH, Spoken, save
from diary.cli.wording import moment_words
from diary.errors import RecordingNotFound, UsageError
from diary.model.recording import Unfinished
from diary.session import Session


def voice(context: Context) -> int | None:
    """Run one action."""
    return _ACTIONS[context.arguments.action](context)


def _list(context: Context) -> None:
    with context.session() as session:
        there = session.voice.microphones()
        chosen = session.voice.microphone()
    used = next((one.id for one in there if one.id == chosen), None)
    context.console.document(
        {
            "microphones": [
                {
                    "id": one.id,
                    "name": one.name,
                    "default": one.default,
                    "in_use": one.id == used if used else one.default,
                }
                for one in there
            ],
            "remembered": chosen,
        }
    )
    for one in there:
        marks = ["in use"] if (one.id == used if used else one.default) else []
        marks += ["the system's choice"] if one.default else []
        context.console.raw(f"{one.name}  ({', '.join(marks)})" if marks else one.name)
    if chosen is not None and used is None:
        context.console.say("The remembered microphone is not there now; the system's choice is used.")


def _use(context: Context) -> None:
    name = context.arguments.name
    with context.session() as session:
        chosen = None if name == DEFAULT else named_microphone(session.voice, name)
        session.voice.use_microphone(chosen)
        there = session.voice.microphones() if chosen else []
    context.console.document({"remembered": chosen})
    called = next((one.name for one in there if one.id == chosen), "the microphone of the system's choice")
    context.console.say(f"Recordings are made with {called} from now on.")


def _unfinished(context: Context) -> None:
    with context.session() as session:
        found = session.voice.unfinished()
    context.console.document({"unfinished": [_document(one) for one in found]})
    for one in found:
        words = " ".join(segment.text.strip() for segment in one.segments)
        context.console.raw(f"{one.id[:NAME_LENGTH]}  {moment_words(one.started)}  {elapsed(one.seconds)}")
        if words:
            context.console.say(words, indent=NAME_LENGTH + 2)
    if found:
        context.console.say("Save one with: diary voice save NAME. Or destroy it: diary voice discard NAME")
    else:
        context.console.say("Every recording is an entry.")


def _document(one: Unfinished) -> dict[str, Any]:
    return {
        "recording": one.id,
        "started": one.started.isoformat(),
        "seconds": one.seconds,
        "engine": one.engine,
        "text": " ".join(segment.text.strip() for segment in one.segments),
        "written_down_seconds": one.reached,
    }


def _meant(context: Context, session: Session) -> Unfinished:
    """The recording that was named, by the beginning of its name; without a name, the only one.

    :raises diary.errors.RecordingNotFound: when there is none.
    :raises diary.errors.UsageError: when several are meant.
    """
    name = context.arguments.name
    if name is not None and len(name.strip()) < NAME_LENGTH:
        raise UsageError(
            f"A recording is named by the first {NAME_LENGTH} of its digits at least; nothing was changed.",
            hint="See them with: diary voice unfinished",
        )
    there = session.voice.unfinished()
    found = [one for one in there if name is None or one.id.startswith(name.strip().lower())]
    if not found:
        raise RecordingNotFound(
            "Every recording is an entry; there is nothing to save or discard."
            if name is None or not there
            else f"There is no unfinished recording called {name}; nothing was changed.",
            hint="See them with: diary voice unfinished",
        )
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} unfinished recordings may be meant; nothing was changed.",
            hint="Name one as this shows them: diary voice unfinished",
        )
    return found[0]


def _save(context: Context) -> None:
    with context.session() as session, Interrupts() as interrupts:
        if context.arguments.at:
            session.moment(context.arguments.at)
        meant = _meant(context, session)
        spoken = Spoken(id=meant.id, seconds=meant.seconds)
        context.console.document(save(context, session, spoken, interrupts))


def _discard(context: Context) -> None:
    with context.session() as session:
        meant = _meant(context, session)
        about = f"{moment_words(meant.started)}, {elapsed(meant.seconds)}"
        if not agreed(context, "This cannot be taken back. Destroy it?", about=[about]):
            return
        session.voice.discard_recording(meant.id)
    context.console.document({"discarded": meant.id})
    context.console.say("The recording is gone.")


def _test(context: Context) -> int:
    from diary.cli.voice_test import voice_test

    return voice_test(context)


_ACTIONS = {
    "test": _test,
    "list": _list,
    "use": _use,
    "unfinished": _unfinished,
    "save": _save,
    "discard": _discard,
}
