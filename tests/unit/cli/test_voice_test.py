"""What the voice test says of a voice, and which model it names."""

from __future__ import annotations

from typing import Any

import pytest

from diary.cli.output import Console
from diary.cli.voice_test import _Read, say_advice, say_check, say_trial
from diary.model_store.hearing import Trial, best
from diary.sample.read_aloud import passage
from ingest.sound_check import SoundCheck
from ingest.word_errors import WordErrors, normalised

Output = pytest.CaptureFixture[str]


def checked(**facts: Any) -> SoundCheck:
    usual = {
        "seconds": 31.0,
        "speech": -24.0,
        "noise": -58.0,
        "ratio": 34.0,
        "clipped": 0.0,
        "dropouts": 0.0,
        "heard": True,
    }
    return SoundCheck(**{**usual, **facts})


def trial(name: str | None, errors: int, speed: float, *, in_use: bool = False) -> Trial:
    return Trial(
        name=name,
        engine=f"whisper {name}" if name else "pocketsphinx",
        in_use=in_use,
        errors=WordErrors(errors, 60),
        speed=speed,
        heard="",
    )


def said(capsys: Output) -> str:
    return " ".join(capsys.readouterr().out.split())


def check_words(capsys: Output, *, lost: float | None = 0.0, **facts: Any) -> str:
    sound = checked(**facts)
    say_check(Console(json=False), sound, _Read(b"", lost).gaps(sound))
    return said(capsys)


def test_the_silence_of_a_file_is_no_gap(capsys: Output) -> None:
    assert "gaps" not in check_words(capsys, lost=None, dropouts=3.0).lower()


def advice(capsys: Output, *trials: Trial, **facts: Any) -> str:
    say_advice(Console(json=False), trials, checked(**facts))
    return said(capsys)


def test_a_good_recording_is_called_good(capsys: Output) -> None:
    assert check_words(capsys) == (
        "Heard for 31 s. Level: your voice is at -24 dB of full scale; good. Noise: -58 dB; your voice is 34 "
        "dB above it; good. No gaps."
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"speech": -45.0}, "very quiet: come nearer"),
        ({"speech": -5.0}, "too loud: move away"),
        ({"clipped": 0.02}, "Cut off: 2.0 % of the sound"),
        ({"ratio": 6.0}, "words will be heard wrong"),
        ({"ratio": 15.0}, "some noise"),
        ({"lost": 0.4}, "Gaps: 0.4 s"),
        ({"dropouts": 0.3}, "Gaps: 0.3 s"),
        ({"heard": False}, "no voice was heard. Is the microphone muted"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(capsys: Output, facts: dict[str, Any], words: str) -> None:
    assert words in check_words(capsys, **facts)


def test_a_model_s_errors_and_speed_are_said(capsys: Output) -> None:
    say_trial(Console(json=False), trial("base", 3, 6.25, in_use=True))
    assert said(capsys) == "whisper base, in use: 3 of 60 words wrong (5 %), 6.2 times as fast as you speak."


def test_the_model_with_the_fewest_errors_that_keeps_up_is_named() -> None:
    tiny, base, small = trial("tiny", 8, 20.0), trial("base", 4, 8.0), trial("small", 1, 0.9)
    assert best([tiny, base, small]) == base
    assert best([small]) == small
    assert best([trial("a", 4, 5.0), base]) == base


def test_rough_drafts_are_only_better_than_nothing() -> None:
    rough, base = trial(None, 2, 5.0), trial("base", 9, 5.0)
    assert best([rough, base]) == base
    assert best([rough]) == rough
    assert best([]) is None


def test_a_model_that_failed_is_not_named() -> None:
    failed = Trial(
        name="base", engine="whisper base", in_use=True, errors=None, speed=0.0, heard="", failure="It broke."
    )
    assert best([failed, trial("tiny", 9, 9.0)]) == trial("tiny", 9, 9.0)


def test_the_advice_is_a_command_or_to_stay(capsys: Output) -> None:
    base = trial("base", 2, 8.0, in_use=True)
    assert advice(capsys, base) == "Stay with whisper base."
    assert advice(capsys, trial("tiny", 9, 9.0, in_use=True), trial("base", 2, 8.0)) == (
        "Use whisper base: diary models use base"
    )
    assert "though its words come later than you speak" in advice(capsys, trial("small", 1, 0.8, in_use=True))
    assert "diary models import DIR" in advice(capsys, trial(None, 20, 4.0, in_use=True))


def test_many_errors_are_looked_for_in_the_noise_first(capsys: Output) -> None:
    bad = trial("base", 30, 8.0, in_use=True)
    assert "look to the noise first" in advice(capsys, bad, ratio=8.0)
    assert "another microphone" in advice(capsys, bad, ratio=40.0)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_passage_has_some_sixty_words_and_no_digits(language: str) -> None:
    chosen, words = passage(language)
    assert chosen == language
    assert 55 <= len(normalised(words)) <= 72
    assert not any(character.isdigit() for character in words)


def test_the_passage_is_english_where_there_is_none_of_the_language() -> None:
    assert passage("fr") == passage(None) == passage("en")
