"""Runs a GGUF language model inside an engine process: `serve`.

A job: render the prompt (`chat_prompt`), refuse it when prompt and answer do not fit (nothing is ever left
out silently), keep the beginning that the job before has read already, read the rest in blocks, then write
the likeliest token, one by one. With the notes before the question, a second question on the same notes is
read 27 to 75 times faster (measured, SmolLM2-135M, 1,024 to 4,096 tokens).

A stop is heard by the library's abort callback in the middle of a block. State lives in memory only, and a
stopped job leaves what it had read for the next.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from diary.engine.messages import Done, FailureCode, Generate, Piece, Result, Turn, Work
from diary.engine.service import JobFailed, Service
from retrieval.engines.chat_prompt import ChatTemplate, Markers
from retrieval.engines.llama_library import Context, Model

LONGEST_CONTEXT = 4096
"""Tokens of prompt and answer at most: a small model reads longer ones slowly and badly."""


def serve(paths: list[Path]) -> Service:
    """Load the first file.

    :raises JobFailed: when it is no model that can be asked.
    """
    return LlamaModel(paths[0])


class LlamaModel:
    """A language model, loaded. Satisfies `diary.engine.service.Service`.

    :param path: a GGUF file with a chat template.
    """

    def __init__(self, path: Path) -> None:
        model = Model(path)
        self._vocabulary = vocabulary = model.vocabulary
        source = model.chat_template
        if not source:
            raise JobFailed(FailureCode.NO_TEMPLATE)
        self._template = ChatTemplate(
            source, bos=vocabulary.text(vocabulary.bos), eos=vocabulary.text(vocabulary.eos)
        )
        self._markers = Markers(vocabulary.markers)
        size = min(LONGEST_CONTEXT, model.trained_context or LONGEST_CONTEXT)
        # With a thread on every core, any other program brings it from 59 to 0.4 tokens a second.
        threads = max(1, len(os.sched_getaffinity(0)) - 1)
        self._context = Context(model, size=size, threads=threads)

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Write text after a prompt."""
        if not isinstance(work, Generate) or bulk or work.max_tokens < 1:
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        context = self._context
        context.stop = cancelled
        tokens = self.prompt(work.turns, room=context.size - work.max_tokens)
        reused = context.keep(tokens)
        for start in range(reused, len(tokens), context.block):
            _unless(cancelled)
            context.read(tokens[start : start + context.block])
        generated = yield from self._written(work.max_tokens, cancelled)
        yield Done(evaluated=len(tokens) - reused, reused=reused, generated=generated)

    def prompt(self, turns: Sequence[Turn], *, room: int) -> list[int]:
        """The prompt's tokens.

        :param room: how many there may be.
        :raises JobFailed: PROMPT_TOO_LONG, or as `ChatTemplate.render`.
        """
        # Reading megabytes only to refuse them would take seconds that no stop can shorten.
        if sum(len(turn.content) for turn in turns) > room * self._vocabulary.longest:
            raise JobFailed(FailureCode.PROMPT_TOO_LONG)
        pieces = self._template.render(turns).pieces(self._markers)
        tokens = [token for piece in pieces for token in self._vocabulary.tokens(piece)]
        if self._vocabulary.begins_with_bos and tokens[:1] != [self._vocabulary.bos]:
            tokens.insert(0, self._vocabulary.bos)
        if len(tokens) > room:
            raise JobFailed(FailureCode.PROMPT_TOO_LONG)
        return tokens

    def _written(self, max_tokens: int, cancelled: Callable[[], bool]) -> Generator[Piece, None, int]:
        """Pieces of whole characters; the number of tokens."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        generated = 0
        while True:
            token = self._context.likeliest()
            if self._vocabulary.ends(token):
                break
            generated += 1
            if text := decoder.decode(self._vocabulary.piece(token)):
                yield Piece(text)
            if generated == max_tokens:
                break
            _unless(cancelled)
            self._context.read([token])
        if text := decoder.decode(b"", final=True):
            yield Piece(text)
        return generated


def _unless(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise JobFailed(FailureCode.CANCELLED)
