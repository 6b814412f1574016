"""What sounds like a medicine of the person's: asked about; ordinary words: not.

The pairs are names that have been taken for each other, of the kind that the Institute for Safe Medication
Practices lists (“Confused Drug Names”), each tried both ways. The thresholds were chosen on them and on
91,000 words of other diaries, where 12 medicines raised 6 doubts without reason, and 2 with: topirimate,
propanolol.
"""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

import diary.sample
from diary.model.glossary import Doubt, TermKind
from ingest.glossary.doubts import doubts
from retrieval.stop_words import words_of
from tests.unit.glossary.made import term

PAIRS = """
    hydroxyzine hydralazine, sertraline cetirizine, lamictal lamisil, celebrex celexa, zyprexa zyrtec,
    prednisone prednisolone, clonidine klonopin, clonazepam lorazepam, bupropion buspirone, metformin
    metronidazole, tramadol trazodone, losartan valsartan, amlodipine amiloride, carbamazepine oxcarbazepine,
    chlorpromazine chlorpropamide, fluoxetine paroxetine, fluoxetine duloxetine, fluvoxamine fluoxetine,
    quetiapine olanzapine, risperidone ropinirole, lamotrigine lamivudine, lamotrigine levothyroxine,
    topiramate toprol, topamax toprol, zantac xanax, zantac zyrtec, novolog humalog, humalog humulin,
    nifedipine nicardipine, propranolol prilosec, prozac prilosec, paxil plavix, paxil taxol, effexor effient,
    seroquel serzone, adderall inderal, ativan atarax, ambien abilify, diazepam ditropan, alprazolam
    lorazepam, clomipramine clomiphene, desipramine imipramine, amitriptyline nortriptyline, methadone
    methylphenidate, oxycodone oxycontin, hydrocodone oxycodone, morphine hydromorphone, vinblastine
    vincristine, glipizide glyburide, levetiracetam levocarnitine, metoprolol metoclopramide, metolazone
    methimazole, misoprostol mifepristone, pravastatin atorvastatin, rosuvastatin simvastatin, captopril
    carvedilol, lisinopril fosinopril, doxepin doxycycline, dopamine dobutamine, ephedrine epinephrine,
    estradiol estriol, famotidine fluoxetine, guanfacine guaifenesin, lithium lisinopril, naproxen naltrexone,
    sumatriptan sitagliptin, tizanidine tiagabine, valaciclovir valganciclovir, venlafaxine verapamil,
    zolpidem zopiclone, mirtazapine olanzapine, escitalopram citalopram, levothyroxine liothyronine
"""
MISHEARD = """
    topira mate: topiramate, topirimate: topiramate, sir trolling: sertraline, sertaline: sertraline,
    lamb ictal: lamictal, la mictal: lamictal, hydroxy zine: hydroxyzine, met forming: metformin,
    lora zepam: lorazepam, pro pranolol: propranolol, propanolol: propranolol, escital opram: escitalopram,
    citalapram: citalopram, meta prolol: metoprolol, cetraline: sertraline, venla faxine: venlafaxine,
    gaba pentin: gabapentin, gabapenton: gabapentin, quetiapin: quetiapine, omeprasol: omeprazole,
    levo thyroxin: levothyroxine, sue matriptan: sumatriptan, fluoxatine: fluoxetine, wellbutran: wellbutrin,
    sero quell: seroquel, tramadoll: tramadol, napa roxin: naproxen, buspar one: buspirone
"""
ORDINARY = """
    Certainly a certain strain made me celebrate my ability. The curtain call took an effort, an ideal serene
    scene, seriously. We continue in London; Santa took a taxi, and the novel is human. Internal methods
    capture improvement. I took the train and the tram, had morning coffee, a microphone, and the event was
    efficient. She took two at once, and 20 mg later nothing. Ran 5 km with 2 drops of rain; half a litre of
    tea.
"""
MINE = tuple(
    term(name, also=("Topamax",) if name == "topiramate" else ())
    for name in (
        *("sertraline", "topiramate", "lamictal", "metformin", "propranolol", "hydroxyzine", "lorazepam"),
        *("escitalopram", "levothyroxine", "ambien", "inderal", "zantac"),
    )
)


