import json

import pytest

from diary.errors import ImportRefused
from tests.unit.ingest_imports.importer import Importer

JOURNAL = """\
[2024-01-05 21:10] Dentist at nine. It went fine.
Half my face slept until noon, says @Nora_K.
[x] buy toothpaste
[see page 4] still the same day
mail me@example.org

[2024-07-06 09:05] Dr. Abara called. *
He was kind. @health/migraine

[2024-07-07 10:00 PM] One line only @choir.
"""


def drafts(tmp_path, text, name="journal.txt", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Importer().run(path, **options)


def test_a_journal_is_split_at_its_dates_only(tmp_path):
    report = drafts(tmp_path, JOURNAL)
    assert (report.format, report.added, report.errors) == ("jrnl", 3, ())
    first, second, third = report.preview
    assert first.text == JOURNAL[19 : JOURNAL.index("\n\n[2024-07-06")]
    assert first.happened.isoformat() == "2024-01-05T21:10:00+01:00"
    assert second.happened.isoformat() == "2024-07-06T09:05:00+02:00"
    assert third.happened.hour == 22


def test_title_star_and_tags_are_read_and_every_word_stays_in_the_text(tmp_path):
    first, second, third = drafts(tmp_path, JOURNAL).preview
    assert (first.title, first.starred) == ("Dentist at nine.", False)
    assert (second.title, second.starred) == ("Dr. Abara called.", True)
    assert second.text == "Dr. Abara called.\nHe was kind. @health/migraine"
    assert second.tags == ("health/migraine",)
    assert (third.title, third.text, third.tags) == (None, "One line only @choir.", ("choir",))


def test_a_tag_ends_before_the_full_stop_and_an_email_address_is_none(tmp_path):
    assert drafts(tmp_path, JOURNAL).preview[0].tags == ("nora_k",)


def test_windows_line_endings_are_kept_inside_the_text(tmp_path):
    report = drafts(tmp_path, JOURNAL.replace("\n", "\r\n"))
    assert report.added == 3
    assert "fine.\r\nHalf my face" in report.preview[0].text
    assert report.preview[1].starred


def test_a_date_alone_on_its_line_starts_an_entry(tmp_path):
    report = drafts(tmp_path, "[2024-01-05 21:10]\nWords below.\n")
    assert report.preview[0].text == "Words below."


def test_text_before_the_first_entry_is_listed(tmp_path):
    report = drafts(tmp_path, "My journal\n[2024-01-05 21:10] Words.\n", format="jrnl")
    assert report.added == 1
    assert "before its first date" in report.errors[0].why


def test_a_date_that_does_not_exist_is_listed_and_its_words_go_nowhere_else(tmp_path):
    report = drafts(tmp_path, "[2024-01-05 21:10] Kept.\n[2024-02-30 21:10] Not kept.\n")
    assert [draft.text for draft in report.preview] == ["Kept."]
    assert [(error.where, error.why) for error in report.errors] == [
        ("journal.txt, line 2", "its date is not in the calendar")
    ]


def test_one_entry_in_a_wrong_encoding_does_not_cost_the_others(tmp_path):
    report = drafts(tmp_path, b"[2024-01-05 21:10] caf\xe9\n[2024-01-06 21:10] caf\xc3\xa9\n")
    assert [draft.text for draft in report.preview] == ["café"]
    assert "not UTF-8" in report.errors[0].why


def test_the_order_of_slashed_dates_is_taken_from_the_file(tmp_path):
    report = drafts(tmp_path, "[05/06/2024 08:00] One.\n[31/12/2024 08:00] Two.\n")
    assert [draft.happened.date().isoformat() for draft in report.preview] == ["2024-06-05", "2024-12-31"]


def test_slashed_dates_are_refused_when_the_file_does_not_tell_their_order(tmp_path):
    report = drafts(tmp_path, "[05/06/2024 08:00] One.\n")
    assert report.added == 0
    assert "day/month and as month/day" in report.errors[0].why


def test_a_folder_journal_is_read(tmp_path):
    (tmp_path / "j" / "2024" / "01").mkdir(parents=True)
    (tmp_path / "j" / "2024" / "01" / "05.txt").write_text("[2024-01-05 21:10] In a folder.\n")
    report = Importer().run(tmp_path / "j")
    assert (report.format, report.preview[0].text) == ("jrnl", "In a folder.")


def export(*entries, **more):
    return json.dumps({"tags": {"@choir": 1}, "entries": entries} | more, indent=2)


ENTRY = {
    "title": "Dr. Abara called.",
    "body": "He was kind. @health/migraine",
    "date": "2024-07-06",
    "time": "09:05",
    "tags": ["@health/migraine"],
    "starred": True,
}


def test_the_json_export_gives_the_same_entry_as_the_text_file(tmp_path):
    from_json = drafts(tmp_path, export(ENTRY), "journal.json")
    assert from_json.format == "jrnl-json"
    assert from_json.preview[0] == drafts(tmp_path, JOURNAL).preview[1]


def test_uuid_comes_back_and_the_creator_is_kept_verbatim(tmp_path):
    entry = ENTRY | {"uuid": "0F", "creator": {"host_name": "desk"}}
    draft = drafts(tmp_path, export(entry), "journal.json").preview[0]
    assert draft.source_id == "0F"
    assert json.loads(draft.metadata) == {"creator": {"host_name": "desk"}}


def test_a_bad_entry_of_the_export_is_listed_by_number(tmp_path):
    report = drafts(tmp_path, export({"title": 3}, ENTRY, ENTRY | {"date": "2024-02-31"}), "journal.json")
    assert report.added == 1
    assert [error.where for error in report.errors] == ["journal.json, entry 1", "journal.json, entry 3"]


@pytest.mark.parametrize("cut", [30, 100, 200])
def test_an_export_cut_short_is_refused_whole(tmp_path, cut):
    with pytest.raises(ImportRefused, match="Nothing was added"):
        drafts(tmp_path, export(ENTRY)[:cut], "journal.json")
