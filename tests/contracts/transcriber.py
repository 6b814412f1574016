"""What any Transcriber promises; the fake and the real engines pass the same suite."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
import pytest

from diary.errors import RecordingDamaged, Stopped
from diary.model.speech import RATE, Hearing, Reached, Segment
from ingest.ports import Transcriber
from tests.toy_whisper.voice import silence
from tests.unit.speech.growing import Growing, as_pcm, halves
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

    @pytest.fixture(scope="class")
    @classmethod
    def whole(cls, transcriber: Transcriber, sound: bytes) -> list[Segment | Reached]:
        """All it says of the recording."""
        return list(transcriber.transcribe(sound, hearing=ENGLISH))

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

    def test_segments_come_in_order_with_words_and_inside_the_recording(self, transcriber, sound, whole):
        seconds = transcriber.examine(sound).seconds
        segments = segments_of(whole)
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
        assert next(iter(transcriber.transcribe(sound, hearing=ENGLISH)))

    def test_a_stop_is_heard(self, transcriber, sound):
        with pytest.raises(Stopped):
            list(transcriber.transcribe(sound, hearing=ENGLISH, cancelled=lambda: True))
        assert transcriber.examine(sound).seconds > 0

    def test_how_far_it_is_never_goes_back_and_is_all_at_the_end(self, transcriber, sound, whole):
        reached = [one.seconds for one in whole if isinstance(one, Reached)]
        assert reached == sorted(reached)
        assert reached[-1] == pytest.approx(transcriber.examine(sound).seconds, abs=0.05)
        assert isinstance(whole[-1], Reached)

    def test_from_where_it_was_stopped_it_hears_the_rest(self, transcriber, sound, whole):
        first = next(at for at, one in enumerate(whole) if isinstance(one, Reached) and at)
        start = whole[first].seconds
        rest = transcriber.transcribe(sound, hearing=ENGLISH, start=start)
        spans = [(one.start, one.end) for one in segments_of(whole[:first]) + segments_of(rest)]
        assert spans == [(one.start, one.end) for one in segments_of(whole)]

    def test_words_when_it_tells_them_apart_are_the_text(self, whole):
        for segment in segments_of(whole):
            assert " ".join(word.text for word in segment.words) in ("", segment.text)
            edges = [edge for word in segment.words for edge in (word.start, word.end)]
            assert [segment.start, *edges, segment.end] == sorted([segment.start, *edges, segment.end])

    def test_live_it_says_a_sentence_before_the_next_is_spoken(self, transcriber):
        samples = spoken(SENTENCES)
        sound = Growing(halves(samples), gate=8)  # 4 of 9 seconds: the first sentence and a pause
        live = transcriber.listen(sound, hearing=ENGLISH)
        first = next(one for one in live if isinstance(one, Segment))
        assert sound.given <= 4 * 2 * RATE
        assert 0.5 < first.start < first.end < 4
        sound.open()
        rest = list(live)
        assert segments_of(rest)[0].start > first.end
        reached = [one.seconds for one in rest if isinstance(one, Reached)]
        assert reached == sorted(reached)
        assert reached[-1] == pytest.approx(len(samples) / RATE, abs=0.05)

    def test_live_silence_has_no_words_and_is_told_to_be_behind_us(self, transcriber):
        heard = list(transcriber.listen(Growing(halves(silence(6.0))), hearing=ENGLISH))
        assert segments_of(heard) == []
        assert heard[-1].seconds == pytest.approx(6.0, abs=0.05)

    def test_live_a_stop_is_heard(self, transcriber, sound):
        endless = Growing(halves(silence(1.0)), gate=1)
        with pytest.raises(Stopped):
            list(transcriber.listen(endless, hearing=ENGLISH, cancelled=lambda: True))
        assert transcriber.examine(sound).seconds > 0

    @pytest.mark.parametrize("start", [0.0, 2.5])
    def test_samples_are_the_recording_from_a_second_on(self, transcriber, sound, start):
        pieces = list(transcriber.samples(sound, start=start))
        assert all(0 < len(piece) <= 2 * RATE for piece in pieces)
        wanted = np.frombuffer(as_pcm(spoken(SENTENCES)), dtype="<i2")[round(start * RATE) :]
        given = np.frombuffer(b"".join(pieces), dtype="<i2")
        assert np.abs(given - wanted.astype(float)).max() <= 2

    def test_samples_of_what_is_no_recording_are_refused(self, transcriber):
        with pytest.raises(RecordingDamaged):
            list(transcriber.samples(b"dear diary, " * 200))

    def test_samples_are_no_longer_decoded_when_nobody_takes_them(self, transcriber, sound):
        pieces = transcriber.samples(sound)
        next(pieces)
        pieces.close()
        assert len(list(transcriber.samples(sound))) > 5
