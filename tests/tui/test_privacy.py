"""What the screen shows stays on the screen, and what an entry holds never steers it."""

from __future__ import annotations

import io
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from textual.widgets import TextArea

from diary.model.answer import AnswerDelta, Question, Quote, QuotesFound, SentenceKept, SummarySentence
from diary.model.entry import EntryDraft
from diary.model.plan import Plan, PlanItem, PlanItemKind
from diary.model.recording import Phase
from diary.model.review import Intention, Review, Shown, Theme
from diary.model.speech import Microphone, Segment
from diary.printable import safe
from diary.tui.app import DiaryApp
from diary.tui.screens.ask import AskScreen
from diary.tui.screens.editor import EditorScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.transcript import TranscriptScreen
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import CONTEXT, opened, unlock_with
from tests.tui.sample import sample_session

HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J[bold red]markup[/] [@click=app.leave]x[/] \x9b31m\u202eabc\ud800 \x00\x7f\r\nend"
)
ANY = Question(text="", as_of=NOW.date())
STEERING = set("\x1b\x07\x9b\u202e\ud800\x00\x7f\r")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_safe_text_keeps_its_length_and_holds_nothing_that_steers(text: str) -> None:
    shown = safe(text)
    assert len(shown) == len(text)
    assert not [sign for sign in shown if (ord(sign) < 32 or 127 <= ord(sign) < 160) and sign not in "\n\t"]
    shown.encode()
    assert safe(shown) == shown


def hostile_session() -> FakeSession:
    session = FakeSession()
    (entry,) = session.add(
        EntryDraft(text=HOSTILE, happened=NOW, written=NOW, title=HOSTILE, tags=(HOSTILE, "[b]tag"))
    )
    quote = Quote(
        id="q1",
        entry=entry.id,
        source_id=None,
        day=NOW.date(),
        text=HOSTILE,
        start=0,
        end=len(HOSTILE),
        score=1,
    )

    def script(question: Question) -> list[AnswerDelta]:
        sentence = SummarySentence(text=HOSTILE, quotes=("q1",))
        found = QuotesFound(answered=True, range=None, quotes=(quote,), nearest=())
        return [found, SentenceKept(sentence=sentence)]

    session.script = lambda question: iter(script(question))
    return session


async def test_escape_sequences_and_markup_of_an_entry_are_shown_not_obeyed_on_every_screen() -> None:
    session = hostile_session()
    async with opened(session, size=(140, 40)) as diary:
        await diary.until(lambda: diary.text().count("[bold red]markup[/]") >= 2)
        shown = [diary.text()]
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))
        await diary.sees("[bold red]markup[/]")
        shown.append(diary.text())
        await diary.press("h")
        await diary.sees("Versions, newest first")
        shown.append(diary.text())
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.sees("[bold red]markup[/]")
        shown.append(diary.text())
        await diary.press("escape", "escape", "d")
        await diary.sees("Delete this entry?")
        shown.append(diary.text())
        await diary.press("escape", "a")
        await diary.until(lambda: isinstance(diary.screen, AskScreen))
        await diary.type("?")
        await diary.press("enter")
        await diary.sees("In short")
        shown.append(diary.text())
    for text in shown:
        assert not STEERING & set(text)


async def test_hostile_text_is_shown_not_obeyed_where_it_was_found_reviewed_and_planned_from() -> None:
    session = hostile_session()
    (found,) = [delta for delta in session.script(ANY) if isinstance(delta, QuotesFound)]  # type: ignore[misc]
    quotes = found.quotes
    session.reviews = lambda reviewed: Review(
        range=reviewed,
        entries=9,
        days=1,
        happened=quotes,
        intentions=(Intention(said=quotes[0], outcome=Shown.SHOWN, evidence=quotes),),
        numbers=(),
        themes=(Theme(words=(HOSTILE,), entries=3, quotes=quotes),),
    )
    item = PlanItem(kind=PlanItemKind.GOAL, text=HOSTILE, due=None, quotes=quotes)
    session.plans = lambda goal: Plan(goal=goal, as_of=NOW.date(), items=(item,))
    shown = []
    async with opened(session, size=(140, 40)) as diary:
        for keys in (["slash"], ["r"], ["p", "x", "enter"]):
            await diary.until(lambda: isinstance(diary.screen, JournalScreen))
            await diary.press(*keys)
            await diary.sees("[bold red]markup[/]")
            shown.append(diary.text())
            await diary.press("escape")
    for text in shown:
        assert not STEERING & set(text)


async def test_looking_at_hostile_text_in_the_editor_changes_nothing() -> None:
    session = hostile_session()
    async with opened(session) as diary:
        await diary.sees("markup")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.sees("markup")
        await diary.press("ctrl+s")
        await diary.until(lambda: not isinstance(diary.screen, EditorScreen))
    (versions,) = session.kept.values()
    assert [version.text for version in versions] == [HOSTILE]


