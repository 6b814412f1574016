"""The check of everything tells each thing by itself; a salvage gets out whatever still authenticates."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from diary.errors import FileExists, VaultBusy, VaultDamaged, WrongPassphrase
from diary.model.attachment import AttachmentDraft
from diary.model.checkup import Check
from diary.model.entry import EntryFilter, Kind
from diary.vault import manifest
from diary.vault.ballast import BALLAST
from diary.vault.doctor import examine
from diary.vault.header import COPY, HEADER
from diary.vault.removal import ATTACHMENTS
from diary.vault.rescue.gathering import TABLES
from diary.vault.rescue.pages import PageFile
from diary.vault.rescue.records import Record, Tally, records
from diary.vault.rescue.salvage import salvage
from diary.vault.rescue.shapes import read_as
from diary.vault.rotation import DATABASE
from diary.vault.spools import SPOOLS
from diary.vault.stream import PIECE, TAG
from diary.vault.unlocking import open_header
from diary.vault.vault import Vault
from tests.fakes.stores import TickingClock
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import fresh_vault, template, words
from tests.unit.vault.test_removal_and_recordings import CANARY

CODE = template()[1]
INNER_TABLE_PAGE, INNER_INDEX_PAGE = 0x05, 0x02


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed vault with one of everything."""
    with furnished(tmp_path) as vault:
        return vault.folder


def looked_at(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(folder, CODE, now=TickingClock())}


def findings(folder: Path) -> dict[str, tuple[str, ...]]:
    return {name: check.findings for name, check in looked_at(folder).items() if check.findings}


def got_back(folder: Path, out: Path) -> list[dict[str, object]]:
    salvage(folder, CODE, out)
    return [json.loads(line) for line in (out / "entries.jsonl").open()]


def zero(path: Path, page: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))


def test_nothing_is_found_in_a_whole_vault(folder: Path) -> None:
    checks = looked_at(folder)
    assert [name for name, check in checks.items() if check.findings] == []
    assert {"header", "keys", "pages", "opening", "structure", "full text", "manifest", "vectors"} < set(
        checks
    )
    assert {"files", "unsaved", "room", "backup", "permissions"} < set(checks)


def test_each_thing_is_told_by_itself(folder: Path) -> None:
    (folder / COPY).unlink()
    next((folder / ATTACHMENTS).iterdir()).unlink()
    next((folder / SPOOLS).iterdir()).unlink()
    (folder / DATABASE).chmod(0o644)
    assert findings(folder).keys() == {"header", "permissions", "files", "unsaved"}
    assert findings(folder).keys() == {"permissions", "files", "unsaved"}  # the copy of the header is mended


def test_a_vault_without_any_header_is_told_so(folder: Path) -> None:
    (folder / HEADER).write_bytes(b"no header")
    (folder / COPY).unlink()
    assert findings(folder).keys() == {"header", "keys"}


def test_a_vault_that_does_not_open_is_told_as_far_as_it_can_be(folder: Path) -> None:
    zero(folder / DATABASE, 1, 16384)
    told = looked_at(folder)
    assert told["pages"].findings[0].startswith("1 of ")
    assert told["opening"].findings[0].startswith("The vault is damaged")
    assert told["header"].findings == told["keys"].findings == ()


def test_a_wrong_passphrase_and_an_open_vault_are_no_findings(folder: Path) -> None:
    with pytest.raises(WrongPassphrase):
        examine(folder, "another one", now=TickingClock())
    with Vault.unlock(folder, CODE), pytest.raises(VaultBusy):
        examine(folder, CODE, now=TickingClock())
    assert findings(folder) == {}


def test_a_ballast_that_is_missing_is_put_back_by_opening(folder: Path) -> None:
    (folder / BALLAST).unlink()
    assert findings(folder) == {}


# Salvage


