"""What only the vault can show of deleted entries: their files, their drafts, and that nothing else moves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from diary.bootstrap import stores_of
from diary.errors import EntryNotFound
from diary.letting_go import LettingGo
from diary.model.entry import EntryId, Kind
from diary.model.retention import RetentionRules
from diary.vault.removal import ATTACHMENTS
from diary.vault.schema import SCHEMA_VERSION
from diary.vault.vault import Vault
from tests.unit.vault.fresh import MORNING, fresh_vault, reopened, words
from tests.unit.vault.test_removal_and_recordings import canary_everywhere, everything

MONTH = timedelta(days=30)
ROWS = ("entries", "revisions", "recordings", "transcripts", "partials", "drafts", "attachments")


def rows_of(vault: Vault) -> dict[str, list[tuple[object, ...]]]:
    """Every row that was not made from words, without the numbers of transcripts, which are made anew."""
    found = {table: vault._database.rows(f"SELECT * FROM {table}") for table in ROWS}
    found["transcripts"] = [row[1:] for row in found["transcripts"]]
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def test_every_row_and_file_comes_back_after_closing_and_opening(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    canary_everywhere(vault)
    before = rows_of(vault)
    assert all(before[table] for table in ROWS if table != "attachments")
    entries = [EntryId(row[0]) for row in vault._database.rows("SELECT id FROM entries")]
    for entry in entries:
        vault.deleted.take_out(entry, kept_for=MONTH)
    assert not any(rows_of(vault).values())
    vault = reopened(vault)
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == len(before["recordings"])
    assert vault.check() == []
    for entry in entries:
        vault.deleted.restore(entry)
    assert rows_of(vault) == before
    assert vault.deleted.list() == []
    vault.close()


def test_a_key_of_a_file_is_in_no_text_and_goes_with_its_file(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
        ((key,),) = vault._database.rows("SELECT key FROM recordings")
        vault.deleted.take_out(entry, kept_for=MONTH)
        ((rows, row),) = vault._database.rows("SELECT d.rows, f.row FROM deleted d, deleted_files f")
        assert key.hex() not in rows + row
        assert msgspec.json.decode(rows)["schema"] == SCHEMA_VERSION
        assert vault.deleted.erase([entry]) == 1
        assert key not in everything(vault)
        assert list((vault.folder / ATTACHMENTS).iterdir()) == []


def test_whoever_asks_for_a_deleted_entry_is_told_where_it_is(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        vault.deleted.take_out(entry, kept_for=MONTH)
        for look in (vault.entries.get, vault.entries.delete, vault.entries.history):
            with pytest.raises(EntryNotFound, match=f"Entry {entry} is among the deleted") as told:
                look(entry)
            assert f"diary deleted restore {entry}" in told.value.hint
        vault.deleted.erase([entry])
        with pytest.raises(EntryNotFound, match=f"There is no entry {entry}"):
            vault.entries.get(entry)


def test_a_draft_comes_back_beside_other_words_under_its_name(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        vault.drafts.save("edit", "unsaved", entry=entry)
        vault.deleted.take_out(entry, kept_for=MONTH)
        vault.drafts.save("edit", "others")
        vault.deleted.restore(entry)
        assert {(draft.slot, draft.text, draft.entry) for draft in vault.drafts.list()} == {
            ("edit", "others", None),
            ("edit (2)", "unsaved", entry),
        }


def test_a_neighbour_holds_no_words_of_what_was_deleted(tmp_path: Path) -> None:
    from tests.unit.vault.test_removal_and_recordings import VECTOR, index

    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        first, secret = vault.entries.add(words("first")), vault.entries.add(words("secret", days=1))
        index(vault, first.id, "first", context="secret")
        vault.deleted.take_out(secret.id, kept_for=MONTH)
        assert vault.passages.matches("secret", limit=5) == []
        assert [entry.id for entry in vault.passages.pending(limit=9)] == [first.id]


def test_a_clock_set_forward_makes_no_deleted_entry_s_time_over(tmp_path: Path) -> None:
    clock = [MORNING]
    with fresh_vault(tmp_path, now=lambda: clock[0]) as vault:
        vault.entries.add(words("another"))
        entry = vault.entries.add(words("to be brought back")).id
        going = LettingGo(stores_of(vault), RetentionRules(), lambda: clock[0])
        going.delete(entry)
        clock[0] += timedelta(days=2 * 365)
        assert going.keep_rules().went == ()
        assert [one.entry.id for one in vault.deleted.list()] == [entry]
        vault.entries.add(words("by which the clock is right after all"))
        assert [one.count for one in going.keep_rules().went] == [1]
