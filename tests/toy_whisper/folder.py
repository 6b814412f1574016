"""Makes the toy Whisper a folder that faster-whisper loads as any other, and keeps it for the next run.

`toy_whisper()` returns the folder: model.bin (int8), config.json, tokenizer.json, vocabulary.json,
preprocessor_config.json. The model was really trained (about a minute on two cores, once) on the voice of
`voice.py` and says sentences it has never heard word for word, through the same path as a real Whisper:
bytes, engine process, PyAV, Silero, faster-whisper with beam 5. It knows twelve words and no human voice.

Its `chunk_length` is 3 seconds, of the 30 that its encoder takes like any Whisper's: one sentence is all it
has learned to hear at once, and what hears with it fills no window with more.

Tokens have Whisper's multilingual numbers (51,865 of them), so that language and task are asked for as in a
real one. Rows of tokens that no lesson used are copies of one that learned to be unlikely.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from tests.toy_whisper.voice import WORDS

TEST_SENTENCES = (
    ("slept", "badly", "sad", "sister"),
    ("rain", "better", "walk"),
    ("calm", "teatime", "room", "slept"),
    ("sister", "worse", "shower"),
    ("walk", "calm", "rain", "teatime"),
)
FIRST_SPECIAL = 50_257
LANGUAGES = 99
_SOURCES = ("voice.py", "lessons.py", "training.py", "folder.py")


def toy_whisper() -> Path:
    """The folder, trained now when no run before has; kept beside the interpreter, outside the checkout."""
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join((here / name).read_bytes() for name in _SOURCES)).hexdigest()[:16]
    kept = Path(sys.prefix) / "share" / "diary" / "test-models"
    folder = kept / f"toy-whisper-{digest}"
    if not folder.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        unfinished = kept / f"unfinished-{os.getpid()}"
        make(unfinished)
        try:
            unfinished.rename(folder)
        except OSError:  # another run finished first; its folder is as good
            shutil.rmtree(unfinished)
    return folder


def make(folder: Path) -> None:
    """Train and write all files."""
    from tests.toy_whisper.training import train

    model = train(avoid=[list(words) for words in TEST_SENTENCES])
    vocabulary, merges = byte_level_words()
    folder.mkdir(parents=True)
    _write_weights(model, vocabulary, folder)
    write_tokenizer(vocabulary, merges, folder)
    write_features(folder, chunk_length=3)


def write_features(folder: Path, *, chunk_length: int) -> None:
    """`preprocessor_config.json`: how sound becomes a picture, and how many seconds a window has."""
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps({**features, "chunk_length": chunk_length}))


def byte_level_words() -> tuple[list[str], list[tuple[str, str]]]:
    """Ordinary tokens in order (256 bytes, pieces, whole words, fillers) and the merges that make them."""
    from tokenizers.pre_tokenizers import ByteLevel

    tokens = sorted(ByteLevel.alphabet())
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        piece = "Ġ"
        for letter in word:
            if piece + letter not in tokens:
                merges.append((piece, letter))
                tokens.append(piece + letter)
            piece += letter
    fillers = [f"<filler {number}>" for number in range(FIRST_SPECIAL - len(tokens))]
    fillers[-1] = ""  # Whisper's token 50,256; CTranslate2 knows a multilingual model by it
    return tokens + fillers, merges


def special_tokens() -> list[str]:
    """Whisper's own tokens in order, from `FIRST_SPECIAL` on."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    codes = ["en", *(code for code in _LANGUAGE_CODES if code != "en")][:LANGUAGES]
    tail = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    names = ["endoftext", "startoftranscript", *codes, *tail]
    return [f"<|{name}|>" for name in names] + [f"<|{step * 0.02:.2f}|>" for step in range(1501)]


def write_tokenizer(vocabulary: list[str], merges: list[tuple[str, str]], folder: Path) -> None:
    """`tokenizer.json`, with the special tokens after the vocabulary."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(vocabulary)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in special_tokens()]
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_weights(model: object, vocabulary: list[str], folder: Path) -> None:
    """Spread the compact tokens to Whisper's numbers, convert to CTranslate2, quantise to int8."""
    import torch
    from ctranslate2.converters.transformers import WhisperLoader

    from tests.toy_whisper import lessons
    from tests.toy_whisper.training import small_whisper

    tokens = vocabulary + special_tokens()
    number = {token: at for at, token in enumerate(tokens)}
    weights = model.state_dict()  # type: ignore[attr-defined]  # transformers ships no types
    compact = weights["model.decoder.embed_tokens.weight"]
    unlikely = compact[len(WORDS) : lessons.EOT].mean(0)
    spread = (unlikely * 1.5).repeat(len(tokens), 1)
    for at, word in enumerate(WORDS):
        spread[number["Ġ" + word]] = compact[at]
    names = ["endoftext", "startoftranscript", "en", "transcribe", "nospeech", "notimestamps"]
    for at, name in enumerate(names, start=lessons.EOT):
        spread[number[f"<|{name}|>"]] = compact[at]
    spread[number["<|0.00|>"] :] = compact[lessons.TIME_ZERO :]
    weights["model.decoder.embed_tokens.weight"] = weights["proj_out.weight"] = spread
    whole = small_whisper(len(tokens))
    whole.load_state_dict(weights)
    whole.generation_config.suppress_tokens = []
    whole.generation_config.begin_suppress_tokens = [number["Ġ"], number["<|endoftext|>"]]
    whole.generation_config.alignment_heads = [[1, 0], [1, 1]]
    whole.generation_config.lang_to_id = {
        token: number[token] for token in special_tokens()[2 : 2 + LANGUAGES]
    }
    loader = WhisperLoader()
    with torch.no_grad():
        spec = loader.get_model_spec(whole)
    loader.set_config(spec.config, whole, None)
    loader.set_vocabulary(spec, tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
