"""The sample diary is whole: the demo and the README rest on it."""

from __future__ import annotations

import io
import json
import re
import wave
from datetime import date

import numpy as np
import pytest

from diary.model.entry import Kind
from diary.sample import diary_file, questions, spoken_sample
from ingest.importers.interchange import looks_like
from tests.unit.ingest_imports.importer import Importer

OBSERVATION = re.compile(r"^[a-z]+:: \S.*$", re.MULTILINE)
STOP_WORDS = {"how", "did", "the", "my"}


@pytest.fixture(scope="module")
def entries():
    importer = Importer()
    report = importer.run(diary_file())
    assert (report.format, report.errors, report.notes, report.skipped, report.duplicates) == (
        "jsonl",
        (),
        (),
        0,
        0,
    )
    return [importer.stores.entries.get(entry) for entry in report.entries]


def test_it_is_recognised_and_every_line_is_taken(entries):
    assert looks_like(diary_file().read_bytes()[:65_536])
    assert len(entries) == len(diary_file().read_text(encoding="utf-8").splitlines()) >= 66


def test_it_covers_a_year_in_order(entries):
    months = {entry.happened.strftime("%Y-%m") for entry in entries}
    assert months == {f"2025-{month:02}" for month in range(1, 13)}
    assert [entry.happened for entry in entries] == sorted(entry.happened for entry in entries)


def test_entries_are_of_the_length_of_diary_entries(entries):
    for entry in entries:
        assert 40 <= len(OBSERVATION.sub("", entry.text).split()) <= 140, entry.source_id


def test_most_entries_hold_observations_of_many_metrics(entries):
    assert sum(bool(OBSERVATION.search(entry.text)) for entry in entries) >= 40
    metrics = {line.split("::")[0] for entry in entries for line in OBSERVATION.findall(entry.text)}
    assert metrics >= {"sleep", "pain", "migraine", "mood", "bp", "weight", "med"}


def test_it_has_tags_stars_voices_and_another_language(entries):
    assert all(entry.tags for entry in entries)
    assert sum(entry.starred for entry in entries) >= 5
    assert sum(entry.kind is Kind.VOICE for entry in entries) >= 3
    assert any(" zum ersten Mal " in entry.text for entry in entries)


def test_ids_are_unique(entries):
    assert len({entry.source_id for entry in entries}) == len(entries)


def test_every_question_names_entries_that_exist(entries):
    ids = {entry.source_id for entry in entries}
    asked = questions()
    assert len(asked) == 5
    assert all(set(question.evidence) <= ids for question in asked)
    assert [bool(question.evidence) for question in asked] == [True, True, True, True, False]
    assert all(question.as_of == date(2025, 12, 31) for question in asked)


def test_the_paraphrase_shares_no_content_word_with_its_entry(entries):
    asked = questions()[1]
    words = set(re.findall(r"[a-z]+", asked.question.lower())) - STOP_WORDS
    evidence = next(entry for entry in entries if entry.source_id in asked.evidence)
    assert words == {"dentist", "treat", "broken", "molar"}
    assert not words & set(re.findall(r"[a-z]+", f"{evidence.title} {evidence.text}".lower()))


def test_the_evidence_of_the_range_lies_in_it(entries):
    evidence = [entry for entry in entries if entry.source_id in questions()[2].evidence]
    assert {entry.happened.strftime("%Y-%m") for entry in evidence} == {"2025-03"}
    assert all("allotment" in entry.tags for entry in evidence)


def test_the_number_is_the_mean_of_what_stands_in_its_entries(entries):
    asked = questions()[3]
    told = {entry.source_id: re.search(r"sleep:: (\d+)h(?:(\d+)m)?", entry.text) for entry in entries}
    minutes = [60 * int(told[one][1]) + int(told[one][2] or 0) for one in asked.evidence]
    assert asked.value == sum(minutes) / len(minutes)
    in_may = [entry.source_id for entry in entries if entry.happened.month == 5 and told[entry.source_id]]
    assert in_may == list(asked.evidence)


def test_the_unanswered_question_has_no_word_of_the_diary(entries):
    text = " ".join(entry.text.lower() for entry in entries)
    assert "allerg" not in text
    assert "penicillin" not in text
    assert "tablet" in text  # a near topic exists


def test_the_questions_are_plain_json():
    path = diary_file().with_name("questions.json")
    assert {key for asked in json.loads(path.read_text()) for key in asked} == {
        "question", "as_of", "evidence", "about", "value",
    }  # fmt: skip


def test_the_spoken_sample_is_a_short_recording_and_always_the_same():
    sound = spoken_sample()
    assert sound == spoken_sample()
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert 4 <= file.getnframes() / 16_000 <= 8
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert 8_000 < np.abs(samples).max() < 32_767


def test_silero_hears_two_phrases_in_the_spoken_sample():
    vad = pytest.importorskip("faster_whisper.vad", reason="the voice detector is not installed")
    with wave.open(io.BytesIO(spoken_sample())) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32_768
    heard = vad.get_speech_timestamps(samples, vad.VadOptions(min_silence_duration_ms=500))
    assert len(heard) >= 2
    assert sum(part["end"] - part["start"] for part in heard) / 16_000 > 2.5
