"""The files of an entry on the screen: listed, shown, taken in, given out, removed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.screen import ModalScreen
from textual.widgets import TextArea

from diary.errors import AttachmentRefused
from diary.model.attachment import Attachment
from diary.model.entry import EntryId
from diary.tui.dialogs.files import OfferedDialog, ViewerDialog
from diary.tui.screens.attachments import AttachmentsScreen
from tests.fakes.session import FakeSession
from tests.tui.driving import Opened, opened
from tests.tui.sample import sample_session
from tests.unit.attached.samples import png

PHYSIO = EntryId(18)
"""The entry with that number in the sample, third in the list."""


@pytest.fixture
def exchange(tmp_path: Path) -> Path:
    folder = tmp_path / "exchange"
    folder.mkdir()
    return folder


def kept(session: FakeSession, exchange: Path, **files: bytes) -> list[Attachment]:
    """Files that are attached already."""
    for name, content in files.items():
        (exchange / name).write_bytes(content)
    made = session.attachments.add(PHYSIO, [exchange / name for name in files])
    for name in files:
        (exchange / name).unlink()
    return made


async def at_files(diary: Opened) -> None:
    await diary.press("down", "down", "f")
    await diary.until(lambda: isinstance(diary.screen, AttachmentsScreen))
    await diary.sees("What the physio said")


async def answer(diary: Opened, key: str, reply: str) -> None:
    """Press a key that opens a dialog, wait for it, answer, and wait until it has gone."""
    await diary.press(key)
    await diary.until(lambda: isinstance(diary.screen, ModalScreen), f"a dialog after {key}")
    await diary.press(reply)
    await diary.until(lambda: isinstance(diary.screen, AttachmentsScreen), f"the files after {reply}")


def names(session: FakeSession) -> list[str]:
    return [one.name for one in session.attachments.of(PHYSIO)]


async def test_an_entry_names_its_files_and_a_key_opens_them(exchange: Path) -> None:
    session = sample_session()
    kept(session, exchange, **{"knee.png": png(), "pain.csv": b"day,pain\n1,4\n", "a": b"", "b": b""})
    async with opened(session, exchange=exchange) as diary:
        await diary.press("down", "down", "enter")
        await diary.sees("4 files: knee.png, pain.csv, a and 1 more · f opens them")
        await diary.press("f")
        await diary.sees("PNG image")
        await diary.press("escape")
        await diary.sees("f opens them")


async def test_an_entry_without_files_says_nothing_of_them(exchange: Path) -> None:
    async with opened(sample_session(), exchange=exchange) as diary:
        await diary.press("enter")
        await diary.sees("leeks")
        assert "opens them" not in diary.text()
        await diary.press("f")
        await diary.until(lambda: "No files are kept with this entry." in diary.flat())
        assert "Press a to keep one" in diary.flat()


async def test_a_text_is_shown_and_scrolls(exchange: Path) -> None:
    session = sample_session()
    text = "".join(f"line {number}\x1b[2J\u202e\n" for number in range(100)).encode()
    kept(session, exchange, **{"log.txt": text})
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("enter")
        await diary.sees("line 3␛[2J")
        assert "\u202e" not in diary.text()
        await diary.press("end")
        await diary.sees("line 99")
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, AttachmentsScreen))


async def test_a_long_text_shows_its_beginning_and_says_so(exchange: Path) -> None:
    session = sample_session()
    kept(session, exchange, **{"long.txt": b"0123456789 words\n" * 30_000})
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("enter")
        await diary.sees("310 kB more are not shown")
        assert len(diary.screen.query_one(TextArea).text) <= 200_000


async def test_a_picture_is_described(exchange: Path) -> None:
    session = sample_session()
    kept(session, exchange, **{"knee.png": png(640, 480)})
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("v")
        await diary.until(lambda: isinstance(diary.screen, ViewerDialog))
        assert "640 \u00d7 480 pixels" in diary.flat()
        assert "It is not shown here" in diary.flat()


async def test_a_file_of_the_exchange_folder_is_kept_with_the_entry(exchange: Path) -> None:
    session = sample_session()
    (exchange / "a.txt").write_text("a")
    (exchange / "b\x1b[2J.txt").write_text("b")
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("a")
        await diary.until(lambda: isinstance(diary.screen, OfferedDialog))
        assert "b␛[2J.txt" in diary.text()
        await diary.press("down", "enter")
        await diary.until(lambda: "still in the exchange folder, unencrypted" in diary.flat())
        assert names(session) == ["b\x1b[2J.txt"]
        assert (exchange / "b\x1b[2J.txt").exists()
        await diary.sees("1 file ·")


async def test_a_file_is_written_out_only_after_a_warning(exchange: Path) -> None:
    session = sample_session()
    kept(session, exchange, **{"knee.png": png()})
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("x")
        await diary.until(lambda: "It is not encrypted there" in diary.flat())
        await diary.press("enter")  # No has the focus
        await diary.until(lambda: isinstance(diary.screen, AttachmentsScreen))
        assert list(exchange.iterdir()) == []
        for name in ("knee.png", "knee (2).png"):
            await answer(diary, "x", "y")
            await diary.sees(f"Written, unencrypted: {name}")
        assert (exchange / "knee.png").read_bytes() == png()


async def test_a_file_is_removed_after_asking_once(exchange: Path) -> None:
    session = sample_session()
    kept(session, exchange, **{"a.txt": b"a", "b.txt": b"b"})
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await answer(diary, "d", "enter")
        assert names(session) == ["a.txt", "b.txt"]
        await answer(diary, "d", "y")
        await diary.sees("1 file ·")
        assert names(session) == ["b.txt"]


async def test_copying_shows_how_far_it_is_and_can_be_stopped(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sample_session()
    (exchange / "large.bin").write_bytes(bytes(3_000_000))
    gate = threading.Event()
    add = session.store.add

    def slow(entry: object, drafts: object, *, cancelled: object) -> object:
        def waiting() -> bool:
            assert gate.wait(20)
            return cancelled()  # type: ignore[operator]  # as it was called

        return add(entry, drafts, cancelled=waiting)  # type: ignore[arg-type]

    monkeypatch.setattr(session.store, "add", slow)
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await answer(diary, "a", "enter")
        await diary.sees("Attaching large.bin… Esc stops.")
        await diary.press("a", "x", "d")  # nothing else begins meanwhile
        assert isinstance(diary.screen, AttachmentsScreen)
        await diary.press("escape")
        await diary.sees("Stopping…")
        gate.set()
        await diary.sees("Stopped. Nothing was attached.")
        assert names(session) == []
        await diary.press("escape")
        await diary.until(lambda: not isinstance(diary.screen, AttachmentsScreen))


async def test_progress_is_shown_while_a_file_is_copied(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sample_session()
    (exchange / "large.bin").write_bytes(bytes(5_000_000))
    gate = threading.Event()
    add = session.store.add

    def slow(entry: object, drafts: object, *, cancelled: object) -> object:
        asked = 0

        def waiting() -> bool:
            nonlocal asked
            asked += 1
            assert asked < 60 or gate.wait(20)
            return False

        return add(entry, drafts, cancelled=waiting)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(session.store, "add", slow)
    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        await answer(diary, "a", "enter")
        await diary.sees("Copying (MB): 3 of 5")
        gate.set()
        await diary.sees("Attached: large.bin")


async def test_a_refusal_is_a_sentence_and_the_screen_goes_on(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sample_session()
    (exchange / "a.txt").write_text("a")

    def refuse(*_: object, **__: object) -> None:
        raise AttachmentRefused(
            "a.txt changed while it was read, so nothing was attached.", hint="Try again."
        )

    async with opened(session, exchange=exchange) as diary:
        await at_files(diary)
        with monkeypatch.context() as patch:
            patch.setattr(session.store, "add", refuse)
            await answer(diary, "a", "enter")
            await diary.sees("changed while it was read")
        await answer(diary, "a", "enter")
        await diary.sees("Attached: a.txt")


async def test_without_an_exchange_folder_the_screen_says_how_to_set_one() -> None:
    session = sample_session()
    async with opened(session, config="/home/x/config.toml") as diary:
        await at_files(diary)
        for words in (
            "none is set",
            "/home/x/config.toml",
            'exchange = "~/exchange"',
            "diary attach 18 FILE",
        ):
            await diary.until(lambda words=words: words in diary.flat(), words)
        await diary.press("a", "x", "d", "enter")
        assert isinstance(diary.screen, AttachmentsScreen)


async def test_an_empty_exchange_folder_and_a_missing_one_are_told(exchange: Path) -> None:
    async with opened(sample_session(), exchange=exchange) as diary:
        await at_files(diary)
        await diary.press("a")
        await diary.until(lambda: "There are no files in" in diary.flat())
        exchange.rmdir()
        await diary.press("a")
        await diary.until(lambda: "cannot be read" in diary.flat())
