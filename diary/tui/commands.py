"""Every action of the screen, once: the keys, the footer, the command palette and the help read this table.

Rules: a key that types a character is bound only where no field has the focus by nature (journal, reader,
review, recording, the glossary, a plan); what must work while typing has a control or function key. The
labels of one place fit 80 columns together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider


class Place(StrEnum):
    """Where the person is."""

    UNLOCK = "opening the diary"
    JOURNAL = "the journal"
    READER = "an entry"
    EDITOR = "writing"
    FIND = "finding"
    ASK = "asking"
    REVIEW = "looking back"
    PLAN = "planning"
    RECORD = "recording"
    TRANSCRIPT = "reading through a recording"
    GLOSSARY = "your own words"
    ATTACHMENTS = "the files of an entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing a person can do.

    :ivar keys: as Textual names them, separated by commas.
    :ivar shown: the key as the footer shows it.
    :ivar action: of the screen, or of the app with `app.` before it.
    :ivar label: one word for the footer; empty keeps it out of the footer.
    :ivar meaning: a phrase for the palette and the help.
    :ivar places: where it works.
    :ivar priority: works before the focused field sees the key.
    """

    keys: str
    shown: str
    action: str
    label: str
    meaning: str
    places: frozenset[Place]
    priority: bool = False


_LIST = frozenset({Place.JOURNAL})
_READ = frozenset({Place.READER})
_ENTRY = _LIST | _READ
_WRITE = frozenset({Place.EDITOR, Place.TRANSCRIPT})
_RECORD = frozenset({Place.RECORD})
_TRANSCRIPT = frozenset({Place.TRANSCRIPT})
_GLOSSARY = frozenset({Place.GLOSSARY})
_FILES = frozenset({Place.ATTACHMENTS})
_FIND = frozenset({Place.FIND})
_ASK = frozenset({Place.ASK})
_REVIEW = frozenset({Place.REVIEW})
_PLAN = frozenset({Place.PLAN})
_LETTERS = _ENTRY | _REVIEW | _GLOSSARY | _FILES  # where no field has the focus, so that letters are keys
_OPEN = frozenset(Place) - {Place.UNLOCK}
_ALL = frozenset(Place)


def _command(
    keys: str,
    shown: str,
    action: str,
    label: str,
    meaning: str,
    places: frozenset[Place],
    priority: bool = False,
) -> Command:
    return Command(
        keys=keys,
        shown=shown,
        action=action,
        label=label,
        meaning=meaning,
        places=places,
        priority=priority,
    )