async def test_copying_reaches_no_terminal() -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("leeks")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, EditorScreen))
        await diary.sees("leeks")
        driver = diary.app._driver
        assert driver is not None
        written: list[str] = []
        driver.write = written.append  # type: ignore[method-assign]  # listens to the terminal
        words = diary.screen.query_one(TextArea)
        words.select_all()
        await diary.press("ctrl+c")
        assert "leeks" in diary.app.clipboard, "copy and paste work inside the diary"
        assert not [text for text in written if "\x1b]52" in text]


async def test_pictures_and_files_of_the_screen_are_refused(tmp_path: object) -> None:
    async with opened(sample_session()) as diary:
        await diary.sees("leeks")
        diary.app.save_screenshot("picture.svg", path=str(tmp_path))
        diary.app.deliver_screenshot("picture.svg", path=str(tmp_path))
        assert diary.app.deliver_text(io.StringIO("words")) is None
        from pathlib import Path

        assert list(Path(str(tmp_path)).iterdir()) == []
        titles = {command.title for command in diary.app.get_system_commands(diary.screen)}
        assert "Screenshot" in titles and diary.app.COMMANDS == DiaryApp.COMMANDS
        await diary.press("ctrl+p")
        await diary.type("screenshot")
        await diary.sees("No matches")


async def test_a_crash_prints_a_sentence_without_words_of_the_diary_and_keeps_unsaved_ones() -> None:
    session = sample_session()
    app = DiaryApp(unlock_with(session), lambda: None, CONTEXT)
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=100)
    try:
        async with app.run_test() as pilot:
            from tests.tui.driving import Opened

            diary = Opened(app, pilot, session)
            await diary.type("open sesame")
            await diary.press("enter")
            await diary.sees("leeks")
            await diary.press("n")
            await diary.until(lambda: isinstance(diary.screen, EditorScreen))
            await diary.type("my secret words")

            def fail() -> None:
                secret = diary.screen.query_one(TextArea).text
                raise ValueError(f"cannot do this with {secret}")

            diary.screen.call_later(fail)
            await diary.until(lambda: app._exit_renderables)
    except ValueError:
        pass
    app._print_error_renderables()
    assert "a mistake in the program (ValueError)" in printed.getvalue()
    assert "secret" not in printed.getvalue() and "Traceback" not in printed.getvalue()
    assert "my secret words" in next(iter(session.slots.values())).text
    assert app.return_code == 1


def test_switches_that_make_textual_write_files_are_forgotten_before_it_is_imported() -> None:
    code = (
        "import sys, diary.tui; assert 'textual' not in sys.modules; import textual.constants as c;"
        "assert c.LOG_FILE is None and not c.DEBUG and c.SCREENSHOT_DELAY == -1 and not c.PRESS;"
        "import os; assert 'TEXTUAL' not in os.environ and os.environ['TEXTUAL_ANIMATIONS'] == 'none'"
    )
    switches = {
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": "keys.txt",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_PRESS": "q",
        "TEXTUAL_ANIMATIONS": "none",
    }
    subprocess.run([sys.executable, "-c", code], env={"PATH": "", **switches}, check=True, timeout=60)


def test_the_fake_session_refuses_to_run_outside_tests() -> None:
    code = "from tests.fakes.session import FakeSession; FakeSession()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode != 0 and "runs under pytest only" in run.stderr


async def test_what_an_engine_or_a_microphone_says_is_shown_not_obeyed() -> None:
    session = FakeSession()
    session.voice.found = [Microphone(id="m", name=HOSTILE)]
    hostile = Segment(start=0.0, end=2.0, text=HOSTILE, confidence=0.2)
    later = Segment(start=3.0, end=5.0, text=HOSTILE, confidence=0.9)
    async with opened(session, size=(140, 40)) as diary:
        await diary.press("v")
        await diary.until(lambda: session.voice.running is not None)
        running = session.voice.running
        assert running is not None
        running.measures(phase=Phase.RECORDING, seconds=6.0, microphone=HOSTILE)
        running.hears(hostile)
        await diary.until(lambda: diary.text().count("[bold red]markup[/]") >= 2)
        shown = [diary.text()]
        await diary.press("m")
        await diary.sees("Which microphone?")
        shown.append(diary.text())
        session.voice.to_hear[running.id] = [later]
        session.voice.hear_on.release()
        await diary.press("escape", "enter")
        await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
        await diary.until(lambda: diary.text().count("[bold red]markup[/]") >= 4)
        await diary.press("ctrl+o")  # also what would only be offered
        shown.append(diary.text())
        words = diary.screen.query_one(TextArea).text
        assert words.count("markup") == 2 and not STEERING & set(words)
    for text in shown:
        assert not STEERING & set(text)
