"""The whole path, word for word: a file's bytes, engine, decoder, Silero, Whisper with beam 5, entry.

The Whisper is a toy, trained on a voice of its own (`tests/toy_whisper`); all around it is the product.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from diary.engine.messages import Heard
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from diary.errors import EngineFailed, ModelDamaged, ModelMissing
from diary.model.entry import Transcript
from diary.model.progress import never, silent
from diary.model.speech import Hearing, Reached, Segment
from ingest.dictation import DictationRequest, Scribe, dictate
from tests.contracts.transcriber import ENGLISH, segments_of
from tests.fakes.stores import FakeStores, fake_stores
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.sounds import FORMATS, encoded, pcm, spoken

pytestmark = FIRST_TIME
WORDS = "\n\n".join(" ".join(words) for words in TEST_SENTENCES)


def request(sound: bytes, *, name: str = "note.wav") -> DictationRequest:
    return DictationRequest(sound=sound, name=name, now=datetime(2026, 6, 15, 12, tzinfo=UTC))


def scribe(whisper: EngineTranscriber, stores: FakeStores) -> Scribe:
    return Scribe(
        transcriber=whisper, recordings=stores.recordings, entry=stores.entries.get, hearing=ENGLISH
    )


@pytest.fixture
def stores() -> FakeStores:
    return fake_stores()


@pytest.fixture(scope="module")
def whisper(toy: WhisperFolder) -> Iterator[EngineTranscriber]:  # noqa: F811  see above
    hearer = EngineTranscriber(toy)
    yield hearer
    hearer.close()


@pytest.fixture(scope="module")
def whole(whisper: EngineTranscriber) -> list[Segment | Reached]:
    """All that is said of the recording of the test sentences, without a break."""
    return list(whisper.transcribe(pcm(spoken()), hearing=ENGLISH))


def test_a_recording_becomes_an_entry_with_the_very_words(whisper, stores):
    sound = encoded("m4a", spoken())
    done = dictate(request(sound), scribe(whisper, stores), report=silent, cancelled=never)
    entry = stores.entries.get(done.entry)
    assert entry.text == WORDS
    assert entry.transcript is Transcript.TRANSCRIBED
    assert done.engine == whisper.engine
    assert stores.recordings.sound(done.entry) == sound


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(ending, marks=() if ending in ("ogg", "mp3") else pytest.mark.slow)
        for ending in FORMATS
        if ending not in ("amr", "m4a")
    ],
)
def test_every_format_says_the_very_words(ending, whisper):
    """But for M4A, of the test above, and AMR, a telephone's half of the band, which the toy has never heard.
    That each format decodes to the sound that was put in is tested every day (`test_sound`).
    """
    segments = segments_of(whisper.transcribe(encoded(ending, spoken()), hearing=ENGLISH))
    assert "\n\n".join(segment.text for segment in segments) == WORDS


def test_segments_lie_where_the_sentences_were_spoken(whole):
    segments = segments_of(whole)
    assert [segment.text for segment in segments] == WORDS.split("\n\n")
    assert segments[0].start == pytest.approx(0.9, abs=0.3)
    for before, after in pairwise(segments):
        assert after.start - before.end > 1.5
    assert all(segment.confidence > 0.4 for segment in segments)


def test_each_word_stands_in_its_place_with_a_confidence(whole):
    assert segments_of(whole)
    for segment in segments_of(whole):
        assert " ".join(word.text for word in segment.words) == segment.text
        starts = [word.start for word in segment.words]
        assert starts == sorted(starts)
        assert all(segment.start <= word.start <= word.end <= segment.end for word in segment.words)
        assert all(word.confidence > 0.5 for word in segment.words)


def test_what_was_stopped_goes_on_with_the_very_segments_of_an_unbroken_run(whisper, whole):
    sound = pcm(spoken())
    stops = [at for at, one in enumerate(whole) if isinstance(one, Reached)]
    stop = random.choice(stops[:-1])
    with closing(whisper.transcribe(sound, hearing=ENGLISH)) as results:
        first = list(islice(results, stop + 1))
    rest = whisper.transcribe(sound, hearing=ENGLISH, start=first[-1].seconds)
    assert first + list(rest) == whole


def test_a_start_at_the_end_leaves_nothing_to_hear(whisper):
    assert list(whisper.transcribe(pcm(spoken()), hearing=ENGLISH, start=22.0)) == [Reached(22.31)]


def test_without_a_language_the_model_decides_once(whisper):
    segments = segments_of(whisper.transcribe(pcm(spoken()), hearing=Hearing()))
    assert [segment.text for segment in segments] == WORDS.split("\n\n")


def test_of_the_allowed_languages_one_is_chosen(whisper):
    segments = segments_of(whisper.transcribe(pcm(spoken()), hearing=Hearing(languages=("xx", "en"))))
    assert [segment.text for segment in segments] == WORDS.split("\n\n")


def test_more_hotwords_than_fit_do_no_harm(whisper):
    hearing = Hearing(language="en", hotwords=("teatime", "sister", "<|nospeech|>", *["shower"] * 500))
    segments = segments_of(whisper.transcribe(pcm(spoken(TEST_SENTENCES[:2])), hearing=hearing))
    assert segments and segments[0].words


def test_a_language_the_model_does_not_know_is_refused(whisper):
    with pytest.raises(ModelMissing):
        list(whisper.transcribe(pcm(spoken()), hearing=Hearing(languages=("xx", "yy"))))
    with pytest.raises(ModelMissing):
        list(whisper.transcribe(pcm(spoken()), hearing=Hearing(language="xx")))


def test_an_engine_killed_while_transcribing_leaves_the_recording_whole_and_waiting(whisper, stores):
    sound = pcm(np.tile(spoken(), 8))  # far from its end, however late the kill is on a busy machine
    killed: list[int] = []

    def kill(progress) -> None:
        if progress.done and not killed:  # once: what it had said before still comes
            killed.append(whisper.pid)
            os.kill(whisper.pid, signal.SIGKILL)

    with pytest.raises(EngineFailed):
        dictate(request(sound), scribe(whisper, stores), report=kill, cancelled=never)
    (kept,) = stores.entries.kept.values()
    assert kept.entry.transcript is Transcript.WAITING
    assert stores.recordings.sound(kept.entry.id) == sound
    assert len(segments_of(whisper.transcribe(pcm(spoken()), hearing=ENGLISH))) == len(TEST_SENTENCES)
    assert whisper.pid not in killed


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json"])
def test_a_model_changed_on_the_disk_is_not_loaded(name, toy, tmp_path):  # noqa: F811  see above
    for file in toy.path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    changed = bytearray((tmp_path / name).read_bytes())
    changed[-20] ^= 1
    (tmp_path / name).write_bytes(bytes(changed))
    hearer = EngineTranscriber(WhisperFolder(name="changed", path=tmp_path, files=toy.files))
    with pytest.raises(ModelDamaged):
        list(hearer.transcribe(pcm(spoken()), hearing=ENGLISH))
    assert hearer.pid is None


@pytest.mark.parametrize("how", ["written to", "replaced"])
def test_a_model_that_changes_while_it_is_loaded_is_not_used(how, toy, tmp_path, monkeypatch):  # noqa: F811
    from diary.engine.service import JobFailed
    from ingest.engines import whisper as module

    for file in toy.path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "model.bin"

    def meanwhile(*arguments: object, **options: object) -> object:
        if how == "replaced":
            (tmp_path / "other").write_bytes(weights.read_bytes())
            (tmp_path / "other").replace(weights)
        else:
            weights.write_bytes(weights.read_bytes())
        return real(*arguments, **options)

    real = module.WhisperModel
    assert module.Whisper(tmp_path, toy.files, threads=1)
    monkeypatch.setattr(module, "WhisperModel", meanwhile)
    with pytest.raises(JobFailed):
        module.Whisper(tmp_path, toy.files, threads=1)


WATCHED = """
import sys
seen = []
def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.")):
        seen.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"{event} {arguments[0]}")
