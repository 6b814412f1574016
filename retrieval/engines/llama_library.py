"""llama.cpp's C interface, as much of it as a diary needs: a model, its vocabulary, a context. No policy.

Nothing is written anywhere: the library's log is dropped, its caches are not used, the key-value cache lives
in memory. Every failure is a `JobFailed`. Calls into the library come from one thread: two at once abort
the process.

Only for engine processes.
"""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp.llama_cpp as library
import numpy as np
from numpy.typing import NDArray

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed

_BLOCK = 512
_BIG_VOCABULARY = 131_072
_BIG_VOCABULARY_BLOCK = 128
"""Tokens in one step. The library keeps block x vocabulary floats: with 262,144 tokens 512 MB at 512 tokens
and 128 MB at 128, which reads a prompt at 0.8 of the speed (measured, llama-cpp-python 0.3.36)."""

_SPECIAL = library.LLAMA_TOKEN_ATTR_CONTROL | library.LLAMA_TOKEN_ATTR_UNKNOWN
_USER_DEFINED = library.LLAMA_TOKEN_ATTR_USER_DEFINED
_FLASH_ATTENTION_OFF = 0  # off decodes 1.4 times faster at 2,048 tokens on a CPU, and reads 0.9 times as fast


@library.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes of a library without types
def _drop(_level: int, _text: bytes, _data: object) -> None:
    """The library's log quotes templates and file names."""


class Model:
    """A loaded GGUF file.

    :raises JobFailed: when it cannot be loaded, or is not a model that writes text.
    """

    def __init__(self, path: Path) -> None:
        library.llama_log_set(_drop, ctypes.c_void_p(0))
        library.llama_backend_init()
        parameters = library.llama_model_default_params()
        parameters.n_gpu_layers = 0  # the wall lets no graphics device in
        self.handle = library.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self.handle or library.llama_model_has_encoder(self.handle):
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        self.vocabulary = Vocabulary(self.handle)
        self.trained_context = int(library.llama_model_n_ctx_train(self.handle))

    @property
    def chat_template(self) -> str | None:
        """What the file says in `tokenizer.chat_template`."""
        template = library.llama_model_chat_template(self.handle, None)
        return template.decode("utf-8", "replace") if template else None