COMMANDS: Final[tuple[Command, ...]] = (
    _command("n", "n", "new", "New", "Write a new entry", _LIST),
    _command("v", "v", "speak", "Speak", "Record a spoken entry from the microphone", _LIST),
    _command("slash", "/", "find", "Find", "Find entries by their words, tags, kind and days", _LIST),
    _command("a", "a", "ask", "Ask", "Ask your notes a question", _LIST),
    _command("r", "r", "review", "Review", "Look back on a week, a month or any days", _LIST),
    _command("p", "p", "plan", "Plan", "Plan from your notes; on a plan, open it as a checklist", _LIST),
    _command("enter", "⏎", "read", "", "Read the entry", _LIST),
    _command("e", "e", "edit", "", "Edit the entry; a spoken one beside its sound", _LIST),
    _command("e", "e", "edit", "Edit", "Edit the entry; a spoken one beside its sound", _READ),
    _command("p", "p", "play", "Play", "Play the recording from the sentence marked, or stop it", _READ),
    _command("left", "←", "sentence(-1)", "", "Play the sentence before", _READ, True),
    _command("right", "→", "sentence(1)", "", "Play the next sentence", _READ, True),
    _command("t", "t", "write_down", "", "Write the recording down again, or stop that", _ENTRY),
    _command("c", "c", "confirm", "", "Confirm a rough draft: you have read it, and it may count", _ENTRY),
    _command("g", "g", "glossary", "", "Your own words: people, places, medicines", _LIST),
    _command("b", "b", "app.backup", "", "Make a backup in the folder of the settings, or stop it", _LIST),
    _command("s", "s", "star", "", "Star the entry, or take the star away", _LIST),
    _command("s", "s", "star", "", "Star the entry, or take the star away", _READ),
    _command("d,delete", "d", "delete", "", "Delete the entry, after asking", _LIST),
    _command("d,delete", "d", "delete", "Delete", "Delete the entry, after asking", _READ),
    _command("ctrl+z", "^z", "app.undelete", "", "Bring back the entry deleted last", _ENTRY, True),
    _command("x", "x", "app.deleted", "", "List what was deleted: bring it back, or erase it", _LIST),
    _command("h", "h", "history", "", "Show the versions of the entry", _LIST),
    _command("f", "f", "files", "", "The files of the entry: look at them, add one", _LIST),
    _command("f", "f", "files", "Files", "The files of the entry: look at them, add one", _READ),
    _command("h", "h", "history", "History", "Show the versions of the entry", _READ),
    _command("w", "w", "full", "", "Of a version: its whole words, or what it changed", _READ),
    _command("b", "b", "bring_back", "", "Of a version: make it the newest again; all are kept", _READ),
    _command("u", "u", "unsaved", "", "Go on with unsaved words and recordings", _LIST),
    _command("ctrl+s", "^s", "save", "Save", "Save the entry", _WRITE, True),
    _command("escape", "esc", "leave", "Back", "Go back; unsaved words are kept", _WRITE),
    _command("ctrl+t", "^t", "play", "Play", "Play from the sentence you are at, or stop", _TRANSCRIPT, True),
    _command("ctrl+o", "^o", "accept", "Yes", "Do what the line under the words offers", _TRANSCRIPT, True),
    _command("ctrl+g", "^g", "refuse", "", "Leave it as it is; it is not asked again", _TRANSCRIPT, True),
    _command("ctrl+n", "^n", "next_question", "", "Go to the next question", _TRANSCRIPT, True),
    _command("ctrl+r", "^r", "hear", "", "Stop the writing-down of the sound, or go on", _TRANSCRIPT, True),
    _command("space", "space", "pause", "Pause", "Pause, or go on", _RECORD),
    _command("enter", "⏎", "stop", "Done", "Stop, and read through what was heard", _RECORD),
    _command("m", "m", "microphone", "Microphone", "Choose the microphone; it is remembered", _RECORD),
    _command("pageup", "PgUp", "scroll(-1)", "", "Scroll up", _RECORD),
    _command("pagedown", "PgDn", "scroll(1)", "", "Scroll down", _RECORD),
    _command("escape", "esc", "leave", "Leave", "Keep it for later, discard it, or go on", _RECORD),
    _command("a", "a", "add", "Add", "Add a word of yours", _GLOSSARY),
    _command("p", "p", "propose", "Propose", "Offer names that your entries hold", _GLOSSARY),
    _command("d,delete", "d", "delete", "Remove", "Remove the word, after asking", _GLOSSARY),
    _command("escape,backspace", "esc", "leave", "Back", "Go back to the journal", _GLOSSARY),
    _command("v,enter", "v", "view", "View", "Look at the file: a text, or what it is", _FILES),
    _command("a", "a", "attach", "Attach", "Keep a file of the exchange folder with the entry", _FILES),
    _command("x", "x", "export", "Write out", "Write the file into the exchange folder, unencrypted", _FILES),
    _command("d,delete", "d", "delete", "Remove", "Remove the file from the diary, after asking", _FILES),
    _command("escape,backspace", "esc", "leave", "Back", "Stop the copying, or go back to the entry", _FILES),
    _command("enter", "⏎", "open", "Open", "Search at once, then open the entry at the passage", _FIND),
    _command("escape", "esc", "leave", "Back", "Go back to the journal", _FIND),
    _command("down", "↓", "next", "", "Go to the next entry found", _FIND),
    _command("up", "↑", "previous", "", "Go to the entry found before", _FIND),
    _command("pageup", "PgUp", "page(-1)", "", "Go a page up", _FIND),
    _command("pagedown", "PgDn", "page(1)", "", "Go a page down", _FIND),
    _command("ctrl+f", "^f", "filter", "Filter", "Only a tag, a kind or starred entries", _FIND, True),
    _command("escape", "esc", "stop", "Back", "Stop the answer, or go back", _ASK),
    _command("down", "↓", "next_quote", "", "Go to the next quote", _ASK),
    _command("up", "↑", "previous_quote", "", "Recall an earlier question; from a quote go up", _ASK),
    _command("ctrl+r", "^r", "range", "Days", "Change the days looked at, and ask again", _ASK, True),
    _command("ctrl+f", "^f", "filter", "Filter", "Look only at a tag, a kind or starred entries", _ASK, True),
    _command("ctrl+n", "^n", "ask_anew", "Afresh", "Start afresh: the next question stands alone", _ASK),
    _command("pageup", "PgUp", "scroll(-1)", "", "Scroll up, through earlier answers too", _ASK),
    _command("pagedown", "PgDn", "scroll(1)", "", "Scroll down", _ASK),
    _command("ctrl+o", "^o", "whole", "", "Open the whole review or plan of an answer", _ASK, True),
    _command("left", "←", "earlier", "Earlier", "The days before", _REVIEW),
    _command("right", "→", "later", "Later", "The days after", _REVIEW),
    _command("w", "w", "unit('week')", "Week", "The last seven days", _REVIEW),
    _command("m", "m", "unit('month')", "Month", "This month", _REVIEW),
    _command("y", "y", "unit('year')", "", "This year", _REVIEW),
    _command("c", "c", "choose", "Days", "Any days, in words", _REVIEW),
    _command("down", "↓", "next", "", "Go to the next quote", _REVIEW),
    _command("up", "↑", "previous", "", "Go to the quote before", _REVIEW),
    _command("pageup", "PgUp", "scroll(-1)", "", "Scroll up", _REVIEW),
    _command("pagedown,space", "PgDn", "scroll(1)", "", "Scroll down", _REVIEW),
    _command("escape,backspace", "esc", "stop", "Back", "Stop the review, or go back", _REVIEW),
    _command("space", "space", "tick", "Tick", "Tick the item, or take the tick away", _PLAN),
    _command("e", "e", "edit", "Edit", "Change the words and the day of the item", _PLAN),
    _command("a", "a", "add", "Add", "Add an item of your own", _PLAN),
    _command("d,delete", "d", "delete", "", "Take the item off the plan; its note stays", _PLAN),
    _command("o", "o", "by_day", "", "Put the items in the order of their days", _PLAN),
    _command("ctrl+s", "^s", "save", "Save", "Keep the plan as an entry", _PLAN, True),
    _command("escape", "esc", "stop", "Back", "Stop looking, or go back", _PLAN),
    _command("escape,backspace", "esc", "leave", "Back", "Go back", _READ),
    _command("ctrl+l", "^l", "app.lock", "Lock", "Lock the diary", _OPEN, True),
    _command("q", "q", "app.leave", "Quit", "Quit", _LETTERS),
    _command("ctrl+q", "^q", "app.leave", "", "Quit", _LETTERS, True),
    _command("ctrl+q", "^q", "app.leave", "Quit", "Quit; unsaved words are kept", _ALL - _LETTERS, True),
    _command("question_mark,f1", "?", "app.help", "Help", "Show all keys", _LETTERS),
    _command("f1", "F1", "app.help", "Help", "Show all keys", _ALL - _LETTERS),
    _command("f2", "F2", "app.toggle_theme", "", "Change between dark and light", _ALL),
)


