"""What the commands about attachments say and refuse; on a diary in memory."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from diary.cli.arguments import parse
from diary.cli.attachment_commands import attach, detach, list_attachments, open_attachment
from diary.cli.attachment_paths import access
from diary.cli.entries import read, write
from diary.errors import AttachmentNotFound, AttachmentRefused, EntryNotFound, StorageFailed, UsageError
from tests.unit.attached.samples import png
from tests.unit.cli.desk import SpokenSession, run
from tests.unit.vault.fresh import words


@pytest.fixture
def session() -> SpokenSession:
    made = SpokenSession()
    made.add(words("Third visit."))
    return made


def file(folder: Path, content: bytes = b"day,pain\n1,4\n", name: str = "pain.csv") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_files_are_attached_and_told(
    session: SpokenSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [file(tmp_path), file(tmp_path, png(), "knee.png")]
    said = run(attach, capsys, "attach", "1", *files, session=session)
    assert "Attached to entry 1 as attachment 1: pain.csv · CSV table, 13 bytes." in said.words
    assert "knee.png · PNG image" in said.words
    assert "The files are still where they were, unencrypted." in said.words
    said = run(attach, capsys, "--json", "attach", "1", files[0], "--name", "May", session=session)
    (one,) = said.json["attachments"]
    assert (said.json["entry"], one["name"], one["media_type"], one["size"]) == (1, "May", "text/plain", 13)
    assert one["added_at"].startswith("2026")


def test_they_are_listed_with_their_entry(
    session: SpokenSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(list_attachments, capsys, "attachments", session=session)
    assert "No attachments" in said.out
    run(attach, capsys, "attach", "1", file(tmp_path, b"", "empty"), session=session)
    assert run(list_attachments, capsys, "attachments", "1", session=session).words == (
        "Entry 1 1 empty · file of unknown kind, empty"
    )
    assert "Attachment 1: empty" in run(read, capsys, "read", "1", session=session).out
    document = run(read, capsys, "--json", "read", "1", session=session).json
    assert [one["name"] for one in document["attachments"]] == ["empty"]
    with pytest.raises(EntryNotFound):
        run(list_attachments, capsys, "attachments", "9", session=session)


def test_a_text_is_shown_and_everything_else_says_how_to_have_it(
    session: SpokenSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = {
        "a.txt": b"before \x1b[2J after",
        "b.txt": "Größe".encode("cp1252"),
        "c.png": png(640, 480),
        "d.txt": b"x" * 1_200_000,
        "e.txt": b"\n\n",
    }
    for name, content in contents.items():
        run(attach, capsys, "attach", "1", file(tmp_path, content, name), session=session)
    shown = [
        run(open_attachment, capsys, "open-attachment", str(number), session=session).words
        for number in range(1, 6)
    ]
    assert shown[0].endswith("before ␛[2J after")
    assert "shown by a guess" in shown[1]
    assert shown[1].endswith("Größe")
    assert "640 \u00d7 480 pixels" in shown[2]
    assert "diary open-attachment 3 --export FILE" in shown[2]
    assert "200 kB more are not shown" in shown[3]
    assert shown[4].endswith("(nothing but space)")
    document = run(open_attachment, capsys, "--json", "open-attachment", "3", session=session).json
    assert (document["id"], document["pixels"], document["text"]) == (3, [640, 480], None)


def test_one_is_given_out_only_by_name_and_with_a_warning(
    session: SpokenSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(attach, capsys, "attach", "1", file(tmp_path), session=session)
    target = tmp_path / "out.csv"
    said = run(open_attachment, capsys, "open-attachment", "1", "--export", str(target), session=session)
    assert target.read_bytes() == b"day,pain\n1,4\n"
    assert "It is not encrypted there" in said.words
    folder = tmp_path / "folder"
    folder.mkdir()
    said = run(
        open_attachment, capsys, "--json", "open-attachment", "1", "--export", str(folder), session=session
    )
    assert said.json["exported"] == str(folder / "pain.csv")


def test_removing_asks_on_a_terminal(
    session: SpokenSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    run(attach, capsys, "attach", "1", file(tmp_path), session=session)
    monkeypatch.setattr("sys.stdin", Typed("no\n"))
    assert "Kept." in run(detach, capsys, "detach", "1", session=session).out
    monkeypatch.setattr("sys.stdin", Typed("yes\n"))
    assert "gone from entry 1" in run(detach, capsys, "detach", "1", session=session).out
    with pytest.raises(AttachmentNotFound):
        run(detach, capsys, "detach", "1", session=session)


def test_a_file_that_cannot_be_attached_is_seen_before_the_words_are_asked_for(
    session: SpokenSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Untouched(io.StringIO):
        def read(self, *_: object) -> str:
            raise AssertionError("the words were asked for")

    monkeypatch.setattr("sys.stdin", Untouched())
    with pytest.raises(AttachmentRefused, match="is not there"):
        run(write, capsys, "write", "--attach", str(tmp_path / "none"), session=session)
    assert len(session.kept) == 1


def test_words_are_kept_when_their_file_is_refused_later(
    session: SpokenSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    own.write_text("own")
    session.store.own.add((own.stat().st_dev, own.stat().st_ino))
    with pytest.raises(AttachmentRefused) as refused:
        run(write, capsys, "write", "Fourth visit.", "--attach", str(own), session=session)
    assert "Your words are saved as entry 2" in refused.value.hint
    assert session.entry(list(session.kept)[-1]).text == "Fourth visit."


def test_what_may_be_written_is_the_folder_of_the_file_that_was_named(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (tmp_path / "into").symlink_to(vault)

    def allowed(*words: str) -> list[Path]:
        return access(parse(["open-attachment", "1", *words]), vault)

    assert allowed() == []
    assert allowed("--export", str(tmp_path / "a")) == [tmp_path]
    assert allowed("--export", str(tmp_path)) == [tmp_path]
    for inside in (vault / "a", vault, tmp_path / "into" / "a"):
        with pytest.raises(StorageFailed, match="own folder"):
            allowed("--export", str(inside))
    with pytest.raises(StorageFailed, match="no folder"):
        allowed("--export", str(tmp_path / "no" / "a"))
    with pytest.raises(UsageError):
        allowed("--replace")
    with pytest.raises(UsageError):
        access(parse(["attach", "1", "a", "b", "--name", "c"]), vault)