class Vocabulary:
    """The tokens of a model."""

    def __init__(self, model: object) -> None:
        self._handle = library.llama_model_get_vocab(model)
        self.size = int(library.llama_vocab_n_tokens(self._handle))
        if not self.size:
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        self.markers, self.longest = self._survey()

    def _survey(self) -> tuple[list[str], int]:
        """Texts of the tokens that are markup, and the length in bytes of the longest token."""
        markers, longest = [], 1
        for token in range(self.size):
            text = library.llama_vocab_get_text(self._handle, token) or b""
            longest = max(longest, len(text))
            kind = library.llama_vocab_get_attr(self._handle, token)
            if kind & (_SPECIAL | _USER_DEFINED):
                readable = text.decode("utf-8", "ignore")
                if kind & _SPECIAL or _is_markup(readable):
                    markers.append(readable)
        return markers, longest

    def tokens(self, text: str) -> list[int]:
        """The text's tokens; markers in it become their special tokens. Nothing is added."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        found = (library.llama_token * room)()
        count = library.llama_tokenize(self._handle, data, len(data), found, room, False, True)
        if count < 0:
            raise JobFailed(FailureCode.INTERNAL)
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for control tokens. May be a part of a character."""
        room = 256
        while True:
            buffer = ctypes.create_string_buffer(room)
            length = library.llama_token_to_piece(self._handle, token, buffer, room, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            room = -length

    def text(self, token: int) -> str:
        """A special token's own text; empty when there is none."""
        if not 0 <= token < self.size:
            return ""
        return (library.llama_vocab_get_text(self._handle, token) or b"").decode("utf-8", "ignore")

    @property
    def bos(self) -> int:
        """The token that begins a prompt; negative when there is none."""
        return int(library.llama_vocab_bos(self._handle))

    @property
    def eos(self) -> int:
        """The token that ends a turn; negative when there is none."""
        return int(library.llama_vocab_eos(self._handle))

    @property
    def begins_with_bos(self) -> bool:
        """Whether the model wants every prompt to begin with `bos`."""
        return self.bos >= 0 and bool(library.llama_vocab_get_add_bos(self._handle))

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it has finished."""
        return bool(library.llama_vocab_is_eog(self._handle, token))

    def suppressed(self) -> list[int]:
        """Tokens the model's file says are never to be written."""
        count = ctypes.c_int32(0)
        tokens = library.llama_vocab_get_suppress_tokens(self._handle, ctypes.byref(count))
        return [token for token in tokens[: count.value] if token < self.size] if count.value else []


class Context:
    """The state of one conversation: tokens that were read, and what comes after them.

    :param model: stays loaded. :param size: tokens it holds at most. :param threads: for all work.
    :ivar held: the tokens in the state, in order.
    :ivar stop: asked many times during `read`; True makes it raise JobFailed(CANCELLED).
    :raises JobFailed: when there is not enough memory.
    """

    def __init__(self, model: Model, *, size: int, threads: int) -> None:
        big = model.vocabulary.size > _BIG_VOCABULARY
        parameters = library.llama_context_default_params()
        parameters.n_ctx = size
        parameters.n_batch = parameters.n_ubatch = self.block = _BIG_VOCABULARY_BLOCK if big else _BLOCK
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = _FLASH_ATTENTION_OFF
        parameters.no_perf = True
        self._model = model  # the context needs it for as long as it lives
        self._context = library.llama_init_from_model(model.handle, parameters)
        if not self._context:
            raise JobFailed(FailureCode.OUT_OF_MEMORY)
        self._memory = library.llama_get_memory(self._context)
        if not self._memory:  # a model that makes vectors, not text
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        self.size = min(size, int(library.llama_n_ctx(self._context)))
        self.held: list[int] = []
        self.stop: Callable[[], bool] = lambda: False
        self._suppressed = np.array(model.vocabulary.suppressed(), dtype=np.intp)
        self._abort = library.ggml_abort_callback(lambda _data: self.stop())
        library.llama_set_abort_callback(self._context, self._abort, None)

    def keep(self, tokens: Sequence[int]) -> int:
        """Forget all but the longest beginning that the state has in common with these tokens.

        Models with a recurrent part cannot forget a part: they forget everything.

        :returns: how many tokens are kept; always fewer than given, so that there is one to read.
        """
        common = 0
        for held, wanted in zip(self.held, tokens[:-1], strict=False):
            if held != wanted:
                break
            common += 1
        # Always asked, even when nothing is to go: a stopped step may have left tokens behind.
        kept = library.llama_memory_seq_rm(self._memory, 0, common, -1)
        if not kept or library.llama_memory_seq_pos_max(self._memory, 0) != common - 1:
            library.llama_memory_clear(self._memory, True)
            common = 0
        del self.held[common:]
        return common

    def read(self, tokens: Sequence[int]) -> None:
        """Read tokens after those that are held, at most `block`.

        :raises JobFailed: CANCELLED when `stop` said so; the tokens held before stay.
        """
        array = (library.llama_token * len(tokens))(*tokens)
        outcome = library.llama_decode(self._context, library.llama_batch_get_one(array, len(tokens)))
        if outcome:
            raise JobFailed(FailureCode.CANCELLED if self.stop() else FailureCode.INTERNAL)
        self.held.extend(tokens)

    def likeliest(self) -> int:
        """The likeliest next token.

        :raises JobFailed: when the model computes no numbers, as a damaged one does.
        """
        logits: NDArray[np.float32] = np.ctypeslib.as_array(
            library.llama_get_logits_ith(self._context, -1), shape=(self._model.vocabulary.size,)
        )
        if self._suppressed.size:
            logits = logits.copy()
            logits[self._suppressed] = -np.inf
        best = int(logits.argmax())
        if not math.isfinite(logits[best]):
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        return best


def _is_markup(text: str) -> bool:
    """Whether a user-defined token looks like a tag; the others are runs of spaces, digits and the like."""
    return len(text) > 2 and text[0] in "<[{" and text[-1] in ">]}"