def test_every_row_is_told_for_what_it_is(tmp_path: Path) -> None:
    """Of every table, those that are not salvaged included: none is taken for another's."""
    with furnished(tmp_path) as vault:
        first = vault.entries.list(EntryFilter())[-1].id
        file = AttachmentDraft(name="a.txt", media_type="text/plain", content=io.BytesIO(b"words in a file"))
        vault.attachments.add(first, [file])
        vault.deleted.take_out(vault.entries.add(words("out")).id, kept_for=timedelta(days=9))
        database = vault._database
        tables = database.rows(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT'"
        )
        for table, sql in tables:
            if "WITHOUT ROWID" in sql:
                continue
            keys = {
                row[1] for row in database.rows(f"PRAGMA table_info({table})") if row[2:6:3] == ("INTEGER", 1)
            }
            names = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
            for row in database.rows(f"SELECT rowid, * FROM {table}"):
                stored = [None if name in keys else value for name, value in zip(names, row[1:], strict=True)]
                fits = [one for one in TABLES if read_as(one, Record(row[0], tuple(stored))) is not None]
                assert fits[:1] == ([table] if table in TABLES else []), (table, fits)


def test_everything_of_a_whole_vault_is_got_back(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    entries = got_back(folder, out)
    assert [entry["whole"] for entry in entries] == [True, True, True]
    assert entries[0]["text"] == f"{CANARY} revised"
    assert [revision["text"] for revision in entries[0]["revisions"]] == [f"{CANARY} text"]  # type: ignore[union-attr,attr-defined]
    (sound,) = (out / "recordings").iterdir()
    assert sound.read_bytes() == CANARY.encode() * 9000
    (unsaved,) = (out / "unsaved").iterdir()
    assert unsaved.read_bytes()[44:] == b"spoken" * 9000
    assert json.loads((out / "drafts.jsonl").read_text())["text"] == f"{CANARY} draft"
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o600}


def test_a_folder_with_something_in_it_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExists):
        salvage(folder, CODE, tmp_path)


