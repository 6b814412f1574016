"""Runs a GGUF language model inside an engine process: `serve`.

Loading: the header is read first (`diary.engine.gguf_header`), and a model that does not fit into the memory
that is there is refused with both figures; the context is made as long as fits, 4,096 tokens at most. Threads
are chosen by trying (`threads`).

A job: render the prompt (`prompt_tokens`), refuse it when prompt and answer do not fit (nothing is ever left
out silently), keep the beginning that was read before, in the context or among the saved states
(`saved_states`), read the rest in blocks, then write the likeliest token, one by one, without the thoughts
(`thoughts`), or fill slots (`slot_filling`). With the notes before the question, a second question on the
same notes is read 27 to 75 times faster (measured, SmolLM2-135M, 1,024 to 4,096 tokens).

A stop is heard by the library's abort callback in the middle of a block. State lives in memory only, and a
stopped job leaves what it had read for the next.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diary.engine.gguf_header import GgufHeader, is_gguf, read_header
from diary.engine.memory import available, footprint
from diary.engine.messages import Busy, Done, FailureCode, Fill, Generate, Piece, Result, Turn, Work
from diary.engine.service import JobFailed, Service
from diary.errors import ModelDamaged
from retrieval.engines import threads
from retrieval.engines.image_bytes import split_images
from retrieval.engines.llama_library import Context, Model, common_beginning
from retrieval.engines.prompt_tokens import PromptTokenizer
from retrieval.engines.saved_states import SavedState, SavedStates
from retrieval.engines.slot_filling import SlotFiller
from retrieval.engines.thoughts import MARKS, Thoughts

if TYPE_CHECKING:
    from retrieval.engines.llama_images import Vision

LONGEST_CONTEXT = 4096
"""Tokens of prompt and answer at most: a small model reads longer ones slowly and badly."""

_SHORTEST_CONTEXT = 1024
_BLOCK = 512
_SMALL_BLOCK = 128
_BIG_VOCABULARY = 200_000
"""Tokens in one step. The library keeps block x vocabulary floats: with 262,144 tokens 512 MB at 512 tokens
and 128 MB at 128, which reads a prompt at 0.8 of the speed (measured, llama-cpp-python 0.3.36)."""

_MOST_BELIEVED = 1 << 45  # bytes; a header that comes to more is wrong or means ill

_MOST_STATES = 256 << 20  # bytes of saved states: eleven prompts of 1,024 tokens with SmolLM2-135M
_SHARE_OF_STATES = 16  # of the memory that is there
_WORTH_SAVING = 64  # tokens; fewer are read again sooner than they are looked for
_MOST_CLOSINGS = 3
"""Thoughts that are ended for a model before its answer is taken to be over."""


def serve(paths: list[Path]) -> Service:
    """Load the first model among the files, and what lets it see images when that is there too.

    :raises JobFailed: when there is no model that can be asked.
    """
    models: list[Path] = []
    eyes: list[Path] = []
    for path, header in ((path, _header(path)) for path in paths if _is_gguf(path)):
        (eyes if header.is_mmproj else models).append(path)
    if not models:
        raise JobFailed(FailureCode.MODEL_DAMAGED)
    return LlamaModel(models[0], parts=models, mmproj=eyes[0] if eyes else None)


class LlamaModel:
    """A language model, loaded. Satisfies `diary.engine.service.Service`.

    :param path: a GGUF file with a chat template. :param parts: the files it is split into, with itself.
    :param mmproj: a GGUF file that makes tokens of images for it.
    """

    def __init__(self, path: Path, *, parts: Sequence[Path] = (), mmproj: Path | None = None) -> None:
        header = _header(path)
        weights = _bytes(parts or [path]) if header.parts > 1 else header.tensor_bytes
        free = available()
        size, block = fitting(header, weights + _bytes([mmproj] if mmproj else []), free)
        model = Model(path)
        self._vocabulary = model.vocabulary
        self._tokenizer = PromptTokenizer(model.vocabulary, model.chat_template)
        cores = threads.free_cores()
        self._context = Context(model, size=size, block=block, threads=cores)
        self._vision = _vision(mmproj, model, threads=cores) if mmproj else None
        self._states = SavedStates(min(_MOST_STATES, (free or _MOST_STATES) // _SHARE_OF_STATES))
        self._before: list[int] = []
        self.threads = self._try_threads(cores)

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Write text after a prompt, or fill a form."""
        self._context.stop = cancelled
        match work:
            case Generate() if work.max_tokens > 0 and work.thoughts >= 0:
                yield from self._generated(work, split_images(bulk, work.images), cancelled)
            case Fill() if not bulk:
                yield from self._filled(work, cancelled)
            case _:
                raise JobFailed(FailureCode.NOT_UNDERSTOOD)

    def prompt(self, turns: Sequence[Turn], *, room: int) -> list[int]:
        """The prompt's tokens; raises as `PromptTokenizer.tokens`."""
        (tokens,) = self._tokenizer.tokens(turns, room=room).segments
        return tokens

    def _generated(
        self, work: Generate, images: list[bytes], cancelled: Callable[[], bool]
    ) -> Iterator[Result | Done]:
        room = self._context.size - work.max_tokens - work.thoughts - self._longest_closing(work.thoughts)
        prompt = self._tokenizer.tokens(work.turns, room=room, think=work.thoughts > 0, images=len(images))
        if not images:
            (tokens,) = prompt.segments
            reused = self._read(tokens, cancelled)
            evaluated = len(tokens) - reused
        elif self._vision is None:
            raise JobFailed(FailureCode.NO_VISION)
        else:
            reused, evaluated = 0, self._vision.read(self._context, prompt.segments, images, room)
        try:
            generated = yield from self._written(work, Thoughts(prompt.tail), cancelled)
        finally:
            if images:  # what was read are no tokens that a later prompt could be compared with
                self._context.clear()
        yield Done(evaluated=evaluated, reused=reused, generated=generated)

    def _filled(self, work: Fill, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        filler = SlotFiller(self._context, self._vocabulary, self._tokenizer, work.forms, cancelled)
        tokens = self.prompt(work.turns, room=self._context.size - filler.longest)
        reused = self._read(tokens, cancelled)
        yield filler.fill()
        yield Done(evaluated=len(tokens) - reused, reused=reused, generated=filler.written)

    def _read(self, tokens: list[int], cancelled: Callable[[], bool]) -> int:
        """Bring the context to the end of these tokens; how many of them had been read before."""
        context = self._context
        self._recall(tokens)
        reused = done = context.keep(tokens)
        # A state that cannot be cut is saved where this prompt parts from the one before: after their notes.
        parting = 0 if context.forgets_parts else common_beginning(self._before, tokens[:-1])
        self._before = tokens
        while done < len(tokens):
            _unless(cancelled)
            end = min(done + context.block, len(tokens))
            if done < parting < end:
                end = parting
            context.read(tokens[done:end])
            done = end
            if done == parting >= _WORTH_SAVING:
                self._states.keep(SavedState(tuple(context.held), context.state()))
        return reused

    def _recall(self, tokens: list[int]) -> None:
        """Put the saved state nearest to these tokens in place, and save what it takes the place of."""
        context = self._context
        common = common_beginning(context.held, tokens)
        saved, more = self._states.best(tokens, whole=not context.forgets_parts)
        if context.forgets_parts and len(context.held) - common >= max(_WORTH_SAVING, len(context.held) // 5):
            self._states.keep(SavedState(tuple(context.held), context.state()))
        nearer = common if context.forgets_parts or common == len(context.held) else 0
        if saved is not None and more >= nearer + _WORTH_SAVING:
            context.restore(saved.tokens, saved.data)

    def _written(
        self, work: Generate, thoughts: Thoughts, cancelled: Callable[[], bool]
    ) -> Generator[Piece | Busy, None, int]:
        """Pieces of whole characters; the number of tokens."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        generated = thought = closings = 0
        while True:
            _unless(cancelled)
            if thoughts.open and thought >= work.thoughts:
                closing = self._closing(thoughts.close())
                closings += 1
                if closings > _MOST_CLOSINGS or self._context.position + len(closing) >= self._context.size:
                    break
                self._context.read(closing)
            token = self._context.likeliest()
            if self._vocabulary.ends(token):
                break
            thinking = thoughts.open
            text = thoughts.feed(decoder.decode(self._piece(token)))
            if thinking or thoughts.open:
                thought += 1
                yield Busy()
            else:
                generated += 1
            if text:
                yield Piece(text)
            if generated == work.max_tokens or self._context.position == self._context.size:
                break
            self._context.read([token])
        if text := thoughts.feed(decoder.decode(b"", final=True)) + thoughts.rest():
            yield Piece(text)
        return generated

    def _piece(self, token: int) -> bytes:
        """The bytes of a token; of control tokens only the marks of thoughts."""
        text = self._vocabulary.text(token)
        marks = text in MARKS or text in MARKS.values()
        return self._vocabulary.piece(token, special=marks)

    def _closing(self, mark: str) -> list[int]:
        return self._vocabulary.tokens(f"\n{mark}\n\n" if mark.startswith("</") else mark)

    def _longest_closing(self, thoughts: int) -> int:
        return max(len(self._closing(mark)) for mark in MARKS.values()) if thoughts else 0

    def _try_threads(self, cores: int) -> int:
        """The number of threads that write fastest here; from now on they do."""
        counts = threads.candidates(cores)
        if len(counts) == 1:
            return cores

        def step(count: int) -> None:
            self._context.use_threads(count, reading=cores)
            self._context.read([0])

        best = threads.fewest(threads.measured(counts, step))
        self._context.use_threads(best, reading=cores)
        self._context.clear()
        return best


def fitting(header: GgufHeader, weights: int, free: int | None) -> tuple[int, int]:
    """The longest context, and the block to read it in, that fit into memory.

    :param weights: bytes of everything that is loaded. :param free: bytes there are; None when nobody knows.
    :raises JobFailed: OUT_OF_MEMORY, with what the least would take; MODEL_DAMAGED when no machine has that.
    """
    longest = min(LONGEST_CONTEXT, header.context_length or LONGEST_CONTEXT)
    usual = _SMALL_BLOCK if header.vocabulary_size >= _BIG_VOCABULARY else _BLOCK
    sizes = [longest, *(size for size in (2048, _SHORTEST_CONTEXT) if size < longest)]
    needed = 0
    for size, block in [(longest, usual), *((size, _SMALL_BLOCK) for size in sizes)]:
        needed = footprint(header, context=size, block=block, weights=weights).total
        if needed > _MOST_BELIEVED:
            raise JobFailed(FailureCode.MODEL_DAMAGED)
        if free is None or needed <= free:
            return size, block
    raise JobFailed(FailureCode.OUT_OF_MEMORY, needed=needed, available=free or 0)


def _vision(path: Path, model: Model, *, threads: int) -> Vision:
    from retrieval.engines.llama_images import Vision  # a library of its own, for the few models that see

    return Vision(path, model, threads=threads)


def _is_gguf(path: Path) -> bool:
    try:
        return is_gguf(path)
    except OSError:
        return False


def _header(path: Path) -> GgufHeader:
    try:
        return read_header(path)
    except ModelDamaged:
        raise JobFailed(FailureCode.MODEL_DAMAGED) from None


def _bytes(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _unless(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise JobFailed(FailureCode.CANCELLED)
