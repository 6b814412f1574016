"""Names that the diary holds already."""

from __future__ import annotations

import json
from pathlib import Path

import diary.sample
from diary.model.glossary import TermDraft, TermKind
from ingest.glossary.proposals import proposals

DAYS = (
    "Walked with Maren on Monday. Tea after.",
    "Tea with Maren, then Dr Okafor's letter. med:: sertraline 50 mg",
    "Then Maren and Dr Okafor again; Maren laughed. Tea in May.",
    "So I saw Dr Okafor. The rose is out. med:: Sertraline 50 mg, ibuprofen 400 mg",
    "We said Rose may come. We like Rose. The rose is red. A rose by Rose.",
)


def proposed(*known: TermDraft) -> list[tuple[str, TermKind, int]]:
    """What is proposed of the days."""
    return [(one.text, one.kind, one.count) for one in proposals(DAYS, known)]


def test_names_inside_sentences_and_medicines_are_proposed_by_the_entries_they_stand_in() -> None:
    assert proposed() == [
        ("sertraline", TermKind.MEDICINE, 2),
        ("ibuprofen", TermKind.MEDICINE, 1),
        ("Dr Okafor", TermKind.OTHER, 3),
        ("Maren", TermKind.OTHER, 3),
    ]


def test_what_is_known_by_any_name_is_not_proposed() -> None:
    known = (
        TermDraft(text="SERTRALINE", kind=TermKind.MEDICINE),
        TermDraft(text="Advil", kind=TermKind.MEDICINE, also=("Ibuprofen",)),
        TermDraft(text="Maren Holm", kind=TermKind.PERSON, instead_of=("maren",)),
    )
    assert [name for name, *_ in proposed(*known)] == ["Dr Okafor"]


def test_beginnings_of_sentences_days_and_words_are_no_names() -> None:
    assert proposals(["The tea. Tea on Monday in May, I think. TV: Tea."] * 9, ()) == ()


def test_the_sample_diary_proposes_its_people_and_no_words() -> None:
    lines = Path(diary.sample.__file__).with_name("diary.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    names = [one.text for one in proposals(texts, ()) if one.kind is TermKind.OTHER]
    small = {word for text in texts for word in text.split() if word.islower()}
    assert len(names) >= 5
    assert not small.intersection(name.lower() for name in names)
