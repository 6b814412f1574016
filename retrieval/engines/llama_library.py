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
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp.llama_cpp as library
import numpy as np
from numpy.typing import NDArray

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed

_SINGLE_STEP_SECONDS = 0.05
"""A step for one token that took longer can be stopped in its middle too. The library asks its callback a
thousand times in a step, which costs a millisecond of Python: nothing to a slow model, a seventh of a fast
one's time."""

_SPECIAL = library.LLAMA_TOKEN_ATTR_CONTROL | library.LLAMA_TOKEN_ATTR_UNKNOWN
_USER_DEFINED = library.LLAMA_TOKEN_ATTR_USER_DEFINED
_FLASH_ATTENTION_OFF = 0  # off decodes 1.4 times faster at 2,048 tokens on a CPU, and reads 0.9 times as fast


@library.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes of a library without types
def drop_log(_level: int, _text: bytes, _data: object) -> None:
    """The library's log quotes templates and file names."""


class Model:
    """A loaded GGUF file.

    :raises JobFailed: when it cannot be loaded, or is not a model that writes text.
    """

    def __init__(self, path: Path) -> None:
        library.llama_log_set(drop_log, ctypes.c_void_p(0))
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

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes a token stands for; of control tokens only with `special`. Perhaps half a character."""
        room = 256
        while True:
            buffer = ctypes.create_string_buffer(room)
            length = library.llama_token_to_piece(self._handle, token, buffer, room, 0, special)
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

    def is_control(self, token: int) -> bool:
        """Whether it is markup of prompts, and no text."""
        return bool(library.llama_vocab_get_attr(self._handle, token) & _SPECIAL)

    def suppressed(self) -> list[int]:
        """Tokens the model's file says are never to be written."""
        count = ctypes.c_int32(0)
        tokens = library.llama_vocab_get_suppress_tokens(self._handle, ctypes.byref(count))
        return [token for token in tokens[: count.value] if token < self.size] if count.value else []


