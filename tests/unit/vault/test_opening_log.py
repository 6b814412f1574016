"""What an opening logs: by which way, what was noted while nobody had the key; and that it bars nobody."""

from __future__ import annotations

import os
import random
import shutil
import stat
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from diary import bootstrap
from diary.errors import DiskFull, WrongPassphrase
from diary.model.audit import Event, Logged
from diary.model.entry import EntryDraft
from diary.model.key import KeyFile
from diary.vault import doctor, noted
from diary.vault.audit import AuditLog
from diary.vault.backups.restoring import restore
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.noted import ATTEMPTS, MOST_ATTEMPTS, NOTED, Note, What
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST, MORNING, fresh_folder, fresh_vault, words

FILE = KeyFile(bytes(range(64)), made=True)
WRONG = KeyFile(bytes(64))  # needs no slow derivation
OTHER = "seven quiet herons by the weir"


def opened(folder: Path, secret: str | KeyFile) -> list[Logged]:
    """The log after one more opening."""
    with Vault.unlock(folder, secret) as vault:
        assert vault.audit.findings() == []
        assert vault._watch.findings() == []
        return vault.audit.events()


def of(events: list[Logged], event: Event) -> list[dict[str, Any]]:
    return [dict(one.details or {}) for one in events if one.event is event]


def fail(folder: Path, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassphrase):
            Vault.unlock(folder, WRONG)


def test_each_opening_is_one_event_with_its_way_and_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    opened(folder, code)
    with KeyRing.open(folder, code) as ring:
        ring.add_key_file(FILE)
    opened(folder, FILE)
    commits: list[int] = []
    log_within = AuditLog.log_within

    def counted(self: AuditLog, event: Event, **details: Any) -> None:
        assert self._database._connection.in_transaction
        log_within(self, event, **details)
        commits.append(self._database._connection.total_changes)

    monkeypatch.setattr(AuditLog, "log_within", counted)
    events = opened(folder, FILE)
    assert len(commits) == 1
    assert events[0].event is Event.CREATED
    assert of(events, Event.UNLOCKED) == [{"way": "recovery-code"}, {"way": "key-file"}, {"way": "key-file"}]


