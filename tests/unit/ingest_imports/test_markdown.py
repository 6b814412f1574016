import os

import pytest

from tests.unit.ingest_imports.importer import Importer


@pytest.fixture
def vault(tmp_path):
    folder = tmp_path / "vault"
    folder.mkdir()
    return folder


def note(vault, name, text):
    path = vault / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only(vault):
    report = Importer().run(vault)
    assert (report.format, report.errors, len(report.preview)) == ("markdown", (), 1)
    return report.preview[0]


def test_front_matter_is_kept_verbatim_and_the_text_byte_for_byte(vault):
    block = "---\r\ntitle: 'Peas: again'\r\nmood:   4 # of 10\r\n---\r\n"
    body = "\r\n# Heading\r\nSee [[Plot 14#Beds|the plot]] and ![[pea.jpg]].\r\n\r\n- [ ] water  \r\n"
    note(vault, "2024-01-05.md", block + body)
    draft = only(vault)
    assert (draft.metadata, draft.text, draft.title) == (block, body, "Peas: again")


@pytest.mark.parametrize(
    ("lines", "happened"),
    [
        ("date: 2024-01-05 21:10", "2024-01-05T21:10:00+01:00"),
        ('date: "2024-01-05T21:10:00+09:00"', "2024-01-05T21:10:00+09:00"),
        ("date: 2024-01-05", "2024-01-05T12:00:00+01:00"),
        ("Date: 05.07.2024", "2024-07-05T12:00:00+02:00"),
        ("created: 2024-01-05T21:10", "2024-01-05T21:10:00+01:00"),
        ("created: 2023-01-01\ndate: 2024-01-05", "2024-01-05T12:00:00+01:00"),
        ("title: Rain: again\ndate: 2024-01-05", "2024-01-05T12:00:00+01:00"),  # no valid YAML
    ],
)
def test_the_date_of_the_front_matter_is_used(vault, lines, happened):
    note(vault, "n.md", f"---\n{lines}\n---\nWords.\n")
    assert only(vault).happened.isoformat() == happened


def test_created_is_when_it_was_written(vault):
    note(vault, "2024-01-05.md", "---\ncreated: 2024-01-06 08:00\n---\nWords.\n")
    draft = only(vault)
    assert draft.happened.isoformat() == "2024-01-05T12:00:00+01:00"
    assert draft.written.isoformat() == "2024-01-06T08:00:00+01:00"


@pytest.mark.parametrize(
    ("name", "happened", "title"),
    [
        ("2024-01-05.md", "2024-01-05T12:00:00+01:00", None),
        ("daily/2024-01-05 Dentist.md", "2024-01-05T12:00:00+01:00", "Dentist"),
        ("2024-01-05T21-10 Late.md", "2024-01-05T21:10:00+01:00", "Late"),
        ("2024_01_05.md", "2024-01-05T12:00:00+01:00", None),
        ("20240105.markdown", "2024-01-05T12:00:00+01:00", None),
        ("2024/01/05.md", "2024-01-05T12:00:00+01:00", None),
        ("2024/01-January/05.md", "2024-01-05T12:00:00+01:00", None),
        ("2024-01-05 2110 steps.md", "2024-01-05T12:00:00+01:00", "2110 steps"),
    ],
)
def test_the_date_is_read_from_the_name_or_the_folders(vault, name, happened, title):
    note(vault, name, "Words.\n")
    draft = only(vault)
    assert (draft.happened.isoformat(), draft.title, draft.source_id) == (happened, title, name)


def test_without_a_date_the_files_time_of_change_is_taken_with_a_note(vault):
    os.utime(note(vault, "Ideas.md", "Words.\n"), (1_704_485_400, 1_704_485_400))
    report = Importer().run(vault)
    assert report.preview[0].happened.isoformat() == "2024-01-05T21:10:00+01:00"
    assert (report.preview[0].title, report.notes[0].where) == ("Ideas", "Ideas.md")
    assert "time of change" in report.notes[0].why


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Words first\n\n# The title #\n", "The title"),
        ("\n## Morning\nWords\n", "Morning"),
        ("Words\n## Tasks\n", "n"),
        ("```\n# not me\n```\n# Me\n", "Me"),
    ],
)
def test_the_title_is_the_first_heading_that_titles_the_note(vault, text, title):
    note(vault, "n.md", text)
    assert only(vault).title == title


@pytest.mark.parametrize(
    ("front", "tags"),
    [
        ("tags: [choir, 'a b']", ("choir", "a b")),
        ("tags:\n  - choir\n  - '#knee'", ("choir", "knee")),
        ("tags: choir, knee", ("choir", "knee")),
        ("tags: choir knee", ("choir", "knee")),
        ("tags: choir", ("choir",)),
        ("tags: 2024", ("2024",)),
        ("tags:", ()),
    ],
)
def test_tags_of_the_front_matter_in_all_their_forms(vault, front, tags):
    note(vault, "2024-01-05.md", f"---\n{front}\n---\nWords.\n")
    assert only(vault).tags == tags