class Context:
    """The state of one conversation: tokens that were read, and what comes after them.

    :param model: stays loaded. :param size: tokens it holds at most. :param block: tokens in one step.
    :param threads: for all work, until `use_threads`.
    :ivar held: the tokens in the state, in order.
    :ivar stop: asked many times during `read`; True makes it raise JobFailed(CANCELLED).
    :raises JobFailed: when there is not enough memory.
    """

    def __init__(self, model: Model, *, size: int, block: int, threads: int) -> None:
        parameters = library.llama_context_default_params()
        parameters.n_ctx = size
        parameters.n_batch = parameters.n_ubatch = self.block = block
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = _FLASH_ATTENTION_OFF
        parameters.swa_full = True  # a windowed state cannot forget a part once the window has moved on
        parameters.no_perf = True
        self._model = model  # the context needs it for as long as it lives
        self.handle = library.llama_init_from_model(model.handle, parameters)
        if not self.handle:
            raise JobFailed(FailureCode.OUT_OF_MEMORY)
        self._memory = library.llama_get_memory(self.handle)
        if not self._memory:  # a model that makes vectors, not text
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        self.size = min(size, int(library.llama_n_ctx(self.handle)))
        self.held: list[int] = []
        self.stop: Callable[[], bool] = lambda: False
        self._suppressed = np.array(model.vocabulary.suppressed(), dtype=np.intp)
        self._abort = library.ggml_abort_callback(lambda _data: self.stop())
        self._never = library.ggml_abort_callback()
        self._single_step = math.inf
        self._beside = 0

    def use_threads(self, threads: int, *, reading: int) -> None:
        """Compute single tokens with so many threads, and blocks with `reading`."""
        library.llama_set_n_threads(self.handle, threads, reading)

    @property
    def forgets_parts(self) -> bool:
        """Whether the state can be cut at any place; states of recurrent networks have no places."""
        return not (
            library.llama_model_is_recurrent(self._model.handle)
            or library.llama_model_is_hybrid(self._model.handle)
        )

    def keep(self, tokens: Sequence[int]) -> int:
        """Forget all but the longest beginning that the state has in common with these tokens.

        Models with a recurrent part cannot forget a part: they forget everything.

        :returns: how many tokens are kept; always fewer than given, so that there is one to read.
        """
        kept = common_beginning(self.held, tokens[:-1])
        # Always asked, even when nothing is to go: a stopped step may have left tokens behind.
        cut = library.llama_memory_seq_rm(self._memory, 0, kept, -1)
        if not cut or library.llama_memory_seq_pos_max(self._memory, 0) != kept - 1:
            kept = 0
            self.clear()
        del self.held[kept:]
        return kept

    def clear(self) -> None:
        """Forget everything."""
        library.llama_memory_clear(self._memory, True)
        self.held.clear()
        self._beside = 0

    @property
    def position(self) -> int:
        """Where the next token stands; an image takes places too."""
        return len(self.held) + self._beside

    def moved_to(self, position: int) -> None:
        """Something else than tokens was read, up to here. Until `clear`, nothing can be kept."""
        self._beside = position - len(self.held)

    def watched(self) -> object:
        """The library's context, which asks `stop` while it computes."""
        library.llama_set_abort_callback(self.handle, self._abort, None)
        return self.handle

    def read(self, tokens: Sequence[int]) -> None:
        """Read tokens after those that are held, at most `block`.

        :raises JobFailed: CANCELLED when `stop` said so; the tokens held before stay.
        """
        single = len(tokens) == 1
        watched = not single or self._single_step > _SINGLE_STEP_SECONDS
        library.llama_set_abort_callback(self.handle, self._abort if watched else self._never, None)
        array = (library.llama_token * len(tokens))(*tokens)
        batch = library.llama_batch_get_one(array, len(tokens))
        if (
            self._beside
        ):  # the library would count on from the last place, which in an image need not be the end
            batch.pos = (library.llama_pos * len(tokens))(*range(self.position, self.position + len(tokens)))
        began = time.perf_counter()
        outcome = library.llama_decode(self.handle, batch)
        if outcome:
            raise JobFailed(FailureCode.CANCELLED if self.stop() else FailureCode.INTERNAL)
        if single:
            self._single_step = time.perf_counter() - began
        self.held.extend(tokens)

    def state(self) -> NDArray[np.uint8]:
        """A copy of what `held` was read into; about 22 KB a token for a model of 135 million weights.

        It is the words in another form: it stays in memory.
        """
        size = int(library.llama_state_seq_get_size(self.handle, 0))
        data: NDArray[np.uint8] = np.empty(size, np.uint8)
        written = library.llama_state_seq_get_data(self.handle, _bytes_of(data), size, 0)
        return data[:written]

    def restore(self, tokens: Sequence[int], state: NDArray[np.uint8]) -> bool:
        """Go back to where these tokens were held; whether that was possible, or nothing is held now."""
        self.clear()
        if not library.llama_state_seq_set_data(self.handle, _bytes_of(state), len(state), 0):
            self.clear()
            return False
        self.held.extend(tokens)
        return True

    def logits(self) -> NDArray[np.float32]:
        """A number for each token of the vocabulary: how likely it is to come next; -inf for forbidden ones.

        Valid until the next step.
        """
        logits: NDArray[np.float32] = np.ctypeslib.as_array(
            library.llama_get_logits_ith(self.handle, -1), shape=(self._model.vocabulary.size,)
        )
        if self._suppressed.size:
            logits = logits.copy()
            logits[self._suppressed] = -np.inf
        return logits

    def likeliest(self) -> int:
        """The likeliest next token.

        :raises JobFailed: when the model computes no numbers, as a damaged one does.
        """
        logits = self.logits()
        best = int(logits.argmax())
        if not math.isfinite(logits[best]):
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        return best


def common_beginning(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    shorter = min(len(first), len(second))
    if first[:shorter] == second[:shorter]:
        return shorter
    return next(place for place in range(shorter) if first[place] != second[place])


def _bytes_of(array: NDArray[np.uint8]) -> object:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


def _is_markup(text: str) -> bool:
    """Whether a user-defined token looks like a tag; the others are runs of spaces, digits and the like."""
    return len(text) > 2 and text[0] in "<[{" and text[-1] in ">]}"