def test_writing_and_reading_log_nothing(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        before = vault.audit.size()
        entry = vault.entries.add(words())
        vault.entries.get(entry.id)
        vault.drafts.save("new", "half a sentence", entry=None)
        assert vault.audit.size() == before


def test_failed_attempts_become_one_event_and_are_told_once(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    fail(folder, 2)
    with pytest.raises(WrongPassphrase):
        KeyRing.open(folder, WRONG)
    with pytest.raises(WrongPassphrase):
        doctor.examine(folder, WRONG, now=lambda: datetime.now(UTC))
    assert (folder / ATTEMPTS).stat().st_size == 4 * 8
    assert stat.S_IMODE((folder / ATTEMPTS).stat().st_mode) == 0o600
    with Vault.unlock(folder, code) as vault:
        assert vault.failed_attempts[0].startswith("There were 4 failed attempts to open the diary since")
        assert vault.failed_attempts[0] in vault.warnings
        (failed,) = of(vault.audit.events(), Event.UNLOCK_FAILED)
        assert failed["attempts"] == 4
        assert failed["first"] <= failed["last"]
    assert not (folder / ATTEMPTS).exists()
    with Vault.unlock(folder, code) as vault:
        assert vault.failed_attempts == []
        assert len(of(vault.audit.events(), Event.UNLOCK_FAILED)) == 1


@pytest.mark.parametrize("nothing", ["", "  ", "\t"])
def test_nothing_typed_is_no_attempt(tmp_path: Path, nothing: str) -> None:
    folder, _ = fresh_folder(tmp_path)
    with pytest.raises(WrongPassphrase):
        Vault.unlock(folder, nothing)
    assert not (folder / ATTEMPTS).exists()


def test_the_note_of_attempts_is_capped_and_the_last_is_kept(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    (folder / ATTEMPTS).write_bytes(noted._TIME.pack(1) * MOST_ATTEMPTS)
    fail(folder, 3)
    assert (folder / ATTEMPTS).stat().st_size == MOST_ATTEMPTS * 8
    assert noted.attempts(folder)[-1] > datetime(2020, 1, 1, tzinfo=UTC)
    (failed,) = of(opened(folder, code), Event.UNLOCK_FAILED)
    assert failed["attempts"] == MOST_ATTEMPTS


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 8, b"\x7f" * 8, b"abc", b"", random.Random(5).randbytes(8 * 4096 * 3), b"\x80" + b"\x00" * 15],
)
def test_broken_notes_keep_nobody_out(tmp_path: Path, content: bytes) -> None:
    folder, code = fresh_folder(tmp_path)
    for name in (ATTEMPTS, NOTED):
        (folder / name).write_bytes(content)
    assert opened(folder, code)[-1].event is Event.UNLOCKED
    again = opened(folder, code)
    assert [one.event for one in again[-2:]] == [Event.UNLOCKED] * 2


@pytest.mark.parametrize(
    ("zone", "moment"), [("Asia/Tokyo", datetime.max), ("America/New_York", datetime.min)]
)
def test_a_time_that_no_clock_said_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, moment: datetime
) -> None:
    folder, code = fresh_folder(tmp_path)
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    record = struct.pack("<q", since // timedelta(microseconds=1))
    (folder / ATTEMPTS).write_bytes(record)
    (folder / NOTED).write_bytes(record + bytes((What.RESTORED, 0)) + bytes(8))
    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        assert opened(folder, code)[-1].event is Event.UNLOCKED
    time.tzset()
    assert not (folder / ATTEMPTS).exists() and not (folder / NOTED).exists()


@pytest.mark.parametrize("kind", ["folder", "fifo", "link"])
def test_what_is_no_file_in_the_place_of_notes_keeps_nobody_out(tmp_path: Path, kind: str) -> None:
    folder, code = fresh_folder(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"another's")
    for name in (ATTEMPTS, NOTED):
        match kind:
            case "folder":
                (folder / name).mkdir()
            case "fifo":
                os.mkfifo(folder / name)
            case _:
                (folder / name).symlink_to(elsewhere)
    fail(folder)
    noted.note(folder, Note(MORNING, What.RESTORED))
    assert opened(folder, code)[-1].event is Event.UNLOCKED
    assert elsewhere.read_bytes() == b"another's"


def test_a_disk_that_takes_nothing_keeps_nobody_out_and_the_notes_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = fresh_folder(tmp_path)
    fail(folder)

    def full(*_: object, **__: object) -> None:
        raise DiskFull("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(AuditLog, "log_within", full)
        with Vault.unlock(folder, code) as vault:
            assert len(vault.failed_attempts) == 1
    assert (folder / ATTEMPTS).exists()
    assert of(opened(folder, code), Event.UNLOCK_FAILED)[0]["attempts"] == 1
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        fail(folder)


def test_ways_in_that_changed_are_logged_at_the_next_opening(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    opened(folder, code)
    with KeyRing.open(folder, code) as ring:
        added = ring.add_key_file(FILE)
        ring.change("1", OTHER, kdf=CHEAPEST)
    first = of(opened(folder, FILE), Event.KEYS_CHANGED)
    assert [(one["kind"], one["what"]) for one in first] == [("passphrase", "changed"), ("key-file", "added")]
    assert all(datetime.fromisoformat(one["at"]) for one in first)
    with KeyRing.open(folder, code) as ring:
        ring.remove(added.id)
    assert of(opened(folder, code), Event.KEYS_CHANGED)[2:] == [{"kind": "key-file", "what": "removed"}]


def test_a_header_put_back_shows_in_the_log(tmp_path: Path) -> None:
    """Somebody brings a removed way in back by copying the header of before."""
    folder, code = fresh_folder(tmp_path)
    with KeyRing.open(folder, code) as ring:
        added = ring.add_key_file(FILE)
    opened(folder, FILE)
    before = {name: (folder / name).read_bytes() for name in (HEADER, COPY)}
    with KeyRing.open(folder, code) as ring:
        ring.remove(added.id)
    opened(folder, code)
    for name, content in before.items():
        (folder / name).write_bytes(content)
    changes = of(opened(folder, FILE), Event.KEYS_CHANGED)
    assert [one["what"] for one in changes] == ["added", "removed", "added"]


def test_a_new_vault_key_is_one_event_in_the_same_log(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    with KeyRing.open(folder, code) as ring:
        ring.add_key_file(FILE)
    with Vault.unlock(folder, FILE) as vault:
        kept = vault.audit.checkpoint()
    with KeyRing.open(folder, FILE) as ring:
        ring.rotate()
    with Vault.unlock(folder, FILE) as vault:
        assert vault.audit.findings(kept) == []
        assert vault.audit.checkpoint().key == kept.key
        events = vault.audit.events()[kept.size :]
    assert [one.event for one in events] == [Event.KEY_ROTATED, Event.UNLOCKED]


def test_a_new_vault_key_hides_no_change_of_the_ways_in(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    opened(folder, code)
    with KeyRing.open(folder, code) as ring:
        added = ring.add_key_file(FILE)
    with KeyRing.open(folder, FILE) as ring:
        ring.remove("1")
        ring.rotate()
    events = opened(folder, FILE)
    assert added.kind == "key-file"
    changes = [(one["kind"], one["what"]) for one in of(events, Event.KEYS_CHANGED)]
    assert changes == [("passphrase", "removed"), ("key-file", "added")]
    assert [one.event for one in events[-3:]] == [Event.KEYS_CHANGED, Event.KEY_ROTATED, Event.UNLOCKED]


def test_the_log_goes_into_a_backup_and_on_after_it_was_restored(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.entries.add(words())
        kept = vault.audit.checkpoint()
        made = vault.backups.make(tmp_path / "one.backup")
        (backed,) = of(vault.audit.events(), Event.BACKED_UP)
        assert backed == {"kind": "full", "entries": 1}
    code = fresh_folder(tmp_path / "unused")[1]
    restore(made.file, code, tmp_path / "again", now=MORNING)
    with Vault.unlock(tmp_path / "again", code) as again:
        assert again.audit.findings(kept) == []
        events = again.audit.events()[kept.size :]
        assert [one.event for one in events] == [Event.RESTORED, Event.UNLOCKED]
        assert events[0].details == {"at": MORNING.astimezone(UTC).isoformat()}
    assert not (tmp_path / "again" / NOTED).exists()


def test_what_comes_and_goes_is_logged_by_its_number_alone(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        drafts: list[EntryDraft] = [words("one"), words("two", days=1), words("three", days=2)]
        outcome = vault.imports.add(drafts, format="jsonl", source="/home/somebody/private name.jsonl")
        vault.imports.add(drafts, format="jsonl", source="again")
        assert outcome.batch is not None
        vault.entries.delete(outcome.added[0])
        for entry in outcome.added[1:]:
            vault.deleted.take_out(entry, kept_for=timedelta(days=1))
        vault.deleted.erase(outcome.added[1:2], by="retention")
        vault.imports.undo(outcome.batch)
        events = vault.audit.events()
    assert of(events, Event.IMPORTED) == [{"format": "jsonl", "entries": 3}]
    assert of(events, Event.IMPORT_UNDONE) == [{"format": "jsonl", "entries": 0}]
    assert of(events, Event.ERASED) == [
        {"by": "person", "entries": 1},
        {"by": "retention", "entries": 1},
        {"by": "undo", "entries": 1},
    ]
    assert "private" not in str(events)


def test_an_erasure_that_fails_is_not_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        before = vault.audit.size()
        with monkeypatch.context() as patched:
            patched.setattr(vault.entries._removal, "_take_apart", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                vault.entries.delete(entry)
        assert vault.audit.size() == before
        vault.entries.delete(entry)
        assert vault.audit.size() == before + 1


def test_models_are_noted_by_kind_and_hash_for_the_next_opening(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    settings: Any = SimpleNamespace(vault=folder)
    bootstrap.note_model(settings, "imported", "language", "A model of mine@00112233445566ff")
    bootstrap.note_model(settings, "damaged", "speech", "x@ffffffffffffffff")
    bootstrap.note_model(SimpleNamespace(vault=tmp_path / "none"), "used", "speech", "x@ffffffffffffffff")  # type: ignore[arg-type]
    changes = of(opened(folder, code), Event.MODEL_CHANGED)
    assert [(one["what"], one["kind"], one["hash"]) for one in changes] == [
        ("imported", "language", "00112233445566ff"),
        ("damaged", "speech", "ffffffffffffffff"),
    ]
    assert not (folder / NOTED).exists()
    assert not (tmp_path / "none").exists()


def test_damage_is_logged_once_by_the_opening_and_by_who_looks(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    code = fresh_folder(tmp_path / "unused")[1]
    for day in range(3):
        vault.entries.add(words(days=day))
    older = Path(shutil.copytree(vault.folder, tmp_path / "older"))
    vault.entries.add(words("later"))
    vault.close()
    for name in ("vault.db", "vault.db-wal"):
        shutil.copy(older / name, vault.folder / name)
    for _ in range(2):
        with Vault.unlock(vault.folder, code) as again:
            assert again.warnings
            found = of(again.audit.events(), Event.DAMAGE_FOUND)
            assert found == [{"by": "opening", "findings": 1}]


def test_the_doctor_tells_of_a_log_that_was_changed(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code) as vault:
        vault._database.run("UPDATE audit SET made = made + 1 WHERE number = 0")
    checks = doctor.examine(folder, code, now=lambda: datetime.now(UTC))
    (log,) = [check for check in checks if check.name == "log"]
    assert log.findings == ("In the log of what was done 1 of its events are not as they were logged",)
    with Vault.unlock(folder, code) as vault:
        assert of(vault.audit.events(), Event.DAMAGE_FOUND)[-1] == {"by": "doctor", "findings": 1}
        assert vault.check() != []


def test_failed_attempts_are_no_damage(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    fail(folder)
    checks = doctor.examine(folder, code, now=lambda: datetime.now(UTC))
    (opening,) = [check for check in checks if check.name == "opening"]
    assert opening.findings == ()
    assert "a failed attempt" in opening.detail


def test_particulars_go_by_the_setting_once_a_day_at_most(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    with Vault.unlock(folder, code, now=lambda: long_ago) as vault:
        kept = vault.audit.checkpoint()
    for expected in (1, 1):
        with Vault.unlock(folder, code) as vault:
            vault.entries.add(words())  # the clock is believed
            bootstrap._shorten_log(vault, SimpleNamespace(log_kept=timedelta(days=30)))  # type: ignore[arg-type]
            events = vault.audit.events()
            assert len(of(events, Event.LOG_SHORTENED)) == expected
            assert vault.audit.findings(kept) == []
    assert [one.details for one in events if one.made < datetime.now(UTC) - timedelta(days=30)] == [None]
    with Vault.unlock(folder, code) as vault:
        bootstrap._shorten_log(vault, SimpleNamespace(log_kept=None))  # type: ignore[arg-type]
        assert vault.audit.size() == len(events) + 1
