"""A language model of 60,000 random weights in a GGUF file: loads in milliseconds and writes nonsense.

Byte-level BPE over a small corpus, ChatML marks, the architecture of Llama in two layers. It shows
everything but quality: loading, templates, prompt lengths, reuse of a prefix, stopping. Same seed, same
bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CORPUS = (
    "I slept badly and woke at five with a headache. Took ibuprofen after lunch. Walked by the river with "
    "Ana. Called mum about the plan for Sunday. Mood: calm. Weight 71 kg. Ran four miles and felt better. "
    "The doctor said the blood pressure is fine, come back in March. Work was stressful; argued with Tom. "
)
_MERGES = 200
_WORDS = re.compile(r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the network."""

    context: int = 4096
    width: int = 32
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 64


def write_tiny_gguf(
    path: Path,
    *,
    template: str | None = CHATML,
    shape: Shape | None = None,
    marks: int = gguf.TokenType.CONTROL,
) -> Path:
    """Write the model.

    :param template: None leaves it out. :param marks: the kind of token as which the vocabulary lists them.
    """
    shape = shape or Shape()
    tokens, merges = _vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny-random")
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([int(marks)] * len(MARKS) + [gguf.TokenType.NORMAL] * (len(tokens) - len(MARKS)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)
    _add_tensors(writer, shape, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(writer: gguf.GGUFWriter, shape: Shape, vocabulary: int) -> None:
    random = np.random.default_rng(7)
    kv_width = shape.kv_heads * shape.width // shape.heads

    def add(name: str, *size: int) -> None:
        if name.endswith("norm.weight"):
            writer.add_tensor(name, np.ones(size, np.float32))
        else:
            # Wide enough that the likeliest token is not a matter of rounding.
            writer.add_tensor(name, random.normal(0, 0.2, size).astype(np.float32))

    add("token_embd.weight", vocabulary, shape.width)
    add("output_norm.weight", shape.width)
    add("output.weight", vocabulary, shape.width)
    for layer in range(shape.layers):
        prefix = f"blk.{layer}"
        add(f"{prefix}.attn_norm.weight", shape.width)
        add(f"{prefix}.ffn_norm.weight", shape.width)
        add(f"{prefix}.attn_q.weight", shape.width, shape.width)
        add(f"{prefix}.attn_k.weight", kv_width, shape.width)
        add(f"{prefix}.attn_v.weight", kv_width, shape.width)
        add(f"{prefix}.attn_output.weight", shape.width, shape.width)
        add(f"{prefix}.ffn_gate.weight", shape.feed_forward, shape.width)
        add(f"{prefix}.ffn_up.weight", shape.feed_forward, shape.width)
        add(f"{prefix}.ffn_down.weight", shape.width, shape.feed_forward)


def _vocabulary() -> tuple[list[str], list[str]]:
    """Tokens and merges of a byte-level BPE learnt from the corpus (GPT-2's byte alphabet)."""
    alphabet = _byte_alphabet()
    words = Counter(_WORDS.findall(CORPUS))
    spelt = {tuple(alphabet[byte] for byte in word.encode()): count for word, count in words.items()}
    tokens, merges = [*MARKS, *alphabet], []
    for _ in range(_MERGES):
        pairs: Counter[tuple[str, str]] = Counter()
        for letters, count in spelt.items():
            for pair in pairwise(letters):
                pairs[pair] += count
        if not pairs:
            break
        (left, right), _count = max(pairs.items(), key=lambda item: (item[1], item[0]))
        merges.append(f"{left} {right}")
        tokens.append(left + right)
        spelt = {_merged(letters, left, right): count for letters, count in spelt.items()}
    return tokens, merges


def _merged(letters: tuple[str, ...], left: str, right: str) -> tuple[str, ...]:
    out: list[str] = []
    for letter in letters:
        if out and out[-1] == left and letter == right:
            out[-1] = left + right
        else:
            out.append(letter)
    return tuple(out)


def _byte_alphabet() -> list[str]:
    """A printable character for every byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + hidden.index(byte)) for byte in range(256)]
