"""The embedded models in their engines, as the diary uses them: stops, crashes, reuse, meaning."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from diary.engine.embedder import EngineEmbedder
from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import ModelFolder, ModelKind, find_models
from diary.errors import EngineFailed, ModelDamaged
from diary.settings import installed_models
from retrieval.ports import ChatMessage
from tests.tiny_gguf import Tiny, tiny_folder

NOTES = "\n".join(f"[{day} May] Slept {day % 9} hours, walked to the weir with Ana." for day in range(1, 31))
SYSTEM = ChatMessage("system", "Answer from the notes.")


def installed(kind: ModelKind) -> ModelFolder:
    found = find_models([installed_models()], kind)
    if not found:
        pytest.skip("the embedded models are not set up here: run “make setup”")
    return found[0]


@pytest.fixture(scope="module")
def embedder() -> Iterator[EngineEmbedder]:
    made = EngineEmbedder(installed("embedder"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def language_model() -> Iterator[EngineLanguageModel]:
    made = EngineLanguageModel(installed("language"))
    yield made
    made.close()


def ask(model: EngineLanguageModel, question: str, notes: str = NOTES, most: int = 3) -> str:
    messages = [SYSTEM, ChatMessage("user", f"{notes}\n\n{question}")]
    return "".join(model.stream(messages, max_tokens=most))


def test_a_second_question_on_the_same_notes_reads_only_the_question(
    language_model: EngineLanguageModel,
) -> None:
    ask(language_model, "How did I sleep?")
    first = language_model.last
    ask(language_model, "With whom did I walk?")
    second = language_model.last
    assert second.reused > 0.95 * (first.evaluated + first.reused - 10)
    assert second.evaluated < 20


def test_a_stop_while_the_prompt_is_read_is_heard_at_once(language_model: EngineLanguageModel) -> None:
    ask(language_model, "Ready?", notes="")
    pid = language_model.pid
    messages = [SYSTEM, ChatMessage("user", NOTES.replace("Slept", "Dozed"))]
    with closing(language_model.stream(messages, max_tokens=50)) as pieces:
        assert next(pieces) == ""  # nothing is written yet
        begun = time.monotonic()
    seconds = time.monotonic() - begun
    print(f"stopped after {seconds * 1000:.0f} ms")
    ask(language_model, "Ready?", notes="")
    assert language_model.pid == pid  # it was stopped within the two seconds after which it is ended


def test_a_stop_while_it_writes_is_heard_at_once(language_model: EngineLanguageModel) -> None:
    with closing(language_model.stream([ChatMessage("user", "Tell me a story.")], max_tokens=500)) as pieces:
        next(piece for piece in pieces if piece)
        pid, begun = language_model.pid, time.monotonic()
    print(f"stopped after {(time.monotonic() - begun) * 1000:.0f} ms")
    ask(language_model, "Ready?", notes="")
    assert language_model.pid == pid


def test_a_prompt_beyond_the_context_is_a_sentence(language_model: EngineLanguageModel) -> None:
    with pytest.raises(EngineFailed) as failed:
        ask(language_model, "How did I sleep?", notes=NOTES * 20)
    assert "longer" in failed.value.message
    assert "Slept" not in failed.value.message
    assert ask(language_model, "Ready?", notes="")


def test_a_killed_engine_is_a_sentence_and_the_next_answer_comes(language_model: EngineLanguageModel) -> None:
    with closing(language_model.stream([ChatMessage("user", "Tell me a story.")], max_tokens=500)) as pieces:
        next(piece for piece in pieces if piece)
        pid = language_model.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineFailed):
            list(pieces)
    assert ask(language_model, "Ready?", notes="")


def test_an_embedder_killed_while_idle_is_started_anew(embedder: EngineEmbedder) -> None:
    before = embedder.embed(["I slept badly."])
    pid = embedder._client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while embedder._client.running:
        assert time.monotonic() < deadline
    assert np.array_equal(embedder.embed(["I slept badly."]), before)


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("trouble falling asleep", "Lay awake until four again.", "The kitchen is painted yellow now."),
        ("my head hurts", "Migraine with aura, dark room all day.", "Paid the electricity bill."),
        ("medicine for mood", "Started sertraline 50 mg.", "The herons are back at the weir."),
    ],
)
def test_meaning_brings_texts_together_that_share_no_word(
    embedder: EngineEmbedder, question: str, answer: str, other: str
) -> None:
    asked, near, far = embedder.embed([question, answer, other])
    assert float(asked @ near) > float(asked @ far) + 0.05


def test_a_text_beyond_the_models_length_is_cut_and_not_refused(embedder: EngineEmbedder) -> None:
    once, more = embedder.embed(["walked home " * 500, "walked home " * 5000])
    assert float(once @ more) == pytest.approx(1, abs=0.01)


def test_a_model_folder_that_lost_a_file_after_it_was_found_is_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tiny_folder(tmp_path_factory.mktemp("models") / "tiny", Tiny())
    for file in folder.manifest.files:
        (folder.path / file.name).unlink()
    with pytest.raises(ModelDamaged) as failed:
        list(EngineLanguageModel(folder).stream([SYSTEM], max_tokens=1))
    assert failed.value.hint
