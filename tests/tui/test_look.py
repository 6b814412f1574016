"""How the screen looks: pictures at two sizes, footers that fit, contrast in true colour and in sixteen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rich.color import Color, ColorSystem
from textual.pilot import Pilot
from textual.widgets import Footer, Input, TextArea

from diary.model.recording import Phase
from diary.tui.app import DiaryApp
from diary.tui.screens.editor import EditorScreen
from tests.fakes.session import FakeSession
from tests.fakes.voice import said
from tests.tui.driving import CONTEXT, PASSPHRASE, Opened, locked, opened, unlock_with
from tests.tui.sample import sample_session
from tests.tui.test_asking import cards
from tests.tui.test_attachments import at_files, kept
from tests.tui.test_conversing import computed, mean_sleep
from tests.tui.test_planning import a_plan
from tests.tui.test_recording import speak
from tests.tui.test_reviewing import a_review
from tests.tui.test_transcript import about_medicines, about_sleep, read_through, recorded
from tests.unit.attached.samples import png

SIZES = [(80, 24), (140, 40)]


async def in_journal(diary: Opened) -> None:
    diary.screen.query_one(Input).value = PASSPHRASE
    await diary.press("enter")
    await diary.sees("leeks")
    await diary.sees("20 entries")


async def in_editor(diary: Opened) -> None:
    await in_journal(diary)
    await diary.press("n")
    await diary.until(lambda: isinstance(diary.screen, EditorScreen))
    diary.screen.query_one("#title", Input).value = "Soup"
    diary.screen.query_one(TextArea).insert("The soup came out well.\n\nHalf of it is gone already.")
    await diary.sees("draft kept 21:40")


async def asking(diary: Opened, question: str) -> None:
    await in_journal(diary)
    await diary.press("a")
    await diary.sees("Enter asks.")
    diary.screen.query_one("#question", Input).value = question
    await diary.press("enter")
    await diary.sees("Done in")


async def ask_answered(diary: Opened) -> None:
    await asking(diary, "What is wrong with my knee since October?")
    await diary.press("down")
    await diary.until(lambda: diary.screen.focused is cards(diary)[0])


async def ask_abstained(diary: Opened) -> None:
    await asking(diary, "Have I ever been to Norway?")


async def in_unlock(diary: Opened) -> None:
    await diary.type("wrong")
    await diary.press("enter")
    await diary.sees("That passphrase does not open this diary.")


async def ask_number(diary: Opened) -> None:
    session = diary.session
    session.script = lambda question: computed(session, question, mean_sleep(session))
    await asking(diary, "How did I sleep since October?")


async def finding(diary: Opened) -> None:
    await in_journal(diary)
    await diary.press("slash")
    await diary.sees("newest first")
    diary.screen.query_one("#query", Input).value = "knee"
    await diary.sees("best first")


async def reviewing(diary: Opened) -> None:
    diary.session.reviews = lambda reviewed: a_review(diary.session, reviewed)
    await in_journal(diary)
    await diary.press("r")
    await diary.sees("What happened")


async def planning(diary: Opened) -> None:
    diary.session.plans = lambda goal: a_plan(diary.session, goal)
    await in_journal(diary)
    await diary.press("p")
    await diary.type("the knee")
    await diary.press("enter")
    await diary.sees("2 items")


async def recording(diary: Opened) -> None:
    await in_journal(diary)
    running = await speak(diary)
    running.hears(said(0, "I took my topiramade at eight, with toast.", doubted=["topiramade"]))
    running.measures(phase=Phase.RECORDING, seconds=42.0, peak=-18.0, heard=True, lost=1.2, behind=14.0)
    await diary.sees("Words are 14 s behind")
    await diary.sees("[topiramade?]")


async def transcript(diary: Opened) -> None:
    voice = diary.session.voice
    voice.asked, voice.told = about_medicines, about_sleep
    recorded(diary.session)
    diary.screen.query_one(Input).value = PASSPHRASE
    await diary.press("enter")
    await read_through(diary)
    await diary.press("ctrl+t")
    await diary.until(lambda: voice.position is not None)
    assert voice.position is not None
    voice.position(4.6)
    await diary.sees("► 0:04 of 0:07")
    await diary.sees("(1 of 2)")


async def files(diary: Opened) -> None:
    with TemporaryDirectory() as folder:
        kept(diary.session, Path(folder), **{"knee.png": png(), "pain.csv": b"day,pain\n", "頭痛.txt": b""})
    await in_journal(diary)
    await at_files(diary)
    await diary.sees("PNG image")


PLACES = {
    "unlock": in_unlock,
    "journal": in_journal,
    "editor": in_editor,
    "ask_answered": ask_answered,
    "ask_abstained": ask_abstained,
    "ask_number": ask_number,
    "finding": finding,
    "reviewing": reviewing,
    "planning": planning,
    "recording": recording,
    "transcript": transcript,
    "files": files,
}


WIDE = ("journal", "ask_answered")
UNPICTURED = ("finding", "planning", "files")
SELDOM = {
    *((place, SIZES[1]) for place in PLACES if place not in WIDE),
    *((place, size) for place in UNPICTURED for size in SIZES),
}
"""Pictures that are looked at with the slow tests; every place is read for legible words each time, where its
narrow picture is taken or by itself.
"""
PICTURES = [
    pytest.param(
        place,
        size,
        id=f"{place}-{size[0]}x{size[1]}",
        marks=pytest.mark.slow if (place, size) in SELDOM else (),
    )
    for place in PLACES
    for size in SIZES
]


@pytest.mark.parametrize(("place", "size"), PICTURES)
def test_the_screen_looks_as_it_was_approved(
    snap_compare: Callable[..., bool], place: str, size: tuple[int, int]
) -> None:
    session = sample_session()
    app = DiaryApp(unlock_with(session), lambda: None, CONTEXT)

    async def prepare(pilot: Pilot[object]) -> None:
        diary = Opened(app, pilot, session)  # type: ignore[arg-type]  # the plugin's pilot is untyped
        await PLACES[place](diary)
        if size == SIZES[0] and place not in UNPICTURED:
            await words_are_legible(diary)
        for widget in app.screen.query("*"):
            widget.refresh()  # a line drawn again is cut into segments the same way each time
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=prepare)


def footer_width(diary: Opened) -> int:
    footer = diary.screen.query_one(Footer)
    return max((child.region.right for child in footer.children), default=0)


def luminance(rgb: tuple[int, int, int]) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [value / 255 for value in rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Color, other: Color) -> float:
    bright, dark = sorted((luminance(tuple(c.get_truecolor())) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def text_pairs(app: DiaryApp) -> set[tuple[Color, Color, str]]:
    """Foreground and background of every letter and digit on the screen, with the words."""
    pairs = set()
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            if style and style.color and style.bgcolor and any(c.isalnum() for c in segment.text):
                colour = style.color
                pairs.add((colour, style.bgcolor, segment.text.strip()))
    return pairs


def too_faint(pairs: set[tuple[Color, Color, str]]) -> list[str]:
    """Words under 4.5 (WCAG 2.2, 1.4.3), or under 3 after a terminal with 16 colours replaced both."""
    few = ColorSystem.STANDARD
    return [
        words
        for fore, back, words in pairs
        if contrast(fore, back) < 4.5 or contrast(fore.downgrade(few), back.downgrade(few)) < 3
    ]


async def words_are_legible(diary: Opened) -> None:
    """In both themes, and in 16 colours; the theme is as before in the end."""
    await diary.until(
        lambda: 0 < footer_width(diary) <= 80 and "Help" in diary.text().splitlines()[-1],
        "a footer of at most 80 columns with all its keys",
    )
    for theme in ("daylight", "evening"):
        diary.app.theme = theme
        await diary.pilot.pause()
        pairs = text_pairs(diary.app)
        assert len(pairs) > 4
        assert not too_faint(pairs), theme


@pytest.mark.parametrize("place", UNPICTURED)
async def test_words_are_legible_in_both_themes_and_in_16_colours_in_80_columns(place: str) -> None:
    """In the other places where their pictures are taken."""
    async with locked(sample_session()) as diary:
        await PLACES[place](diary)
        await words_are_legible(diary)


async def test_a_status_line_too_narrow_for_everything_keeps_the_seal_and_the_work() -> None:
    session = FakeSession()
    async with opened(session, size=(44, 24), vault="a long vault name") as diary:
        await diary.sees("● sealed: no network · 0 entries")
        assert "MiniLM" not in diary.text()
