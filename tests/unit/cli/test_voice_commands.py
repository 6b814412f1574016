"""voice: microphones and recordings that are no entries yet; glossary."""

from __future__ import annotations

import pytest

from diary.cli.arguments import parse
from diary.cli.entries import list_entries
from diary.cli.glossary_commands import glossary
from diary.cli.grammar_of_speech import LANGUAGES
from diary.cli.voice_commands import voice
from diary.errors import DiaryError, RecordingNotFound, UsageError
from diary.model.glossary import TermDraft, TermKind
from tests.fakes.voice import HEADSET, said
from tests.unit.cli.desk import SpokenSession, run

Output = pytest.CaptureFixture[str]


@pytest.fixture
def session() -> SpokenSession:
    return SpokenSession()


def test_microphones_are_listed_with_the_one_in_use(session: SpokenSession, capsys: Output) -> None:
    ran = run(voice, capsys, "voice", "list", session=session)
    assert ran.out == "Built-in Microphone  (in use, the system's choice)\nUSB Headset\n"
    session.voice.chosen = HEADSET.id
    ran = run(voice, capsys, "voice", "list", session=session)
    assert ran.out == "Built-in Microphone  (the system's choice)\nUSB Headset  (in use)\n"
    document = run(voice, capsys, "--json", "voice", "list", session=session).json
    assert [one["in_use"] for one in document["microphones"]] == [False, True]
    assert document["remembered"] == HEADSET.id


def test_a_remembered_one_that_is_not_there_is_told(session: SpokenSession, capsys: Output) -> None:
    session.voice.chosen = "gone"
    ran = run(voice, capsys, "voice", "list", session=session)
    assert "The remembered microphone is not there now" in ran.words
    assert "Built-in Microphone (in use" in ran.words


@pytest.mark.parametrize("name", ["USB Headset", "headset", "mic-2"])
def test_one_is_remembered_by_name_or_id(session: SpokenSession, capsys: Output, name: str) -> None:
    ran = run(voice, capsys, "voice", "use", name, session=session)
    assert session.voice.chosen == HEADSET.id
    assert ran.out == "Recordings are made with USB Headset from now on.\n"


def test_default_forgets_the_remembered_one(session: SpokenSession, capsys: Output) -> None:
    session.voice.chosen = HEADSET.id
    run(voice, capsys, "voice", "use", "default", session=session)
    assert session.voice.chosen is None


def test_unfinished_recordings_are_named_timed_and_quoted(session: SpokenSession, capsys: Output) -> None:
    session.voice.leave_unfinished(said(0, "About the visit."), seconds=75.0)
    ran = run(voice, capsys, "voice", "unfinished", session=session)
    assert ran.out.startswith("aaaaaa  Fri 20 Nov 2026, 21:35  1:15\n        About the visit.\n")
    (one,) = run(voice, capsys, "--json", "voice", "unfinished", session=session).json["unfinished"]
    assert (one["recording"], one["seconds"], one["text"]) == ("a" * 32, 75.0, "About the visit.")


def test_they_are_offered_beside_the_list_of_entries(session: SpokenSession, capsys: Output) -> None:
    session.voice.leave_unfinished(said(0, "About the visit."))
    ran = run(list_entries, capsys, "list", session=session)
    assert (ran.out, ran.err) == ("No entries.\n", "1 recording is no entry yet: diary voice unfinished\n")
    assert run(list_entries, capsys, "--json", "list", session=session).err == ""


def test_none_unfinished_is_said(session: SpokenSession, capsys: Output) -> None:
    assert run(voice, capsys, "voice", "unfinished", session=session).out == "Every recording is an entry.\n"


def test_the_only_one_needs_no_name_to_be_saved(session: SpokenSession, capsys: Output) -> None:
    session.voice.leave_unfinished(said(0, "About the visit."))
    ran = run(voice, capsys, "voice", "save", "--title", "Visit", session=session)
    assert ran.out.startswith("About the visit.\nSaved as entry 1, Fri 20 Nov 2026, 21:35, 1:00.\n")
    assert (session.entry(1).text, session.entry(1).title) == ("About the visit.", "Visit")  # type: ignore[arg-type]


