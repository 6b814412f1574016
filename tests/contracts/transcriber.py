"""What any Transcriber promises; the fake and the real engines pass the same suite."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import pytest

from diary.errors import RecordingDamaged, Stopped
from diary.model.speech import Hearing, Reached, Segment
from ingest.ports import Transcriber
from tests.toy_whisper.voice import silence
from tests.unit.speech.sounds import pcm, spoken

ENGLISH = Hearing(language="en")
SENTENCES = (("slept", "badly", "sad", "sister"), ("rain", "better", "walk"))


def segments_of(heard: Iterable[Segment | Reached]) -> list[Segment]:
    """What was said, without how far it is."""
    return [one for one in heard if isinstance(one, Segment)]


class TranscriberContract:
    """Subclasses give a fixture `transcriber` with something installed that hears words."""

    @pytest.fixture(scope="class")
    @classmethod
    def sound(cls) -> bytes:
        return pcm(spoken(SENTENCES))

    def test_it_has_a_name(self, transcriber: Transcriber):
        assert transcriber.engine

    def test_examining_tells_the_length_and_how_much_is_speech(self, transcriber, sound):
        info = transcriber.examine(sound)
        assert info.seconds == pytest.approx(len(spoken(SENTENCES)) / 16_000, abs=0.05)
        assert 1 < info.speech_seconds < 6

    def test_a_quiet_room_has_no_speech_and_no_words(self, transcriber):
        quiet = pcm(silence(6.0))
        assert transcriber.examine(quiet).speech_seconds < 0.3
        assert segments_of(transcriber.transcribe(quiet, hearing=ENGLISH)) == []

    def test_segments_come_in_order_with_words_and_inside_the_recording(self, transcriber, sound):
        seconds = transcriber.examine(sound).seconds
        segments = segments_of(transcriber.transcribe(sound, hearing=ENGLISH))
        assert segments
        starts = [segment.start for segment in segments]
        assert starts == sorted(starts)
        for segment in segments:
            assert 0 <= segment.start <= segment.end <= seconds + 0.1
            assert 0 <= segment.confidence <= 1
            assert segment.text.strip() == segment.text != ""

    @pytest.mark.parametrize("bad", [b"", b"RIFF", b"dear diary, " * 200], ids=["empty", "header", "text"])
    def test_what_is_no_recording_is_refused(self, transcriber, bad):
        with pytest.raises(RecordingDamaged):
            transcriber.examine(bad)
        with pytest.raises(RecordingDamaged):
            list(transcriber.transcribe(bad, hearing=ENGLISH))

    def test_a_cut_off_recording_is_refused(self, transcriber, sound):
        with pytest.raises(RecordingDamaged):
            transcriber.examine(sound[: len(sound) // 2])

    def test_closing_the_iterator_stops_and_the_next_recording_is_heard(self, transcriber, sound):
        segments = transcriber.transcribe(sound, hearing=ENGLISH)
        assert len(list(islice(segments, 1))) == 1
        segments.close()
        assert list(transcriber.transcribe(sound, hearing=ENGLISH))

    def test_a_stop_is_heard(self, transcriber, sound):
        with pytest.raises(Stopped):
            list(transcriber.transcribe(sound, hearing=ENGLISH, cancelled=lambda: True))
        assert transcriber.examine(sound).seconds > 0
