"""What is said of a recording once it is kept: its words, what they may mean, what to do when it waits."""

from __future__ import annotations

from typing import Any

from diary.cli.context import Context
from diary.cli.documents import dictation_document
from diary.cli.live_line import elapsed
from diary.cli.wording import moment_words
from diary.errors import EngineFailed, ModelMissing
from diary.model.entry import Entry, Transcript
from diary.model.progress import Cancelled, never
from diary.model.speech import SILERO, Dictation, Segment, unsure
from diary.session import Session

NO_WHISPER = (
    "No speech model is installed: what you say is recorded, encrypted, and its words wait. Install a "
    "Whisper with “diary models import DIR”, or have a rough draft made with --rough."
)

_WAYS_ON = (
    "Its words wait. With a speech model (diary models import DIR): diary dictate --waiting. A rough draft "
    "now, without one: diary dictate --waiting --rough"
)


def words_of(segment: Segment) -> str:
    """The words of a segment; those heard with doubt in brackets with a question mark, as in transcripts on
    paper.
    """
    if not segment.words:
        return f"[{segment.text.strip()}?]" if unsure(segment.confidence) else segment.text.strip()
    return " ".join(f"[{one.text}?]" if unsure(one.confidence) else one.text for one in segment.words)


def tell_unfinished(context: Context, session: Session) -> None:
    """Offer what a stop or a crash left: recordings that are no entries yet."""
    count = len(session.voice.unfinished())
    if count:
        those = "1 recording is" if count == 1 else f"{count} recordings are"
        context.console.note(f"{those} no entry yet: diary voice unfinished")


def index(context: Context, session: Session, *, cancelled: Cancelled = never) -> None:
    """Make what came in searchable; what was kept stays kept when that has to wait."""
    try:
        session.index(report=context.console.progress, cancelled=cancelled)
    except (ModelMissing, EngineFailed) as error:
        context.console.say(f"It cannot be searched yet. {error.message}")


def say_dictation(context: Context, name: str, dictation: Dictation) -> None:
    """One recording that became an entry, for a person.

    :param name: of the file, or what else it was.
    """
    console = context.console
    where = f"entry {dictation.entry}"
    if dictation.status is Transcript.WAITING:
        console.say(f"{name}: kept encrypted as {where}, waiting to be written down.")
        console.say(_WAYS_ON, indent=2)
    elif dictation.status is Transcript.NO_SPEECH:
        console.say(f"{name}: kept as {where}. {_nothing(dictation)}")
    else:
        rough = " (a rough draft: expect wrong words)" if dictation.status is Transcript.ROUGH else ""
        console.say(f"{name}: {where}, written by {dictation.engine}{rough}:")
        _say_words(context, dictation)


def _say_words(context: Context, dictation: Dictation) -> None:
    """The words, and what to do with them when they are a rough draft."""
    context.console.say(" ".join(words_of(segment) for segment in dictation.segments), indent=2)
    if dictation.status is Transcript.ROUGH:
        number = dictation.entry
        context.console.say(
            f"When you have mended it (diary edit {number} -): diary dictate --confirm {number}", indent=2
        )


def _nothing(dictation: Dictation) -> str:
    """Why there are no words."""
    if dictation.engine in (None, SILERO):
        return "No speech was heard, so nothing was written."
    again = f"diary dictate --again {dictation.entry}"
    return f"There was speech, but {dictation.engine} made no words of it. The sound is kept: {again}"


def say_kept(context: Context, entry: Entry, dictation: Dictation, why: str) -> None:
    """One recording from the microphone that became an entry; its words were shown as they came.

    :param why: they have to wait, as a sentence; may be empty.
    """
    console = context.console
    console.say(f"Saved as entry {entry.id}, {moment_words(entry.happened)}, {elapsed(dictation.seconds)}.")
    if dictation.status is Transcript.WAITING:
        console.say(f"{why} Its words wait; go on with: diary dictate --waiting" if why else _WAYS_ON)
    elif dictation.status is Transcript.NO_SPEECH:
        console.say(_nothing(dictation))
    elif dictation.status is Transcript.ROUGH:
        console.say(f"A rough draft by {dictation.engine}; expect wrong words:")
        _say_words(context, dictation)
    elif dictation.engine:
        console.say(f"Written by {dictation.engine}; read it again with: diary read {entry.id}")


def what_it_may_mean(context: Context, session: Session, dictation: Dictation) -> dict[str, Any]:
    """Say the questions that the words raise, and give them as fields of the document.

    A medicine that was perhaps heard wrong is asked about, and a number told in words is offered as a line;
    neither changes anything.
    """
    if not dictation.segments:
        return {"doubts": [], "offers": []}
    text = session.entry(dictation.entry).text
    doubts = session.voice.doubts(text)
    offers = session.voice.spoken_observations(text)
    say = context.console.say
    for doubt in doubts:
        say(f"Was “{doubt.heard}” {doubt.word}? It was not changed.", indent=2)
    if offers:
        say(f"Told as numbers, not counted yet: {' · '.join(offer.line for offer in offers)}", indent=2)
    if doubts or offers:
        say(f"To change it, write the entry anew with: diary edit {dictation.entry} -", indent=2)
    return {
        "doubts": [
            {"start": one.start, "end": one.end, "heard": one.heard, "meant": one.word} for one in doubts
        ],
        "offers": [{"start": one.start, "end": one.end, "line": one.line} for one in offers],
    }


def kept_document(context: Context, session: Session, dictation: Dictation) -> dict[str, Any]:
    """The contract's document of one recording, with the questions that its words raise; says them too."""
    return dictation_document(dictation) | what_it_may_mean(context, session, dictation)
