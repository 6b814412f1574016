"""One entry in full, and its versions. Opened from a quote, it shows the quoted words as selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diary.file_words import shown_name
from diary.model.attachment import Attachment
from diary.model.entry import Entry, EntryId, Kind, Revision
from diary.model.glossary import Doubt
from diary.model.speech import Segment
from diary.printable import safe
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.following import Follower, spoken_at
from diary.tui.following import Place as Stand
from diary.tui.plain import advice, counted, one_line, short_moment
from diary.tui.ports import Notebook
from diary.tui.screens.voiced import VoicedScreen
from diary.tui.tasks import WordsChanged, attempt
from diary.tui.versions import shown
from diary.tui.widgets.fields import ReadOnlyWords
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.lists import PlainList
from diary.tui.widgets.play_bar import PlayBar
from diary.tui.widgets.preview import meta_line
from diary.tui.widgets.status_line import StatusLine


class ReaderScreen(VoicedScreen):
    """Reads one entry.

    :param span: offsets of the quoted words in the entry's text.
    :param history: show the versions at once.
    """

    PLACE = Place.READER
    CSS_PATH = "reader.tcss"
    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.READER)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Read(Message):
        """The entry as it is now."""

        entry: Entry

    @dataclass
    class VersionsRead(Message):
        """All versions, oldest first, and what wrote the words of some of them down."""

        versions: Sequence[Revision]
        engines: Mapping[int, str]

    @dataclass
    class Restored(Message):
        """The entry is as in an older version again, by a new one."""

        entry: Entry
        number: int

    @dataclass
    class Heard(Message):
        """What was heard of a spoken entry, and which of its words sound like a medicine."""

        entry: Entry
        segments: Sequence[Segment]
        doubts: Sequence[Doubt]

    @dataclass
    class FilesRead(Message):
        """The files that are kept with the entry."""

        files: Sequence[Attachment]

    def __init__(
        self,
        notebook: Notebook,
        context: ScreenContext,
        entry: EntryId,
        *,
        span: tuple[int, int] | None = None,
        history: bool = False,
    ) -> None:
        super().__init__(notebook, context)
        self._entry_id = entry
        self._span = span
        self._history = history
        self._full = False
        self._entry: Entry | None = None
        self._versions: list[Revision] = []
        self._engines: Mapping[int, str] = {}
        self._segments: Sequence[Segment] = ()
        self._stands: list[Stand] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Vertical(id="head"):
            yield Static(id="title", markup=False)
            yield Static(id="meta", markup=False)
            yield Static(id="advice", markup=False)
            yield Static(id="attached", markup=False)
        with Horizontal(id="body"):
            yield ReadOnlyWords(id="text")
            with Vertical(id="history"):
                yield Static(Content("Versions, newest first"), id="history-title", markup=False)
                yield PlainList(id="versions", markup=False, compact=True)
        yield PlayBar(self.notebook.voice, key="p", id="playing")
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Read the entry."""
        self.query_one("#history").display = False
        self.query_one("#attached").display = False
        self.query_one("#text").focus()
        self._read()
        self.show_files()

    @property
    def current(self) -> Entry | None:
        """The entry that is read."""
        return self._entry

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def _read(self) -> None:
        attempt(self, lambda: self.Read(self.notebook.entry(self._entry_id)))

    @on(Read)
    def _show(self, event: Read) -> None:
        event.stop()
        self.show_changed(event.entry)
        if self._history:
            self._read_versions()

    def show_changed(self, entry: Entry) -> None:
        """Show the entry; the quoted span only while its words are still there."""
        before, self._entry = self._entry, entry
        title = self.query_one("#title", Static)
        title.display = bool(entry.title)
        title.update(Content(one_line(entry.title or "")))
        self.query_one("#meta", Static).update(meta_line(entry))
        told = self.query_one("#advice", Static)
        told.display = bool(advice(entry))
        told.update(Content(advice(entry)))
        if entry.kind is Kind.VOICE:
            self._read_heard(entry)
        self.refresh_bindings()
        if before is None or before.text != entry.text:
            span = self._span if before is None else None
            self.query_one(ReadOnlyWords).show(entry.text, span)
        if before is not None and self.query_one("#history").display:
            self._read_versions()

    def show_deleted(self, entry: EntryId) -> None:
        """There is nothing left to read here."""
        self.dismiss()

    def _edited(self, entry: Entry | None) -> None:
        super()._edited(entry)
        if entry is None:
            self._read()

    def action_leave(self) -> None:
        """Go back to where the entry was opened."""
        self.dismiss()

    def renew(self) -> None:
        """Read the entry again."""
        self._read()

    # Its files

    def show_files(self) -> None:
        """Read them again."""
        self._read_files()

    @work(thread=True, exclusive=True, exit_on_error=False, group="attached")
    def _read_files(self) -> None:
        attempt(self, lambda: self.FilesRead(self.notebook.attachments.of(self._entry_id)))

    @on(FilesRead)
    def _name_files(self, event: FilesRead) -> None:
        event.stop()
        named = self.query_one("#attached", Static)
        named.display = bool(event.files)
        names = ", ".join(shown_name(one.name, 24) for one in event.files[:3])
        more = f" and {len(event.files) - 3} more" if len(event.files) > 3 else ""
        named.update(Content(f"{counted(len(event.files), 'file')}: {names}{more} · f opens them"))

    # The sound of a spoken entry

    @work(thread=True, exclusive=True, exit_on_error=False, group="heard")
    def _read_heard(self, entry: Entry) -> None:
        def job() -> Message:
            segments = self.notebook.voice.heard(entry.id)
            return self.Heard(entry, segments, self.notebook.voice.doubts(entry.text))

        attempt(self, job)

    @on(Heard)
    def _take_heard(self, event: Heard) -> None:
        event.stop()
        if self._entry is None or event.entry.revision != self._entry.revision:
            return
        self._segments = event.segments
        self._stands = Follower(event.segments).places(self._entry.text)
        self._mark(None)
        if event.doubts:
            first = event.doubts[0]
            more = f" ({len(event.doubts)} such words)" if len(event.doubts) > 1 else ""
            meant = one_line(first.word, 30)
            asked = f"“{one_line(first.heard, 30)}” sounds like your {meant}{more}: e asks."
            told = self.query_one("#advice", Static)
            told.display = True
            told.update(Content(" ".join(filter(None, [advice(self._entry), asked]))))

    def _mark(self, second: float | None) -> None:
        words = self.query_one(ReadOnlyWords)
        if self._entry is None or words.text != safe(self._entry.text):
            words.mark(())  # another version is shown
            return
        played = spoken_at(self._stands, second) if second is not None else None
        words.mark([(stand.start, stand.end) for stand in self._stands if stand.unsure], played)
        if played is not None:
            words.show_span(played)

    def action_play(self) -> None:
        """Play from where the playing was stopped, or from the beginning; or stop."""
        bar = self.query_one(PlayBar)
        if bar.playing:
            bar.stop()
        elif self.spoken is not None:
            self._play_from(self._at)

    def action_sentence(self, steps: int) -> None:
        """Play the sentence before, or the next."""
        if self.spoken is not None and self._segments:
            self._play_from(min(max(self._at + steps, 0), len(self._segments) - 1))

    def _play_from(self, number: int) -> None:
        self._at = number
        start = self._segments[number].start if number < len(self._segments) else 0.0
        self.query_one(PlayBar).play(self._entry_id, start=start)

    @on(PlayBar.Moved)
    def _follow_sound(self, event: PlayBar.Moved) -> None:
        event.stop()
        if event.seconds is not None:
            begun = [number for number, one in enumerate(self._segments) if one.start <= event.seconds]
            self._at = begun[-1] if begun else 0
        self._mark(event.seconds)

    # Versions

    def action_history(self) -> None:
        """Show the versions, or hide them and return to the newest."""
        panel = self.query_one("#history")
        if panel.display:
            panel.display = False
            self.query_one("#text").focus()
            if self._entry is not None:
                self.query_one(ReadOnlyWords).show(self._entry.text)
                self.query_one("#meta", Static).update(meta_line(self._entry))
        else:
            self._read_versions()

    @work(thread=True, exclusive=True, exit_on_error=False, group="versions")
    def _read_versions(self) -> None:
        def job() -> Message:
            versions = self.notebook.history(self._entry_id)
            spoken = self._entry is not None and self._entry.kind is Kind.VOICE
            written = self.notebook.voice.transcripts(self._entry_id) if spoken else []
            return self.VersionsRead(versions, {one.revision: one.engine for one in written})

        attempt(self, job)

    @on(VersionsRead)
    def _list_versions(self, event: VersionsRead) -> None:
        event.stop()
        self._versions = list(reversed(event.versions))
        self._engines = event.engines
        listed = self.query_one("#versions", OptionList)
        listed.set_options([Option(self._version_line(version)) for version in self._versions])
        self.query_one("#history").display = True
        listed.highlighted = 0
        listed.focus()

    def _version_line(self, version: Revision) -> Content:
        made = short_moment(version.made, self.context.now())
        size = counted(len(version.text.split()), "word")
        engine = self._engines.get(version.number)
        by = f"\n    by {one_line(engine, 60)}" if engine else ""
        return Content.assemble((f"{version.number:>2}  ", "bold"), f"{made}  {size}{by}")

    @on(OptionList.OptionHighlighted, "#versions")
    def _show_version(self, event: OptionList.OptionHighlighted) -> None:
        self._show_highlighted(event.option_index)

    def _show_highlighted(self, place: int) -> None:
        version = self._versions[place]
        before = self._versions[place + 1] if place + 1 < len(self._versions) else None
        what = shown(version, before, full=self._full)
        words = self.query_one(ReadOnlyWords)
        words.show(what.text)
        words.mark_changes(what.gone, what.came)
        which = "the newest version" if place == 0 else f"version {version.number}, replaced since"
        title = one_line(version.title) if version.title else "no title"
        other = "what it changed" if self._full else "its whole words"
        more = "" if before is None else f" · w shows {other}"
        more += "" if place == 0 else " · b brings it back"
        self.query_one("#meta", Static).update(Content(f"{which} · {title}{more}"))

    @property
    def _highlighted(self) -> int | None:
        """The place of the version that is shown; None while the versions are not."""
        if not self.query_one("#history").display:
            return None
        return self.query_one("#versions", OptionList).highlighted

    def action_full(self) -> None:
        """Show the whole words of the version, or what it changed."""
        if self._highlighted is not None:
            self._full = not self._full
            self._show_highlighted(self._highlighted)

    def action_bring_back(self) -> None:
        """Make the version that is shown the newest again; all are kept."""
        if self._highlighted:  # the newest, at place 0, is the newest already
            self._restore(self._versions[self._highlighted].number)

    @work(thread=True, exit_on_error=False, group="restore-version")
    def _restore(self, number: int) -> None:
        attempt(self, lambda: self.Restored(self.notebook.restore_version(self._entry_id, number), number))

    @on(Restored)
    def _take_restored(self, event: Restored) -> None:
        event.stop()
        self.show_changed(event.entry)
        self.notify(f"As in version {event.number} again; all versions are kept.", timeout=4)
        self.post_message(WordsChanged())