sys.addaudithook(watch)
from pathlib import Path
from ingest.engines.whisper import serve
from diary.engine.messages import Transcribe, Heard
from diary.model.speech import Hearing
service = serve([Path(sys.argv[1])])
asked = Transcribe(Hearing(language="en"))
heard = [r.text for r in service.run(asked, Path(sys.argv[2]).read_bytes(), lambda: False)
         if isinstance(r, Heard)]
print(len(heard), sorted(set(seen) - {"open /dev/null"}))
"""


def test_whisper_asks_for_no_network_and_writes_no_file_even_without_the_wall(toy, tmp_path):  # noqa: F811
    (tmp_path / "sound").write_bytes(pcm(spoken()))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(toy.path), str(tmp_path / "sound")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == f"{len(TEST_SENTENCES)} []"


def test_a_loop_of_the_same_words_is_cut_after_two(toy):  # noqa: F811  see above
    from ingest.engines.hearing import transcribed
    from ingest.engines.whisper import Whisper

    same = pcm(np.concatenate([spoken([TEST_SENTENCES[1]], seed=90_001)] * 4))
    model = Whisper(toy.path, toy.files, threads=1)
    results = transcribed(model, same, ENGLISH, 0.0, never)
    heard = [one.text for one in results if isinstance(one, Heard)]
    assert heard == [" ".join(TEST_SENTENCES[1])] * 2
