"""The language model inside its engine process: llama.cpp by way of llama-cpp-python, with a loop of our
own.

Why not the library's `create_chat_completion`: it cannot be stopped while it reads a prompt, takes no
options for the template, cuts nothing loudly, and its saved states are copies of the notes on the disk.

The loop: keep the longest common beginning of the prompt before (a second question on the same notes
costs 27 to 75 times less), read the rest in batches, then take the likeliest token until the model ends
its turn. An abort callback is asked before every node of the graph, so that a stop works in mid-batch,
within milliseconds.

Not here: what a sentence may say (verification is retrieval's), and tools.
"""

from __future__ import annotations

import codecs
import ctypes
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import llama_cpp
import numpy as np

from diary.engine.messages import Busy, Done, FailureCode, Generate, Piece, Work
from diary.engine.service import JobFailed
from retrieval.engines.chat_prompt import ChatPrompt

CONTEXT = 4096
"""Tokens of prompt and answer; 92 MB for the embedded model. A longer prompt is refused, not cut."""

BATCH = 256
"""Prompt tokens read between two moments at which the caller may stop; larger buys little."""

_PIECE_BYTES = 64

Cancelled = Callable[[], bool]


class LlamaModel:
    """A loaded model with its KV cache; answers `Generate`. One thread only.

    :param path: a GGUF file with a chat template.
    :raises diary.engine.service.JobFailed: with NO_TEMPLATE or MODEL_DAMAGED.
    """

    def __init__(self, path: Path, *, context: int = CONTEXT) -> None:
        threads = max(
            1, (os.cpu_count() or 2) - 1
        )  # with all cores, anything else that runs stalls every barrier
        try:
            self._model = llama_cpp.Llama(
                str(path), n_ctx=context, n_batch=BATCH, n_ubatch=BATCH,
                n_threads=threads, n_threads_batch=threads, verbose=False,
            )  # fmt: skip
        except (ValueError, RuntimeError):
            raise JobFailed(FailureCode.MODEL_DAMAGED) from None
        self._prompt = ChatPrompt(self._model)
        self._vocabulary = self._model._model.vocab
        self._limit = min(self._model.n_ctx(), self._model._model.n_ctx_train())
        self._kept: list[int] = []  # the tokens that the KV cache holds
        self._cancelled: Cancelled = _never
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._cancelled())  # held: llama.cpp calls it
        llama_cpp.llama_set_abort_callback(self._model.ctx, self._abort, None)

    def run(self, work: Work, bulk: bytes, cancelled: Cancelled) -> Iterator[Piece | Busy | Done]:
        """Pieces of whole characters, then `Done` with token counts; `Busy` between batches of the prompt.

        :raises diary.engine.service.JobFailed: PROMPT_TOO_LONG when prompt and `max_tokens` exceed it.
        """
        if not isinstance(work, Generate) or bulk or work.max_tokens < 1:
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        tokens = self._prompt.tokens(work.turns)
        if len(tokens) + work.max_tokens > self._limit:
            raise JobFailed(FailureCode.PROMPT_TOO_LONG)
        self._cancelled = cancelled
        try:
            reused = self._keep_common(tokens)
            yield from self._read(tokens[reused:])
            generated = yield from self._write(work.max_tokens)
        finally:
            self._cancelled = _never
        yield Done(evaluated=len(tokens) - reused, reused=reused, generated=generated)

    def _keep_common(self, tokens: list[int]) -> int:
        """Trim the cache to the longest common beginning; how many tokens that is.

        At least one token is read anew: the choice of the first word needs its logits.
        """
        common = 0
        for kept, wanted in zip(self._kept, tokens[:-1], strict=False):
            if kept != wanted:
                break
            common += 1
        memory = llama_cpp.llama_get_memory(self._model.ctx)
        if not llama_cpp.llama_memory_seq_rm(memory, 0, common, -1):
            # Recurrent models and sliding windows cannot forget a part.
            llama_cpp.llama_memory_clear(memory, True)
            common = 0
        del self._kept[common:]
        self._model.n_tokens = common
        return common

    def _read(self, tokens: list[int]) -> Iterator[Busy]:
        for start in range(0, len(tokens), BATCH):
            if start:
                yield Busy()
            self._evaluate(tokens[start : start + BATCH])

    def _write(self, max_tokens: int) -> Generator[Piece, None, int]:
        """The answer, greedy; returns how many tokens were generated."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        begun = False
        count = 0
        while count < max_tokens:
            token = self._likeliest()
            if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                break
            count += 1
            text = decoder.decode(self._bytes(token))
            text = text if begun else text.lstrip()
            if text:
                begun = True
                yield Piece(text)
            if count < max_tokens:
                self._evaluate([token])
        rest = decoder.decode(b"", final=True)
        if rest:
            yield Piece(rest)
        return count

    def _likeliest(self) -> int:
        logits = llama_cpp.llama_get_logits_ith(self._model.ctx, -1)
        size = self._model.n_vocab()
        return int(np.argmax(np.ctypeslib.as_array(logits, shape=(size,))))

    def _evaluate(self, tokens: list[int]) -> None:
        if self._cancelled():
            raise JobFailed(FailureCode.CANCELLED)
        try:
            self._model.eval(tokens)
        except RuntimeError:  # llama_decode: 2 when the callback said stop, 1 or below when it failed
            # What the failed batch left in the cache is dropped by the next job, which trims to `_kept`.
            stopped = self._cancelled()
            raise JobFailed(FailureCode.CANCELLED if stopped else FailureCode.OUT_OF_MEMORY) from None
        self._kept += tokens

    def _bytes(self, token: int) -> bytes:
        """The bytes of a token; a character may be spread over several. Control tokens have none."""
        size = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            size = -length


def _never() -> bool:
    return False


def serve(paths: list[Path]) -> LlamaModel:
    """The service over the one GGUF file that is given."""
    (path,) = paths
    return LlamaModel(path)
