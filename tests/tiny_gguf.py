"""Small GGUF models for tests, made on the spot: a byte-level vocabulary, a llama of two layers, 200 KB.

Random ones compute like any model and say nonsense. Scripted ones say what a test wrote: their layers add
nothing, so the next token depends on the last one only, and the output weights hold the succession.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gguf
import msgspec
import numpy as np
from numpy.typing import NDArray

from diary.engine.models import MANIFEST, Manifest, ModelFile, ModelFolder, read_model

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TAG = "<note>"  # a user-defined token, as models have for their thoughts and calls
_UNKNOWN, _BEGIN, _END = 0, 1, 2
_FIRST_BYTE = 4
_CONVOLVED, _STATE, _RANK = 4, 8, 4  # of a mamba
_CORPUS = (
    "I slept badly and woke at five with a headache. Took ibuprofen after lunch. Walked by the river with "
    "Ana. Called mum about the plan for Sunday. Mood: calm. Weight 71 kg. Ran four miles and felt better. "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiny:
    """What kind of model to make.

    :ivar template: the chat template, or None for a model without. :ivar context: tokens it was trained on.
    :ivar says: what a scripted model says, all bytes different, at most 30; None for a random one.
    :ivar endless: whether it begins again when it has said it. :ivar width: of the hidden state.
    :ivar layers: of the network; width and layers make a model slow.
    :ivar special: the control tokens: unknown, beginning of a turn, end of a turn.
    :ivar recurrent: whether it is a mamba, whose state cannot forget a part, and not a llama.
    """

    template: str | None = CHATML
    context: int = 4096
    says: str | None = None
    endless: bool = False
    width: int = 32
    layers: int = 2
    special: tuple[str, str, str] = SPECIAL
    recurrent: bool = False


def tiny_folder(folder: Path, tiny: Tiny) -> ModelFolder:
    """Write a model folder, manifest and all."""
    folder.mkdir(parents=True)
    path = folder / "tiny.gguf"
    write_tiny(path, tiny)
    data = path.read_bytes()
    file = ModelFile(path.name, len(data), hashlib.sha256(data).hexdigest())
    manifest = Manifest(kind="language", name="tiny", source="made by a test", files=[file])
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return read_model(folder)


def write_tiny(path: Path, tiny: Tiny) -> None:
    """Write the GGUF file."""
    tokens, merges = _vocabulary(tiny.special)
    writer = gguf.GGUFWriter(str(path), "mamba" if tiny.recurrent else "llama")
    _describe(writer, tiny)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, 4] + [1] * (len(tokens) - 4))  # control, user-defined, normal
    writer.add_token_merges(merges)
    writer.add_bos_token_id(_BEGIN)
    writer.add_eos_token_id(_END)
    writer.add_unk_token_id(_UNKNOWN)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    tensors = _mamba_tensors(tiny, len(tokens)) if tiny.recurrent else _tensors(tiny, len(tokens))
    for name, tensor in tensors.items():
        writer.add_tensor(name if name.endswith((".bias", "ssm_a", "ssm_d")) else f"{name}.weight", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, tiny: Tiny) -> None:
    writer.add_name("tiny")
    writer.add_block_count(tiny.layers)
    writer.add_context_length(tiny.context)
    writer.add_embedding_length(tiny.width)
    writer.add_layer_norm_rms_eps(1e-5)
    if tiny.template is not None:
        writer.add_chat_template(tiny.template)
    if tiny.recurrent:
        writer.add_feed_forward_length(0)
        writer.add_head_count(0)
        writer.add_ssm_conv_kernel(_CONVOLVED)
        writer.add_ssm_inner_size(2 * tiny.width)
        writer.add_ssm_state_size(_STATE)
        writer.add_ssm_time_step_rank(_RANK)
        return
    writer.add_feed_forward_length(2 * tiny.width)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(tiny.width // 4)
    writer.add_rope_freq_base(10000.0)


def _tensors(tiny: Tiny, tokens: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(7)
    width = tiny.width

    def weights(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.02, shape).astype(np.float32)

    tensors = {"token_embd": weights(tokens, width), "output": weights(tokens, width)}
    if tiny.says is not None:
        tensors["token_embd"], tensors["output"] = _script(tiny, tokens)
    tensors["output_norm"] = np.ones(width, np.float32)
    for layer in range(tiny.layers):
        name = f"blk.{layer}."
        tensors[f"{name}attn_norm"] = tensors[f"{name}ffn_norm"] = np.ones(width, np.float32)
        tensors[f"{name}attn_q"] = weights(width, width)
        tensors[f"{name}attn_k"] = weights(width // 2, width)
        tensors[f"{name}attn_v"] = weights(width // 2, width)
        tensors[f"{name}ffn_gate"] = weights(2 * width, width)
        tensors[f"{name}ffn_up"] = weights(2 * width, width)
        # A layer adds these two outputs to what passes through it: with zeros it adds nothing.
        tensors[f"{name}attn_output"] = weights(width, width) * (tiny.says is None)
        tensors[f"{name}ffn_down"] = weights(width, 2 * width) * (tiny.says is None)
    return tensors


def _mamba_tensors(tiny: Tiny, tokens: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(7)
    width, inner = tiny.width, 2 * tiny.width

    def weights(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.2, shape).astype(np.float32)

    tensors = {"token_embd": weights(tokens, width), "output": weights(tokens, width)}
    tensors["output_norm"] = np.ones(width, np.float32)
    for layer in range(tiny.layers):
        name = f"blk.{layer}."
        tensors[f"{name}attn_norm"] = np.ones(width, np.float32)
        tensors[f"{name}ssm_in"] = weights(2 * inner, width)
        tensors[f"{name}ssm_conv1d"] = weights(inner, _CONVOLVED)
        tensors[f"{name}ssm_conv1d.bias"] = weights(inner)
        tensors[f"{name}ssm_x"] = weights(_RANK + 2 * _STATE, inner)
        tensors[f"{name}ssm_dt"] = weights(inner, _RANK)
        tensors[f"{name}ssm_dt.bias"] = weights(inner)
        tensors[f"{name}ssm_a"] = -np.abs(weights(inner, _STATE))
        tensors[f"{name}ssm_d"] = weights(inner)
        tensors[f"{name}ssm_out"] = weights(width, inner)
    return tensors


def _script(tiny: Tiny, tokens: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings, and output weights by which each token of the script is followed by the next."""
    said = [_FIRST_BYTE + byte for byte in (tiny.says or "").encode()]
    if len(set(said)) != len(said) or not 0 < len(said) < tiny.width:
        raise ValueError("a script is of different bytes, and of fewer than the model is wide")
    embeddings = np.zeros((tokens, tiny.width), np.float32)
    output = np.zeros((tokens, tiny.width), np.float32)
    embeddings[:, 0] = 1  # whatever is not of the script is followed by its beginning
    output[said[0], 0] = 1
    for place, token in enumerate(said, start=1):
        embeddings[token] = np.eye(tiny.width, dtype=np.float32)[place]
    for place, token in enumerate([*said[1:], said[0] if tiny.endless else _END], start=1):
        output[token, place] = 1
    return embeddings, output


def _vocabulary(special: tuple[str, str, str]) -> tuple[list[str], list[str]]:
    """Tokens, and the merges of a byte-pair encoding learnt from a few sentences."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = iter(range(256, 512))  # GPT-2's way to write bytes that are no visible characters
    letters = [chr(byte if byte in visible else next(hidden)) for byte in range(256)]
    words = Counter(re.findall(r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+", _CORPUS))
    spelled = {tuple(letters[byte] for byte in word.encode()): count for word, count in words.items()}
    tokens, merges = [*special, TAG, *letters], []
    for _ in range(150):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in spelled.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(" ".join(best))
        tokens.append("".join(best))
        spelled = {_merged(word, best): count for word, count in spelled.items()}
    return tokens, merges


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged: list[str] = []
    for letter in word:
        if merged and (merged[-1], letter) == pair:
            merged[-1] += letter
        else:
            merged.append(letter)
    return tuple(merged)