def test_among_several_one_is_named_by_the_beginning_of_its_name(
    session: SpokenSession, capsys: Output
) -> None:
    for name in ("a", "b"):
        session.voice.leave_unfinished(said(0, f"This is {name}."), name=name)
    with pytest.raises(UsageError, match="2 unfinished recordings may be meant"):
        run(voice, capsys, "voice", "save", session=session)
    run(voice, capsys, "voice", "save", "bbbbbb", session=session)
    assert session.entry(1).text == "This is b."  # type: ignore[arg-type]
    assert list(session.voice.spools) == ["a" * 32]


@pytest.mark.parametrize("action", ["save", "discard"])
def test_one_that_is_not_there_is_refused(session: SpokenSession, capsys: Output, action: str) -> None:
    with pytest.raises(RecordingNotFound, match="Every recording is an entry"):
        run(voice, capsys, "voice", action, session=session)
    session.voice.leave_unfinished(said(0, "About the visit."))
    with pytest.raises(RecordingNotFound, match="no unfinished recording called cccccc"):
        run(voice, capsys, "voice", action, "cccccc", session=session)
    assert len(session.voice.spools) == 1


def test_one_is_destroyed(session: SpokenSession, capsys: Output) -> None:
    session.voice.leave_unfinished(said(0, "About the visit."))
    for name in ([], [""], ["a"]):  # as an empty variable of a shell gives it
        with pytest.raises(UsageError, match="nothing was changed"):
            run(voice, capsys, "--json", "voice", "discard", *name, session=session)
    assert len(session.voice.spools) == 1
    ran = run(voice, capsys, "--json", "voice", "discard", "--yes", session=session)
    assert (ran.json, session.voice.spools, session.kept) == ({"discarded": "a" * 32}, {}, {})


def test_words_of_the_glossary_are_kept_and_listed_by_kind(session: SpokenSession, capsys: Output) -> None:
    run(glossary, capsys, "glossary", "add", "Dr", "Okafor", "--kind", "person", session=session)
    typed = ["add", "Topiramate", "--kind", "medicine", "--also", "Topamax", "--instead-of", "to pyramid"]
    run(glossary, capsys, "glossary", *typed, session=session)
    assert [term.kind for term in session.voice.glossary] == [TermKind.PERSON, TermKind.MEDICINE]
    ran = run(glossary, capsys, "glossary", "list", session=session)
    assert ran.words == ("Medicines 2 Topiramate, also “Topamax”, instead of “to pyramid” People 1 Dr Okafor")
    terms = run(glossary, capsys, "--json", "glossary", "list", session=session).json["terms"]
    more = ["add", "topiramate", "--kind", "medicine", "--also", "Epitomax"]
    told = run(glossary, capsys, "--json", "glossary", *more, session=session).json
    assert told["also"] == ["Topamax", "Epitomax"]  # adding takes nothing away
    assert terms[1] == {
        "term": 2,
        "text": "Topiramate",
        "kind": "medicine",
        "also": ["Topamax"],
        "instead_of": ["to pyramid"],
    }


def test_a_word_is_changed_in_what_is_named_and_in_nothing_else(
    session: SpokenSession, capsys: Output
) -> None:
    session.voice.add_term(TermDraft(text="Topamax", kind=TermKind.OTHER, also=("a", "b"), instead_of=("c",)))
    more = ["change", "1", "--kind", "medicine", "--also", "Epitomax"]
    told = run(glossary, capsys, "--json", "glossary", *more, session=session).json
    assert told == {
        "term": 1,
        "text": "Topamax",
        "kind": "medicine",
        "also": ["Epitomax"],
        "instead_of": ["c"],
    }
    told = run(glossary, capsys, "--json", "glossary", "change", "1", "Topiramate", session=session).json
    assert (told["text"], told["also"]) == ("Topiramate", ["Epitomax"])
    with pytest.raises(DiaryError, match="no term 7"):
        run(glossary, capsys, "glossary", "change", "7", "x", session=session)


@pytest.mark.parametrize("line", ["dictate --language xx memo.wav", "voice test --language fr"])
def test_a_language_that_nothing_knows_is_refused_before_anything_is_kept(line: str) -> None:
    with pytest.raises(UsageError, match=r"language|passage"):
        parse(line.split())


def test_the_languages_are_those_of_whisper() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert set(_LANGUAGE_CODES) == LANGUAGES


def test_a_word_is_forgotten(session: SpokenSession, capsys: Output) -> None:
    session.voice.add_term(TermDraft(text="Okafor", kind=TermKind.PERSON))
    run(glossary, capsys, "glossary", "remove", "1", session=session)
    assert session.voice.glossary == []