@pytest.mark.parametrize("spoil", [lambda f: (f / HEADER).unlink(), lambda f: zero(f / DATABASE, 1, 16384)])
def test_words_are_got_back_without_a_copy_of_the_header_or_the_first_page(
    folder: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(folder)
    assert len(got_back(folder, tmp_path / "out")) == 3


def test_words_are_got_back_when_every_inner_page_is_damaged(tmp_path: Path) -> None:
    with furnished(tmp_path) as vault:
        long = [words(f"entry {day} " + "word " * 3000, days=day) for day in range(40)]
        vault.imports.add(long, format="jsonl", source="x")
    opened = open_header(vault.folder, CODE)
    with PageFile(vault.folder / DATABASE, opened.key, opened.header.page_size) as pages:
        kinds = {number: page[0] for number, page in pages.pages() if page and number > 1}
    inner = [number for number, kind in kinds.items() if kind in (INNER_TABLE_PAGE, INNER_INDEX_PAGE)]
    assert inner
    for number in (1, *inner):
        zero(vault.folder / DATABASE, number, opened.header.page_size)
    back = got_back(vault.folder, tmp_path / "out")
    assert len(back) == 43
    assert str(back[-1]["text"]).count("word") == 3000


def test_words_that_are_only_in_the_log_are_got_back_and_uncommitted_ones_are_not(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    vault._database.checkpoint()
    vault.entries.add(words("only in the log"))
    killed = Path(shutil.copytree(vault.folder, tmp_path / "killed"))
    vault.close()
    log = killed / f"{DATABASE}-wal"
    back = got_back(killed, tmp_path / "out")
    assert back[-1]["text"] == "only in the log"
    assert back[-1]["whole"]
    whole = log.read_bytes()
    log.write_bytes(whole[:16] + bytes([whole[16] ^ 1]) + whole[17:])  # frames of a log that was before
    assert len(got_back(killed, tmp_path / "before")) == 3
    log.write_bytes(whole[:-1])  # the frame that commits is not whole
    assert len(got_back(killed, tmp_path / "without")) == 3


def test_a_recording_that_is_spoilt_in_one_place_is_got_back_but_for_that(
    folder: Path, tmp_path: Path
) -> None:
    (path,) = (folder / ATTACHMENTS).iterdir()
    content = bytearray(path.read_bytes())
    content[24 + 5] ^= 1
    path.write_bytes(content)
    made = salvage(folder, CODE, tmp_path / "out")
    assert [name.split("/")[0] for name in made.spoilt] == ["recordings"]
    sound = (tmp_path / "out" / made.spoilt[0]).read_bytes()
    whole = CANARY.encode() * 9000
    assert sound == bytes(PIECE) + whole[PIECE:]
    path.write_bytes(content[: 24 + 2 * (PIECE + TAG)] if len(content) > 2 * PIECE else content[:-9])
    assert salvage(folder, CODE, tmp_path / "cut").spoilt == made.spoilt


@pytest.mark.parametrize("name", [f"{DATABASE}-wal", ATTACHMENTS])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(folder: Path, tmp_path: Path, name: str) -> None:
    path = folder / name
    if path.is_dir():
        (path,) = path.iterdir()
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert len(got_back(folder, tmp_path / "out")) == 3


def test_a_pipe_in_the_place_of_the_database_is_told(folder: Path, tmp_path: Path) -> None:
    (folder / DATABASE).unlink()
    os.mkfifo(folder / DATABASE)
    with pytest.raises(VaultDamaged, match="no plain file"):
        salvage(folder, CODE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_entry_that_the_manifest_does_not_vouch_for_is_marked_and_a_missing_one_named(
    tmp_path: Path,
) -> None:
    with furnished(tmp_path) as vault:
        vault._database.hook = None
        vault._database.run("UPDATE entries SET text = 'an old page' WHERE id = 1")
        vault._database.run("DELETE FROM entries WHERE id = 2")
    made = salvage(vault.folder, CODE, tmp_path / "out")
    assert (made.unvouched, made.missing) == ((1,), (2,))


def test_a_file_whose_row_is_missing_though_it_was_there_is_not_removed(tmp_path: Path) -> None:
    with furnished(tmp_path) as vault:
        vault._database.hook = None
        vault._database.run("DELETE FROM recordings")
        vault._database.run("DELETE FROM spools")
    with Vault.unlock(vault.folder, CODE) as again:
        assert again.warnings
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == 1
    assert len(list((vault.folder / SPOOLS).iterdir())) == 1


@pytest.mark.parametrize("table", ["recordings", "deleted_files"])
def test_nor_is_one_that_the_quick_look_at_opening_does_not_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Before a file goes all rows are looked at that name files."""
    monkeypatch.setattr(manifest, "_NEWEST", 1)
    monkeypatch.setattr(manifest, "_SAMPLE", 0)
    with fresh_vault(tmp_path) as vault:
        voice = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
        if table == "deleted_files":
            vault.deleted.take_out(voice, kept_for=timedelta(days=9))
        vault.entries.add(words("newer", days=1))
        vault._database.hook = None
        assert vault._database.run(f"DELETE FROM {table}") == 1
    with Vault.unlock(vault.folder, CODE) as again:
        assert again.found_at_opening == ()
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == 1


def test_a_torn_row_is_left_out_and_counted(folder: Path) -> None:
    opened, tally = open_header(folder, CODE), Tally()
    with PageFile(folder / DATABASE, opened.key, opened.header.page_size) as pages:
        for number, page in pages.pages():
            assert page is not None
            for _ in records(number, page[: pages.usable - 500], pages.usable, lambda _: None, tally):
                pass
    assert tally.torn


def test_rows_that_an_old_page_brought_back_are_told_by_the_manifest_alone(tmp_path: Path) -> None:
    """In a table of which nothing is looked at when the vault is opened."""
    with furnished(tmp_path) as vault:
        vault._database.hook = None
        vault._database.run("UPDATE observations SET value = 7")
    (told,) = findings(vault.folder).items()
    assert told[0] == "manifest"
    assert told[1][0].startswith("What was made of 1 entry (number 1)")
