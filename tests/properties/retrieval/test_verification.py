"""What a model writes never gets past the check with something that the note does not have."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.sentences import sentences
from retrieval.verification import names_in, numbers_in, supported
from tests.unit.retrieval.made import quote

NOTES = st.sampled_from(
    [
        "Dr Whitlock raised propranolol to 80 mg on Tuesday. Ingrid drove me home in the rain.",
        "Ran eight minutes without stopping, twice. The knee aches afterwards on the outside.",
        "The attendance allowance came through: the lower rate, £73.90 a week. Dad was pleased.",
        "Gustav the harp costs £24 a month. Zofia says that I rush the second line.",
    ]
)
WORDS = st.text(alphabet=st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=8)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_judged_without_failing(sentence: str, note: str):
    assert supported(sentence, [quote(note)]) in (True, False)


@given(NOTES, st.integers(0, 9999), st.integers(0, 20))
def test_a_number_that_the_note_does_not_have_is_never_kept(note: str, number: int, place: int):
    assume(not numbers_in(str(number)) & numbers_in(f"{note} 2024 3 5 05 03"))
    words = note.split(". ")[0].split()
    words.insert(place % (len(words) + 1), str(number))
    assert not supported(" ".join(words) + ".", [quote(note)])


@given(NOTES, st.sampled_from(["Marcus", "Anjali", "November", "Saturday", "Leeds"]), st.integers(1, 20))
def test_a_name_that_the_note_does_not_have_is_never_kept(note: str, name: str, place: int):
    words = note.split(". ")[0].split()
    words.insert(1 + place % len(words), name)
    assert not supported(" ".join(words) + ".", [quote(note)])


@given(NOTES, st.lists(WORDS, min_size=3, max_size=12))
def test_what_is_kept_has_its_numbers_and_names_in_one_sentence_of_the_note(note: str, made: list[str]):
    known = note.replace(".", "").split()
    sentence = " ".join(known[len(word) % len(known)] if len(word) % 2 else word for word in made) + "."
    if supported(sentence, [quote(note)]):
        parts = [note[span.start : span.end] for span in sentences(note)]
        assert any(
            numbers_in(sentence) <= numbers_in(f"{part} 2024-03-05 5 3")
            and names_in(sentence) <= {word.strip(".,:£").lower() for word in f"{part} March Tuesday".split()}
            for part in parts
        )


@given(NOTES)
def test_the_sentences_of_a_note_support_themselves(note: str):
    for span in sentences(note):
        sentence = note[span.start : span.end]
        assert supported(sentence, [quote(note)])
