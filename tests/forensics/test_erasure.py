"""After erasing an entry nothing tells of it in any byte of any file of the vault, decrypted.

Each way of erasing is looked at with our own reader of pages (`pages`). That the looking finds what is there
is shown first, and that each of the measures is needed: without it something is found.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from diary.model.entry import EntryChanges, EntryId, Kind, Transcript
from diary.model.retention import RetentionRules
from diary.model.speech import Segment
from diary.retention import Retention
from diary.vault import removal
from diary.vault.scrubbing import Scrubber
from diary.vault.vault import Vault
from ingest.observations.condensed import condensed
from tests.forensics.evidence import MONTH, Diary, filled, found_of, invented
from tests.unit.vault.fresh import fresh_vault, template, words

OTHERS = 60
Way = Callable[[Diary], None]


def at_once(diary: Diary) -> None:
    diary.vault.entries.delete(diary.entry)


def at_the_end_of_its_time(diary: Diary) -> None:
    diary.vault.deleted.take_out(diary.entry, kept_for=MONTH)
    diary.index()
    diary.vault.deleted.erase([diary.entry])


def after_it_came_back(diary: Diary) -> None:
    diary.vault.deleted.take_out(diary.entry, kept_for=MONTH)
    diary.vault.deleted.restore(diary.entry)
    diary.index()
    at_once(diary)


def among_many(diary: Diary) -> None:
    entries = [EntryId(row[0]) for row in diary.vault._database.rows("SELECT id FROM entries ORDER BY id")]
    place = entries.index(diary.entry)
    chosen = entries[place - 15 : place + 15]
    diary.vault.entries._removal.remove(lambda: chosen)


def with_its_import(diary: Diary) -> None:
    (batch,) = diary.vault.imports.batches()
    assert diary.vault.imports.undo(batch.id) == 1


def with_its_import_after_it_was_deleted(diary: Diary) -> None:
    diary.vault.deleted.take_out(diary.entry, kept_for=MONTH)
    (batch,) = diary.vault.imports.batches()
    assert diary.vault.imports.undo(batch.id) == 0


def by_retention(diary: Diary) -> None:
    vault = diary.vault
    rules = RetentionRules(entries=timedelta(days=1))
    long_after = vault.entries.get(diary.entry).recorded + timedelta(days=999)
    stores = vault.ageing, vault.deleted, vault.preferences
    retention = Retention(*stores, rules, now=lambda: long_after, clock_in_doubt=lambda: None)
    vault.drafts.discard("edit")  # what is being edited is not taken
    assert retention.run(at_once=True).went[0].count > 1


def condense_one(diary: Diary) -> None:
    vault = diary.vault
    vault.drafts.discard("edit")  # what is being edited is not taken
    aged = vault.ageing.to_condense(vault.entries.get(diary.entry).recorded + timedelta(days=999))
    assert vault.ageing.condense([one for one in aged if one.entry == diary.entry], condensed) == 1


WAYS = [at_once, by_retention, at_the_end_of_its_time, after_it_came_back, among_many]
OF_IMPORTS = [with_its_import, with_its_import_after_it_was_deleted]
EVERY_DAY = (at_once, among_many, with_its_import)


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=() if way in EVERY_DAY else pytest.mark.slow) for way in WAYS + OF_IMPORTS],
    ids=lambda way: way.__name__,
)
def test_nothing_of_an_entry_is_left_in_any_file(
    tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "_MANY", 20)  # so that `among_many` takes the path of many
    diary = filled(tmp_path, others=OTHERS, imported=way in OF_IMPORTS)
    vault = diary.vault
    assert set(found_of(vault, diary.needles)) == set(diary.needles)
    way(diary)
    assert found_of(vault, diary.needles) == {}
    diary.index()
    assert vault.check() == []
    vault.close()
    again = Vault.unlock(vault.folder, template()[1])
    assert found_of(again, diary.needles) == {}
    again.close()


def test_of_a_condensed_entry_its_figures_and_its_tags_are_left_and_nothing_else(tmp_path: Path) -> None:
    diary = filled(tmp_path, others=10)
    condense_one(diary)
    vault = diary.vault
    assert vault.entries.get(diary.entry).text == "[…]"
    stays = {"a tag", "the hash of its words as they came", "the key of a number"}
    assert set(found_of(vault, diary.needles)) <= stays
    diary.index()
    assert set(found_of(vault, diary.needles)) <= stays
    assert vault.check() == []
    vault.close()


def test_what_was_deleted_and_can_be_brought_back_is_in_the_vault_alone_and_not_in_its_index(
    tmp_path: Path,
) -> None:
    diary = filled(tmp_path, others=10)
    diary.vault.deleted.take_out(diary.entry, kept_for=MONTH)
    left = set(found_of(diary.vault, diary.needles))
    assert {"a word", "what was heard", "unsaved words", "the key in recordings"} <= left
    ((indexed,),) = diary.vault._database.rows(
        "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH 'zanahorias'"
    )
    assert indexed == 0
    diary.vault.close()


@pytest.mark.parametrize(
    ("measure", "statement"),
    [
        ("rows are overwritten", "PRAGMA secure_delete = OFF"),
        (
            "tokens are",
            "INSERT INTO passages_fts(passages_fts, rank) VALUES ('secure-delete', 0)",
        ),
    ],
)
def test_without_overwriting_something_is_found(tmp_path: Path, measure: str, statement: str) -> None:
    diary = filled(tmp_path, others=10)
    diary.vault._database.rows(statement)
    at_once(diary)
    assert found_of(diary.vault, diary.needles), measure
    diary.vault.close()


def erase_some(folder: Path) -> dict[str, list[str]]:
    """Erase thirty entries that shared their pages with others that grew; what is found of them."""
    dice = random.Random(2)
    vault = fresh_vault(folder)
    entries: dict[EntryId, bytes] = {}
    for _ in range(100):
        word = invented(dice) + "x"
        long = " ".join(invented(dice) for _ in range(dice.randrange(20, 120)))
        entries[vault.entries.add(words(f"{word} {long}")).id] = word.encode()
    for entry in dice.sample(sorted(entries), 20):
        more = " ".join(invented(dice) for _ in range(60))
        vault.entries.revise(entry, EntryChanges(text=vault.entries.get(entry).text + " " + more))
    gone = dice.sample(sorted(entries), 30)
    vault.entries._removal.remove(lambda: gone)
    found = found_of(vault, {str(entry): entries[entry] for entry in gone})
    vault.close()
    return found


def test_copies_that_rows_left_when_they_moved_go_too(tmp_path: Path) -> None:
    assert erase_some(tmp_path) == {}


def test_without_scrubbing_such_copies_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scrubber, "run", lambda *_, **__: True)
    assert erase_some(tmp_path) != {}


def test_nothing_of_older_versions_is_left_and_all_of_the_newest(tmp_path: Path) -> None:
    diary = filled(tmp_path, others=20)
    vault = diary.vault
    before = found_of(vault, diary.needles)
    versions = vault.ageing.versions(vault.entries.get(diary.entry).recorded + timedelta(days=999))
    assert vault.ageing.erase([one for one in versions if one.entry == diary.entry]) == 3
    old = {"a word of an older version", "the title of an older version", "its leaf in the manifest"}
    assert set(found_of(vault, diary.needles)) == set(before) - old
    assert vault.check() == []
    vault.close()


def test_what_was_heard_for_an_older_version_goes_with_it_and_what_was_heard_last_stays(
    tmp_path: Path,
) -> None:
    vault = fresh_vault(tmp_path)
    entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
    for heard in (b"nachtigallen", b"buchfinken"):
        segments = [Segment(start=0, end=1, text=heard.decode(), confidence=1)]
        vault.recordings.set_transcript(
            entry, f"It was {heard.decode()}.", Transcript.TRANSCRIBED, segments, "whisper"
        )
    vault.entries.revise(entry, EntryChanges(text="Something else, by hand."))
    versions = vault.ageing.versions(vault.entries.get(entry).recorded + timedelta(days=999))
    assert vault.ageing.erase(versions) == len(versions) == 3
    assert set(found_of(vault, {"heard": b"nachtigallen", "heard last": b"buchfinken"})) == {"heard last"}
    assert [one.segments[0].text for one in vault.recordings.transcripts(entry)] == ["buchfinken"]
    vault.close()


def test_the_keys_of_a_recording_and_of_a_file_go_with_them(tmp_path: Path) -> None:
    diary = filled(tmp_path, others=10)
    vault = diary.vault
    (attached,) = vault.attachments.of(diary.entry)
    vault.attachments.remove(attached.id)
    vault.recordings.forget_sound(diary.entry)
    assert vault.ageing.finish()  # as at the next opening
    about = [name for name in diary.needles if name.startswith(("the key in", "the file in"))]
    assert len(about) == 4
    gone = [*about, "what the recording was called", "what a file was called"]
    assert found_of(vault, {name: diary.needles[name] for name in gone}) == {}
    vault.close()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS + OF_IMPORTS, ids=lambda way: way.__name__)
def test_nothing_is_left_of_one_of_a_thousand(tmp_path: Path, way: Way) -> None:
    diary = filled(tmp_path, others=1000, imported=way in OF_IMPORTS, seed=7)
    assert set(found_of(diary.vault, diary.needles)) == set(diary.needles)
    way(diary)
    assert found_of(diary.vault, diary.needles) == {}
    assert diary.vault.check() == []
    diary.vault.close()
