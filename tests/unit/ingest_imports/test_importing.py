import os
from collections.abc import Sequence

import pytest

from diary.errors import DiskFull, ImportRefused, Stopped
from diary.model.entry import EntryChanges, EntryDraft, ImportOutcome
from diary.model.progress import Progress
from ingest.importers.staging import Limits
from ingest.importing import ImportRequest, run_import
from tests.unit.ingest_imports.importer import NOW, Importer, item, jsonl


def test_a_dry_run_counts_like_the_import_and_changes_nothing(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item(id="1"), item(), item(text=""), item(date="x"), item(text="New."))
    importer = Importer()
    importer.run(jsonl(tmp_path / "before.jsonl", item(text="New.")))
    dry = importer.run(path, dry_run=True)
    assert importer.stores.entries.count() == 1
    wet = importer.run(path)
    assert (dry.dry_run, dry.batch, dry.entries, wet.dry_run) == (True, None, (), False)
    for field in ("format", "added", "duplicates", "skipped", "errors", "notes", "preview"):
        assert getattr(dry, field) == getattr(wet, field), field
    assert (wet.added, wet.duplicates, wet.skipped, len(wet.errors)) == (1, 2, 1, 1)


def test_an_import_can_be_undone_and_done_again(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item(id="1"), item(text="Two."))
    importer = Importer()
    report = importer.run(path)
    assert importer.stores.imports.undo(report.batch) == 2
    assert importer.run(path).added == 2


def test_several_sources_make_one_batch(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "2024-01-05.md").write_text("A note.")
    journal = tmp_path / "journal.txt"
    journal.write_text("[2024-01-06 10:00] An entry.\n")
    importer = Importer()
    report = importer.run(jsonl(tmp_path / "d.jsonl", item()), notes, journal)
    assert (report.format, report.added) == ("mixed", 3)
    batch = importer.stores.imports.batches()[0]
    assert (batch.id, batch.source, batch.added) == (report.batch, "d.jsonl, notes, journal.txt", 3)


def test_two_folders_with_the_same_names_keep_both_notes(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "2024-01-05.md").write_text(f"Words of {folder}.")
    importer = Importer()
    assert importer.run(tmp_path / "a", tmp_path / "b").added == 2
    assert importer.run(tmp_path / "a", tmp_path / "b").added == 0


def test_a_note_changed_since_its_import_is_left_alone_and_noted(tmp_path):
    path = tmp_path / "2024-01-05.md"
    path.write_text("Words.")
    importer = Importer()
    importer.run(path)
    path.write_text("Words, and more.")
    report = importer.run(path)
    assert (report.added, report.duplicates) == (0, 1)
    assert "other words" in report.notes[0].why


def test_an_entry_edited_here_is_not_imported_again(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item(id="1"), item(text="Two."))
    importer = Importer()
    for entry in importer.run(path).entries:
        importer.stores.entries.revise(entry, EntryChanges(text="Edited here."))
    again = importer.run(path)
    assert (again.added, again.duplicates, again.notes) == (0, 2, ())


@pytest.mark.parametrize("polls_before", [0, 1, 19, 20, 39, 40])
def test_a_stop_before_saving_adds_nothing(tmp_path, polls_before):
    """It is polled 20 times reading, 20 times looking up, and once before saving."""
    path = jsonl(tmp_path / "d.jsonl", *(item(text=f"Entry {number}.") for number in range(20)))
    polls = iter(range(1_000))
    importer = Importer()
    with pytest.raises(Stopped, match="Nothing was added"):
        importer.run(path, cancelled=lambda: next(polls) >= polls_before)
    assert importer.stores.entries.count() == 0


def test_a_missing_path_refuses_the_whole_import(tmp_path):
    importer = Importer()
    with pytest.raises(ImportRefused, match="does not exist"):
        importer.run(jsonl(tmp_path / "d.jsonl", item()), tmp_path / "gone.jsonl")
    assert importer.stores.entries.count() == 0


def test_a_source_that_fails_while_it_is_read_adds_nothing(tmp_path):
    torn = tmp_path / "journal.json"
    torn.write_text('{"tags": {}, "entries": [{"title": "x"')
    importer = Importer()
    with pytest.raises(ImportRefused, match=r"journal\.json.*damaged"):
        importer.run(jsonl(tmp_path / "d.jsonl", item()), torn)
    assert importer.stores.entries.count() == 0


def test_no_path_at_all_is_refused():
    with pytest.raises(ImportRefused, match="No file or folder"):
        Importer().run()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item())
    path.chmod(0)
    with pytest.raises(ImportRefused, match="permission denied"):
        Importer().run(path)


def test_a_full_disk_is_told_as_it_is(tmp_path):
    class FullDisk:
        def known(self, draft: EntryDraft, format: str) -> bool:
            return False

        def add(self, drafts: Sequence[EntryDraft], *, format: str, source: str) -> ImportOutcome:
            raise DiskFull("The disk is full. Nothing was added.")

    request = ImportRequest(paths=(jsonl(tmp_path / "d.jsonl", item()),), now=NOW)
    with pytest.raises(DiskFull):
        run_import(request, FullDisk())


@pytest.mark.parametrize(
    "limits",
    [Limits(entries=2), Limits(characters=12), Limits(file_bytes=40)],
    ids=["entries", "words", "bytes"],
)
def test_more_than_the_limits_is_refused_whole(tmp_path, limits):
    path = jsonl(tmp_path / "d.jsonl", *(item(text=f"Entry {number}.") for number in range(3)))
    importer = Importer()
    with pytest.raises(ImportRefused, match="Nothing was added"):
        importer.run(path, limits=limits)
    assert importer.stores.entries.count() == 0


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(entry_characters=3), "text"),
        (Limits(title_characters=3), "title"),
        (Limits(metadata_characters=3), "metadata"),
        (Limits(source_id_characters=3), "id"),
    ],
)
def test_an_item_beyond_its_limits_is_listed(tmp_path, limits, name):
    path = jsonl(tmp_path / "d.jsonl", item(id="long", title="Long", more="x"))
    report = Importer().run(path, limits=limits)
    assert report.added == 0
    assert f"its {name} is longer than 3 characters" in report.errors[0].why


def test_tags_beyond_their_limits_are_left_out_with_a_note(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item(tags=["ok", "toolong", "#Ok", " ", "third"]))
    report = Importer().run(path, limits=Limits(tags=4, tag_characters=4))
    assert report.preview[0].tags == ("ok",)
    assert len(report.notes) == 2


def test_progress_is_reported_to_the_end_of_each_step(tmp_path):
    seen: list[Progress] = []
    path = jsonl(tmp_path / "d.jsonl", *(item(text=f"Entry {number}.") for number in range(600)))
    Importer().run(path, report=seen.append)
    assert [step.task for step in seen if step.done == step.total][-2:] == [
        "looking for what is here already",
        "saving",
    ]
    reading = [step for step in seen if step.task.startswith("reading d.jsonl")]
    assert len(reading) < 100
    assert all(step.done <= (step.total or step.done) for step in seen)
