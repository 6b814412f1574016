"""dictate without files, and what becomes of what was spoken."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from diary.cli.dictation import dictate
from diary.errors import EngineFailed, MicrophoneFailed, MicrophoneMissing, TimeNotUnderstood, UsageError
from diary.model.entry import Transcript
from diary.model.glossary import Doubt, SpokenObservation, Term, TermId, TermKind
from diary.model.recording import SpoolId
from tests.fakes.voice import said
from tests.unit.cli.desk import SpokenSession, eager, run

Output = pytest.CaptureFixture[str]
GOOD_MORNING = [said(0, "Good morning."), said(4, "Rain again.")]


@pytest.fixture
def session() -> SpokenSession:
    return SpokenSession()


def test_what_was_spoken_is_an_entry_with_its_words(session: SpokenSession, capsys: Output) -> None:
    eager(session, gives=6.0, says=GOOD_MORNING)
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert ran.status == 0
    assert ran.out.startswith("Good morning.\nRain again.\nSaved as entry 1, Fri 20 Nov 2026, 21:35, 0:06.\n")
    assert "Written by whisper fake" in ran.out
    entry = session.entry(1)  # type: ignore[arg-type]
    assert (entry.text, entry.transcript) == ("Good morning.\n\nRain again.", Transcript.TRANSCRIBED)
    assert session.voice.spools == {}


def test_the_document_is_the_contract_s(session: SpokenSession, capsys: Output) -> None:
    eager(session, gives=6.0, says=GOOD_MORNING)
    ran = run(dictate, capsys, "--json", "dictate", "--seconds", "5", session=session)
    segments = [(one["start"], one["end"], one["text"]) for one in ran.json["segments"]]
    assert segments == [(0, 1, "Good morning."), (4, 5, "Rain again.")]
    assert {key: ran.json[key] for key in ("entry", "engine", "status", "seconds")} == {
        "entry": 1,
        "engine": "whisper fake",
        "status": "transcribed",
        "seconds": 6.0,
    }


def test_a_word_that_was_heard_with_doubt_is_marked_where_it_is_shown_and_not_in_the_entry(
    session: SpokenSession, capsys: Output
) -> None:
    eager(session, gives=6.0, says=[said(0, "Took the toperamate.", doubted=["toperamate"])])
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert ran.out.startswith("Took the [toperamate.?]\n")
    assert session.entry(1).text == "Took the toperamate."  # type: ignore[arg-type]


def test_title_and_tags_go_with_it(session: SpokenSession, capsys: Output) -> None:
    eager(session, gives=6.0, says=GOOD_MORNING)
    typed = ["dictate", "--seconds", "5", "--title", "Morning", "--tag", "rain", "--tag", "walk"]
    run(dictate, capsys, *typed, session=session)
    assert (session.entry(1).title, session.entry(1).tags) == ("Morning", ("rain", "walk"))  # type: ignore[arg-type]


def test_what_is_left_to_hear_is_written_down_after_the_stop(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, gives=6.0, says=GOOD_MORNING[:1])
    voice.hear_on.release()
    before = voice.record

    def record(**how: object) -> object:
        running = before(**how)
        voice.to_hear[running.id] = GOOD_MORNING[1:]
        return running

    voice.record = record  # type: ignore[method-assign, assignment]
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert ran.out.startswith("Good morning.\nRain again.\nSaved as entry 1")


def test_without_a_model_it_is_kept_and_waits_and_that_is_said_before(
    session: SpokenSession, capsys: Output
) -> None:
    eager(session, gives=6.0, model=None)
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert ran.status == 0
    assert "No speech model is installed" in ran.err
    assert "--rough" in ran.err
    assert "A rough draft now, without one: diary dictate --waiting --rough" in ran.words
    assert session.entry(1).transcript is Transcript.WAITING  # type: ignore[arg-type]


def test_an_engine_that_fails_leaves_it_waiting_and_says_why(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, gives=6.0)
    voice.broken["hear"] = EngineFailed("The speech model ended unexpectedly.")
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert "The speech model ended unexpectedly. Its words wait" in ran.words
    assert session.entry(1).transcript is Transcript.WAITING  # type: ignore[arg-type]


def test_ctrl_c_while_the_rest_is_written_down_leaves_it_waiting(
    session: SpokenSession, capsys: Output
) -> None:
    voice = eager(session, gives=6.0)
    before = voice.hear

    def hear(spool: SpoolId, **how: object) -> object:
        voice.to_hear[spool] = GOOD_MORNING
        os.kill(os.getpid(), signal.SIGINT)
        return before(spool, **how)  # type: ignore[arg-type]

    voice.hear = hear  # type: ignore[method-assign, assignment]
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert (ran.status, session.entry(1).transcript) == (0, Transcript.WAITING)  # type: ignore[arg-type]
    assert "You stopped before all was written down. Its words wait" in ran.words


def test_a_microphone_that_goes_away_is_told_and_what_it_gave_is_saved(
    session: SpokenSession, capsys: Output
) -> None:
    voice = eager(session, gives=3.0, says=GOOD_MORNING[:1], ends=True)
    voice.broken["stop"] = MicrophoneFailed("The microphone was unplugged. What it heard is kept.")
    ran = run(dictate, capsys, "dictate", session=session)
    assert ran.status == 1
    assert "The microphone was unplugged." in ran.err
    assert session.entry(1).text == "Good morning."  # type: ignore[arg-type]


def test_its_document_holds_both_the_entry_and_the_error(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, gives=3.0, says=GOOD_MORNING[:1], ends=True)
    voice.broken["stop"] = MicrophoneFailed("The microphone was unplugged. What it heard is kept.")
    ran = run(dictate, capsys, "--json", "dictate", session=session)
    assert (ran.json["entry"], ran.json["error"]["code"]) == (1, "microphone-failed")


def test_a_recording_without_sound_is_no_entry(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, ends=True)
    with pytest.raises(MicrophoneFailed, match="nothing to save"):
        run(dictate, capsys, "dictate", session=session)
    assert (session.kept, voice.spools) == ({}, {})


def test_a_time_that_is_none_is_refused_before_somebody_speaks(
    session: SpokenSession, capsys: Output
) -> None:
    voice = eager(session, gives=6.0)
    with pytest.raises(TimeNotUnderstood):
        run(dictate, capsys, "dictate", "--at", "whenever", "--seconds", "1", session=session)
    assert "record" not in voice.calls


def test_a_microphone_is_used_this_once_by_a_part_of_its_name(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, gives=6.0, says=GOOD_MORNING)
    run(dictate, capsys, "dictate", "--seconds", "5", "--microphone", "usb", session=session)
    assert voice.running is not None and voice.running.standing.microphone == "USB Headset"
    assert voice.chosen is None


def test_a_microphone_that_is_not_there_is_refused_by_name(session: SpokenSession, capsys: Output) -> None:
    voice = eager(session, gives=6.0)
    with pytest.raises(MicrophoneMissing) as refused:
        run(dictate, capsys, "dictate", "--seconds", "5", "--microphone", "studio", session=session)
    assert "“studio”" in refused.value.message
    assert refused.value.hint == "There is “Built-in Microphone” and “USB Headset”."
    assert "record" not in voice.calls


def test_a_name_that_two_have_is_refused(session: SpokenSession, capsys: Output) -> None:
    eager(session)
    with pytest.raises(UsageError, match="may be “Built-in Microphone” and “USB Headset”"):
        run(dictate, capsys, "dictate", "--microphone", "e", session=session)


def test_questions_and_numbers_in_the_words_are_told_and_change_nothing(
    session: SpokenSession, capsys: Output
) -> None:
    topiramate = Term(id=TermId(1), text="Topiramate", kind=TermKind.MEDICINE)
    eager(
        session,
        gives=6.0,
        says=[said(0, "Took the toperamate, pain four out of ten.")],
        asked=lambda _: (Doubt(start=9, end=19, heard="toperamate", meant=topiramate),),
        told=lambda _: (SpokenObservation(start=21, end=42, line="pain:: 4/10"),),
    )
    ran = run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    assert "Was “toperamate” Topiramate? It was not changed." in ran.words
    assert "Told as numbers, not counted yet: pain:: 4/10" in ran.words
    assert "diary edit 1 -" in ran.words
    assert session.entry(1).text == "Took the toperamate, pain four out of ten."  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    [
        ["memo.wav", "--waiting"],
        ["--waiting", "--seconds", "5"],
        ["memo.wav", "--title", "Morning"],
        ["memo.wav", "--at", "yesterday"],
        ["--again", "3", "--microphone", "usb"],
        ["--confirm", "3", "--tag", "x"],
    ],
)
def test_what_does_not_go_together_is_refused(
    session: SpokenSession, capsys: Output, typed: list[str]
) -> None:
    with pytest.raises(UsageError):
        run(dictate, capsys, "dictate", *typed, session=session)
    assert session.calls == []


def test_a_kept_recording_is_written_down_anew(session: SpokenSession, capsys: Output) -> None:
    eager(session, gives=6.0, says=GOOD_MORNING)
    run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    ran = run(dictate, capsys, "dictate", "--again", "1", session=session)
    assert "Said again, and better." in ran.words
    assert "Both versions are kept: diary history 1" in ran.words


def test_a_rough_draft_that_was_read_counts(session: SpokenSession, capsys: Output) -> None:
    eager(session, gives=6.0, says=GOOD_MORNING)
    run(dictate, capsys, "dictate", "--seconds", "5", session=session)
    ran = run(dictate, capsys, "--json", "dictate", "--confirm", "1", session=session)
    assert (ran.json["entry"], ran.json["status"]) == (1, "transcribed")
    assert "confirm" in session.voice.calls


def test_stopped_where_nobody_can_be_asked_it_is_kept_and_the_status_tells_that_no_entry_was_made(
    session: SpokenSession, capsys: Output
) -> None:
    voice = eager(session, gives=3.0, says=GOOD_MORNING)
    before = voice.record

    def record(**how: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return before(**how)

    voice.record = record  # type: ignore[method-assign, assignment]
    ran = run(dictate, capsys, "--json", "dictate", "--seconds", "60", session=session)
    assert (ran.status, ran.json["status"], ran.json["entry"]) == (1, "unfinished", None)
    assert list(voice.spools) == [ran.json["recording"]]
    assert session.kept == {}


def test_input_that_has_ended_already_is_told_as_that_and_the_microphone_is_not_blamed(
    session: SpokenSession, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(UsageError, match="standard input was at its end") as told:
            run(dictate, capsys, "dictate", session=session)
    assert "--seconds" in told.value.hint
    assert session.voice.unfinished() == []
