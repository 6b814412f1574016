"""Images for a language model, through its mmproj file: llama.cpp's mtmd library, low-level only.

Only bytes that the core sent are looked at: no path, no address; the wall would refuse them anyway. Each
image is tokenised alone, between the segments of a prompt that `prompt_tokens` made: no word of the prompt
can be taken for an image, and none for markup.

A stop is heard while the model reads an image's tokens, not while the encoder looks at it; an engine that
looks for longer is ended by the core after two seconds.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import llama_cpp.mtmd_cpp as mtmd

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed
from retrieval.engines.llama_library import Context, Model, drop_log

_MARKER = b"<__media__>"


class Vision:
    """What lets a model see images.

    :param path: the mmproj file. :param model: the model it belongs to; stays loaded.
    :raises JobFailed: when the file cannot be loaded, or is of another model.
    """

    def __init__(self, path: Path, model: Model, *, threads: int) -> None:
        mtmd.mtmd_helper_log_set(drop_log, ctypes.c_void_p(0))
        parameters = mtmd.mtmd_context_params_default()
        parameters.use_gpu = False
        parameters.print_timings = False
        parameters.warmup = False
        parameters.n_threads = threads
        parameters.media_marker = _MARKER
        self._model = model
        self._handle = mtmd.mtmd_init_from_file(os.fsencode(path), model.handle, parameters)
        if not self._handle or not mtmd.mtmd_support_vision(self._handle):
            raise JobFailed(FailureCode.MODEL_DAMAGED)

    def read(
        self, context: Context, segments: Sequence[Sequence[int]], images: Sequence[bytes], room: int
    ) -> int:
        """Read a prompt with images between its segments into an empty context.

        :param room: tokens there may be.
        :returns: how many tokens were read, those of the images with them.
        :raises JobFailed: IMAGE_DAMAGED, PROMPT_TOO_LONG, CANCELLED.
        """
        context.clear()
        with self._chunks(images) as chunks:
            total = sum(int(mtmd.mtmd_input_chunk_get_n_tokens(part)) for parts in chunks for part in parts)
            total += sum(map(len, segments))
            if total > room:
                raise JobFailed(FailureCode.PROMPT_TOO_LONG)
            for place, segment in enumerate(segments):
                for start in range(0, len(segment), context.block):
                    context.read(segment[start : start + context.block])
                for part in chunks[place] if place < len(chunks) else []:
                    self._look(context, part)
        return total

    def _look(self, context: Context, part: object) -> None:
        """Encode one part of an image, and have the model read it."""
        if context.stop():
            raise JobFailed(FailureCode.CANCELLED)
        position = ctypes.c_int32(context.position)
        outcome = mtmd.mtmd_helper_eval_chunk_single(
            self._handle, context.watched(), part, position, 0, context.block, True, ctypes.byref(position)
        )
        if outcome:
            raise JobFailed(FailureCode.CANCELLED if context.stop() else FailureCode.INTERNAL)
        context.moved_to(position.value)

    @contextmanager
    def _chunks(self, images: Sequence[bytes]) -> Iterator[list[list[object]]]:
        """The parts of each image: what the model wants before it, the image, what it wants after it."""
        made: list[object] = []
        try:
            for image in images:
                made.append(self._tokenised(image))
            yield [
                [
                    mtmd.mtmd_input_chunks_get(chunks, index)
                    for index in range(mtmd.mtmd_input_chunks_size(chunks))
                ]
                for chunks in made
            ]
        finally:
            for chunks in made:
                mtmd.mtmd_input_chunks_free(chunks)

    def _tokenised(self, image: bytes) -> object:
        data = (ctypes.c_uint8 * len(image)).from_buffer_copy(image)
        bitmap = mtmd.mtmd_helper_bitmap_init_from_buf(self._handle, data, len(image), False)
        if not bitmap:
            raise JobFailed(FailureCode.IMAGE_DAMAGED)
        try:
            chunks = mtmd.mtmd_input_chunks_init()
            text = mtmd.mtmd_input_text(_MARKER, len(_MARKER), False, True)
            if mtmd.mtmd_tokenize(
                self._handle, chunks, ctypes.byref(text), (mtmd.mtmd_bitmap_p_ctypes * 1)(bitmap), 1
            ):
                mtmd.mtmd_input_chunks_free(chunks)
                raise JobFailed(FailureCode.IMAGE_DAMAGED)
            return chunks
        finally:
            mtmd.mtmd_bitmap_free(bitmap)
