"""Memory: how much of it a language model will take, and how much there is. Known before the file is loaded.

What a GGUF takes, by llama.cpp 0.25.3 on a processor with flash attention off:
- its tensors, once: they are mapped, and where a layout is repacked the mapped copy is given back under need;
- keys and values in 16 bits: context x Σ over layers of head_count_kv x (key_length + value_length) x 2
  bytes;
- the compute buffer, block x 4 bytes x the larger of the vocabulary (the last step) and (heads + 1) x context
  (the scores of attention), and a few rows of the hidden state;
- `OVERHEAD` for the interpreter, the libraries and the vocabulary.
On SmolLM2-135M, Qwen 3 0.6B and Gemma 3 1B this is within 3 % of the sizes the library reports. It is an
upper bound for models with recurrent layers or layers that share keys, which keep less.

A figure that is too small costs an engine that the kernel kills; the diary itself is another process.

Not here: what is done when it does not fit (`retrieval.engines.llama_model`).
"""

from __future__ import annotations

import math
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the sentences of failures need the words below only
    from diary.engine.gguf_header import GgufHeader

OVERHEAD = 96 << 20
"""Bytes: the interpreter with numpy and llama.cpp 41 MB, a vocabulary of 262,144 tokens 50 MB (measured)."""

_KEY_VALUE_BYTES = 2
_FLOAT_BYTES = 4

_MEMINFO = Path("/proc/meminfo")
_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)
"""The limit of a container and what it uses, versions 2 and 1, as a process inside sees them."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes that a model takes.

    :ivar weights: its tensors. :ivar state: keys and values of the whole context.
    :ivar work: the buffer of intermediate results.
    """

    weights: int
    state: int
    work: int

    @property
    def total(self) -> int:
        """All of it, and the process around it."""
        return self.weights + self.state + self.work + OVERHEAD


def footprint(header: GgufHeader, *, context: int, block: int, weights: int | None = None) -> Footprint:
    """What a model takes.

    :param context: tokens of prompt and answer. :param block: tokens that are computed in one step.
    :param weights: bytes of all its parts together, when it has more than one file.
    """
    each = sum(heads * (header.key_length + header.value_length) for heads in header.head_count_kv)
    widest = max(header.vocabulary_size, (max(header.head_count, default=0) + 1) * context)
    rows = widest + 3 * header.embedding_length + header.feed_forward_length
    return Footprint(
        weights=header.tensor_bytes if weights is None else weights,
        state=each * _KEY_VALUE_BYTES * context,
        work=rows * _FLOAT_BYTES * block,
    )


def available() -> int | None:
    """Bytes that can be taken without swapping: what the kernel estimates, and the limits of this process and
    its container; None when nothing says.
    """
    found = [_from_kernel(), *(_from_cgroup(limit, used) for limit, used in _CGROUPS)]
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    if soft != resource.RLIM_INFINITY:
        found.append(soft)
    return min((amount for amount in found if amount is not None), default=None)


def _from_kernel() -> int | None:
    try:
        for line in _MEMINFO.read_text("ascii").splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _from_cgroup(limit: Path, used: Path) -> int | None:
    try:
        most = int(limit.read_text("ascii"))  # "max" is no number: no limit
        return max(most - int(used.read_text("ascii")), 0)
    except (OSError, ValueError):
        return None


def in_words(amount: int) -> str:
    """An amount of memory for a sentence, to two figures: "410 MB", "5.2 GB"."""
    if amount < 10**9:
        return f"{math.ceil(amount / 10**7) * 10} MB"
    return f"{amount / 10**9:.1f} GB" if amount < 10**10 else f"{amount / 10**9:.0f} GB"
