"""A Whisper of a real size that says what it is told: to measure memory and time, where words do not matter.

Every matrix has the shape of the real model's and is multiplied as in one; the encoder and the attention are
random. Only what is said is fixed: the decoder's layers add nothing to what flows past them, and each place
in the text points to one token, so every window says the same made-up words in four segments, by default a
hundred, about as much as people say in half a minute, and no window is decoded again for looking wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.toy_whisper.folder import (
    FIRST_SPECIAL,
    byte_level_words,
    special_tokens,
    write_features,
    write_tokenizer,
)

TOKENS_SAID = 100
SEGMENTS = 4
_POINT = 0.1  # how much a token resembles its places: enough to be sure of it, too little to disturb the next


@dataclass(frozen=True, slots=True)
class Shape:
    """Width, layers of encoder and decoder each, heads."""

    width: int
    layers: int
    heads: int


SHAPES = {"tiny": Shape(384, 4, 6), "base": Shape(512, 6, 8), "small": Shape(768, 12, 12)}
"""As Radford et al. 2022, table 1."""


def real_size(name: str, folder: Path, *, said: int = TOKENS_SAID) -> Path:
    """Write the folder; int8, as a user's would be.

    :param said: words that each window says.
    """
    import torch
    from ctranslate2.converters.transformers import WhisperLoader
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    shape = SHAPES[name]
    vocabulary, merges = byte_level_words()
    words = _made_up_words(said)
    vocabulary[-1 - len(words) : -1] = words
    tokens = vocabulary + special_tokens()
    number = {token: at for at, token in enumerate(tokens)}
    torch.manual_seed(20)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(tokens), num_mel_bins=80, d_model=shape.width, encoder_layers=shape.layers,
            decoder_layers=shape.layers, encoder_attention_heads=shape.heads,
            decoder_attention_heads=shape.heads, encoder_ffn_dim=4 * shape.width,
            decoder_ffn_dim=4 * shape.width, suppress_tokens=None, begin_suppress_tokens=None,
            pad_token_id=FIRST_SPECIAL, bos_token_id=FIRST_SPECIAL, eos_token_id=FIRST_SPECIAL,
            decoder_start_token_id=number["<|startoftranscript|>"],
        )
    )  # fmt: skip
    with torch.no_grad():
        _teach(model, [number[token] for token in _script(words)], shape.width)
    config = model.generation_config
    config.suppress_tokens = []
    config.begin_suppress_tokens = [number["Ġ"], FIRST_SPECIAL]
    config.alignment_heads = [[shape.layers - 1, 0], [shape.layers - 1, 1]]
    config.lang_to_id = {token: number[token] for token in special_tokens()[2:101]}
    loader = WhisperLoader()
    with torch.no_grad():
        spec = loader.get_model_spec(model)
    loader.set_config(spec.config, model, None)
    loader.set_vocabulary(spec, tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    write_tokenizer(vocabulary, merges, folder)
    write_features(folder, chunk_length=30)
    return folder


def _made_up_words(count: int) -> list[str]:
    rng = np.random.default_rng(20)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return ["Ġ" + "".join(rng.choice(syllables, 3)) for _ in range(count)]


def _script(words: list[str]) -> list[str]:
    """What a window says: words in segments between time stamps, the last of which ends the window."""
    said: list[str] = []
    each = len(words) // SEGMENTS
    for number in range(SEGMENTS):
        start, end = number * 28 / SEGMENTS, (number + 1) * 28 / SEGMENTS
        said += [f"<|{start:.2f}|>", *words[number * each : (number + 1) * each], f"<|{end:.2f}|>"]
    return [*said, "<|endoftext|>"]


def _teach(model: object, script: list[int], width: int) -> None:
    """Decoder layers that add nothing, places that point to tokens."""
    import torch

    decoder = model.model.decoder  # type: ignore[attr-defined]  # transformers ships no types
    for layer in decoder.layers:
        for last in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
            last.weight.mul_(1e-4)
            last.bias.zero_()
    decoder.layer_norm.weight.fill_(1.0)
    decoder.layer_norm.bias.zero_()
    rng = np.random.default_rng(20)
    places = rng.choice([-1.0, 1.0], size=(448, width)).astype(np.float32)
    decoder.embed_positions.weight.copy_(torch.from_numpy(places))
    decoder.embed_tokens.weight.mul_(0.1)
    prompt = 3  # start, language, task
    for at, token in enumerate(script):
        decoder.embed_tokens.weight[token] += torch.from_numpy(_POINT * places[prompt - 1 + at])