def commands_for(place: Place) -> Iterator[Command]:
    """The commands that work here, in the order of the table."""
    return (command for command in COMMANDS if place in command.places)


def bindings_for(place: Place, *, beyond: Place | None = None) -> list[BindingType]:
    """The same as Textual bindings; those with a label are in the footer.

    :param beyond: only what does not work in this place too, for a screen that inherits its bindings.
    """
    return [
        Binding(
            command.keys,
            command.action,
            command.label or command.meaning,
            show=bool(command.label),
            key_display=command.shown,
            priority=command.priority,
        )
        for command in commands_for(place)
        if beyond not in command.places
    ]


class CommandTable(Provider):
    """The command palette: what works on the screen it was opened from."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], Awaitable[None]]]]:
        place = getattr(self.screen, "PLACE", None)
        seen: set[str] = set()
        for command in commands_for(place) if isinstance(place, Place) else ():
            if command.action not in seen:
                seen.add(command.action)
                run = partial(self.screen.run_action, command.action)
                yield command.meaning, command.shown, run

    async def discover(self) -> Hits:
        """Everything that works here, before anything is typed."""
        for meaning, shown, run in self._commands():
            yield DiscoveryHit(meaning, run, help=f"Key: {shown}")

    async def search(self, query: str) -> Hits:
        """The commands whose words match what is typed."""
        matcher = self.matcher(query)
        for meaning, shown, run in self._commands():
            score = matcher.match(meaning)
            if score > 0:
                yield Hit(score, matcher.highlight(meaning), run, text=meaning, help=f"Key: {shown}")