def both_ways() -> list[tuple[str, str]]:
    """(heard, meant)."""
    pairs = [tuple(pair.split()) for pair in PAIRS.split(",")]
    return [(one, other) for one, other in pairs] + [(other, one) for one, other in pairs]


def sample_texts() -> list[str]:
    """The entries of the sample diary, some of them German."""
    lines = Path(diary.sample.__file__).with_name("diary.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def explanations() -> list[str]:
    """What our modules say of themselves: plain English, about something else."""
    folder = Path(diary.__file__).parent.parent
    files = [
        path
        for room in ("retrieval", "ingest/importers", "ingest/observations", "diary/vault")
        for path in sorted((folder / room).rglob("*.py"))
    ]
    return [ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in files]


def asked(sentence: str, heard: str, meant: str) -> bool:
    """Whether exactly these words of the sentence are asked about."""
    found = doubts(sentence, [term(meant)])
    return [doubt.heard for doubt in found] == [heard]


def test_other_medicines_are_asked_about_most_surely_beside_an_amount() -> None:
    pairs = both_ways()
    plain = sum(asked(f"I feel better since I began {one} last week.", one, other) for one, other in pairs)
    dosed = sum(asked(f"Took 50 mg of {one} at night.", one, other) for one, other in pairs)
    spoken = sum(asked(f"and {one} fifty milligrams this morning", one, other) for one, other in pairs)
    assert plain / len(pairs) >= 0.65
    assert dosed / len(pairs) >= 0.83
    assert spoken / len(pairs) >= 0.84


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("hydralazine", "hydroxyzine"),
        ("cetirizine", "sertraline"),
        ("lamisil", "Lamictal"),
        ("Celexa", "celebrex"),
    ],
)
def test_the_well_known_pairs_are_asked_about_anywhere(heard: str, meant: str) -> None:
    assert asked(f"I think {heard} helps.", heard, meant)


def test_names_heard_wrong_are_asked_about_in_one_word_or_in_two() -> None:
    for pair in MISHEARD.split(","):
        heard, meant = (part.strip() for part in pair.split(":"))
        text = f"Started {heard} again."
        [doubt] = doubts(text, [term(meant)])
        assert text.index(heard) <= doubt.start < doubt.end == text.index(" again"), heard


def test_ordinary_words_raise_no_doubt() -> None:
    assert doubts(ORDINARY, MINE) == ()


def test_a_diary_raises_hardly_any_doubt() -> None:
    texts = [*sample_texts(), *explanations()]
    words = [word for text in texts for word in words_of(text)]
    assert len(set(words)) > 2500
    raised = [doubt.heard for text in texts for doubt in doubts(text, MINE)]
    assert len(raised) <= len(words) / 3000, raised


@pytest.mark.parametrize(
    "stands", ["Sertraline", "sertraline's", "SERTRALINE", "sertralines", "Zoloft", "Zoloft\u2019s"]
)
def test_the_term_and_its_other_names_are_never_asked_about(stands: str) -> None:
    mine = [term("sertraline", also=("Zoloft",)), term("cetirizine")]
    assert doubts(f"Took 50 mg of {stands} and cetirizine.", mine) == ()


def test_only_medicines_are_asked_about() -> None:
    assert doubts("We saw Okaphor.", [term("Okafor", TermKind.PERSON)]) == ()
    assert doubts("Anything.", []) == ()


def test_a_doubt_names_its_place_and_the_term_meant() -> None:
    text = "Dose up: topira mate, then bed."
    mine = term("Topiramate")
    assert doubts(text, [term("sertraline"), mine]) == (
        Doubt(start=9, end=20, heard="topira mate", meant=mine, name="Topiramate"),
    )
    assert text[9:20] == "topira mate"


def test_what_sounds_like_another_name_of_a_medicine_is_asked_about_by_that_name() -> None:
    mine = replace(term("Topiramate"), also=("Epitomax",))
    (doubt,) = doubts("I took epitomacks at nine.", [mine])
    assert (doubt.meant, doubt.word) == (mine, "Epitomax")


def test_two_words_across_a_mark_are_not_one_name() -> None:
    assert doubts("I met. Forming a line took long.", [term("metformin")]) == ()