def test_inline_tags_are_words_not_code_addresses_headings_or_numbers(vault):
    text = (
        "# Heading #no\n#yes and (#no) #Yes a#no #2024 #a/b-c.\nhttps://x.org/#no `#no` ``x #no ` y``\n"
        "- item\n\t- #nested\n\n    #no = code\n\n~~~\n#no\n```\n#no\n~~~\n[[Note#no]] #last\n"
    )
    note(vault, "2024-01-05.md", text)
    assert only(vault).tags == ("yes", "a/b-c", "nested", "last")


def test_two_rules_around_prose_are_no_front_matter(vault):
    text = "---\nOnly a line of prose\n---\nWords.\n"
    note(vault, "2024-01-05.md", text)
    draft = only(vault)
    assert (draft.text, draft.metadata) == (text, None)


def test_a_block_without_an_end_is_text(vault):
    note(vault, "2024-01-05.md", "---\ntitle: x\nWords.\n")
    assert only(vault).text.startswith("---")


BOMB = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\ndate: 1999-01-01"


@pytest.mark.parametrize(
    "inside",
    [BOMB, "a: " + "[" * 5_000, "a: " + "{b: " * 300, "a: [" + "x, " * 6_000 + "x]", "x: " + "y" * 70_000],
    ids=["aliases", "deep", "deep mappings", "many", "long"],
)
def test_a_front_matter_trap_is_kept_and_not_read(vault, inside):
    note(vault, "2024-01-05.md", f"---\n{inside}\n---\nWords.\n")
    report = Importer().run(vault)
    assert report.preview[0].metadata == f"---\n{inside}\n---\n"
    assert report.preview[0].happened.isoformat() == "2024-01-05T12:00:00+01:00"
    assert "kept" in report.notes[0].why


def test_yaml_objects_are_never_built(vault):
    note(vault, "2024-01-05.md", "---\ntitle: !!python/object/apply:os.getcwd []\n---\nWords.\n")
    assert only(vault).title is None


def test_a_surrogate_in_a_title_does_not_reach_the_diary(vault):
    note(vault, "2024-01-05.md", '---\ntitle: "a\\uD800b"\n---\nWords.\n')
    assert "\ud800" not in (only(vault).title or "")


def test_hidden_folders_and_other_files_are_left_alone(vault):
    note(vault, "2024-01-05.md", "Words.")
    note(vault, ".obsidian/x.md", "no")
    note(vault, ".trash/2020-01-01.md", "no")
    note(vault, "pea.jpg", "no")
    report = Importer().run(vault)
    assert report.added == 1
    assert any("1 file " in found.why for found in report.notes)


def test_a_bad_note_is_listed_and_the_others_are_taken(vault):
    note(vault, "2024-01-05.md", "Words.")
    note(vault, "2024-01-06.md", b"caf\xe9")
    note(vault, "2024-01-07.md", b"x" * 4_000_001)
    note(vault, "2024-01-08.md", "\n")
    os.mkfifo(vault / "2024-01-09.md")
    report = Importer().run(vault)
    assert (report.added, report.skipped) == (1, 1)
    assert [error.where for error in report.errors] == ["2024-01-06.md", "2024-01-07.md", "2024-01-09.md"]


def test_links_never_lead_out_of_the_folder(vault, tmp_path):
    note(tmp_path, "secret.md", "secret words")
    note(tmp_path, "outside/other.md", "other words")
    note(vault, "2024-01-05.md", "Words.")
    (vault / "link.md").symlink_to(tmp_path / "secret.md")
    (vault / "folder").symlink_to(tmp_path / "outside")
    (vault / "inside.md").symlink_to(vault / "2024-01-05.md")
    (vault / "loop").symlink_to(vault / "loop")
    report = Importer().run(vault)
    assert [draft.text for draft in report.preview] == ["Words."]
    assert [error.where for error in report.errors] == ["folder", "link.md", "loop"]


def test_folders_nested_beyond_measure_are_listed(vault):
    note(vault, "2024-01-05.md", "Words.")
    note(vault, "/".join("d" * 70) + "/2024-01-06.md", "Deep.")
    report = Importer().run(vault)
    assert report.added == 1
    assert "nested deeper than 64" in report.errors[0].why


def test_a_name_that_is_no_utf_8_is_escaped(vault):
    os.close(os.open(os.fsencode(vault) + b"/2024-01-05 caf\xe9.md", os.O_CREAT | os.O_WRONLY))
    path = next(vault.iterdir())
    path.write_text("Words.")
    assert only(vault).source_id == "2024-01-05 caf\\xe9.md"


def test_a_single_note_is_taken(vault):
    report = Importer().run(note(vault, "2024-01-05 Dentist.md", "Words."))
    assert (report.format, report.preview[0].source_id) == ("markdown", "2024-01-05 Dentist.md")
