"""A model shows that it works before it is kept: it is loaded in its sealed engine and does a small job.

What its process took at most is asked of the kernel (`VmHWM` in /proc/PID/status) while it is still there.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from diary.engine.client import EngineClient
from diary.engine.embedder import EngineEmbedder
from diary.engine.gguf_header import read_header
from diary.engine.language_model import EngineLanguageModel
from diary.engine.memory import footprint
from diary.engine.messages import Embed, Vectors
from diary.engine.models import ModelFolder
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import described
from diary.errors import ModelDamaged, Stopped
from diary.model.progress import Cancelled, never
from diary.model.speech import Hearing
from retrieval.ports import ChatMessage

SENTENCES = (
    "Slept badly again.",
    "The headache came after lunch.",
    "Walked by the river with a friend. " * 20,
)
_CONTEXT = 4096  # tokens: what the diary asks of a model with a longer one
_BLOCK = 512
_MOST_DIMENSIONS = 16384
_SECONDS = 120.0
_WORDS = 8  # tokens of an answer that shows that it writes


def try_model(model: ModelFolder, *, cancelled: Cancelled = never) -> int:
    """Load it and let it work; bytes that its process takes at most.

    :raises diary.errors.DiaryError: in a sentence, when it does not.
    """
    match model.manifest.kind:
        case "embedder":
            return _embeds(model)
        case "language":
            return _writes(model, cancelled)
        case "speech":
            return _hears(model)


def dimensions(folder: Path) -> int:
    """Length of the vectors of an embedder whose manifest does not say it yet.

    :raises diary.errors.DiaryError: when it cannot be loaded or makes no vectors.
    """
    client = EngineClient("retrieval.engines.sentence_embedder:serve", [folder], name="the embedding model")
    try:
        for untrusted_result in client.stream(Embed(list(SENTENCES[:1])), timeout=_SECONDS):
            if isinstance(untrusted_result, Vectors) and 0 < untrusted_result.dimensions <= _MOST_DIMENSIONS:
                return untrusted_result.dimensions
    finally:
        client.close()
    raise ModelDamaged("This embedding model makes no vectors. It was not installed.")


def peak_of(pid: int | None) -> int:
    """Bytes that a running process took at most so far; 0 when the kernel does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M)
    return int(found[1]) * 1024 if found else 0


def _embeds(model: ModelFolder) -> int:
    with closing(EngineEmbedder(model)) as embedder:
        vectors = embedder.embed(SENTENCES)
        if float(vectors[0] @ vectors[1]) > 1 - 1e-6:
            raise ModelDamaged(
                "This embedding model has the same vector for all texts. It was not installed."
            )
        return peak_of(embedder.pid)


def _writes(model: ModelFolder, cancelled: Cancelled) -> int:
    header = read_header(model.path / model.manifest.files[0].name)
    context = min(_CONTEXT, header.context_length or _CONTEXT)
    with closing(EngineLanguageModel(model)) as language_model:
        said = ""
        for untrusted_piece in language_model.stream([ChatMessage("user", "Say hello.")], max_tokens=_WORDS):
            if cancelled():
                raise Stopped("Stopped. Nothing was installed.")
            said += untrusted_piece
        if not said.strip():
            raise ModelDamaged(
                "This language model writes nothing when it is asked something. It was not installed.",
                hint="Use a GGUF of the “instruct” or “chat” version.",
            )
        return max(peak_of(language_model.pid), footprint(header, context=context, block=_BLOCK).total)


def _hears(model: ModelFolder) -> int:
    from diary.sample.recording import spoken_sample

    with closing(EngineTranscriber(described(model))) as transcriber:
        sound = spoken_sample()
        list(transcriber.transcribe(sound, hearing=Hearing()))
        return peak_of(transcriber.pid)
