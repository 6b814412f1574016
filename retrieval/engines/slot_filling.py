"""Filling the slots of a form: code writes the JSON around them, the model only what stands inside.

Well-formed by construction: the model never writes a brace, a comma or a quotation mark. A grammar gives form
as long as the budget lasts (cut off after 12 tokens: 200 of 200 calls malformed, measured); slots give it
always.
- One of several texts: a walk down the tree of their tokens, at each fork by what the model finds likelier.
  Every option ends with the closing quotation mark, so none is the beginning of another.
- A line of text: the likeliest tokens until one would end the JSON string, break the line or be markup, or
  until the budget or the characters are used up. It may be empty: what then stands there is for the core to
  say.

The answer names options by their place, so the core takes its own words for them, not the model's.

Not here: which forms there are, what a filled one means, and whether it is believed (`retrieval.tools`).
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from diary.engine.messages import Choose, FailureCode, Filled, Form, Say, Slot
from diary.engine.service import JobFailed
from retrieval.engines.llama_library import Context, Vocabulary
from retrieval.engines.prompt_tokens import PromptTokenizer

MOST_FORMS = 16
MOST_SLOTS = 8
MOST_ROWS = 8
MOST_OPTIONS = 512
MOST_TOKENS = 256
LONGEST_OPTION = 200  # characters
_BREAKS = frozenset('"\\\u2028\u2029')

Pick = Callable[[NDArray[np.float32], NDArray[np.intp]], int]
"""Chooses among tokens: numbers for the whole vocabulary, and the tokens there are."""


def likeliest(logits: NDArray[np.float32], tokens: NDArray[np.intp]) -> int:
    """The token the model finds likeliest.

    :raises JobFailed: when the model computes no numbers.
    """
    best = int(tokens[logits[tokens].argmax()])
    if not math.isfinite(logits[best]):
        raise JobFailed(FailureCode.MODEL_DAMAGED)
    return best


class SlotFiller:
    """Fills one of some forms, after a prompt that the context has read.

    :ivar longest: tokens that are read at most. :ivar written: tokens that the model chose.
    :raises JobFailed: when a form is none that can be filled.
    """

    def __init__(
        self,
        context: Context,
        vocabulary: Vocabulary,
        tokenizer: PromptTokenizer,
        forms: Sequence[Form],
        cancelled: Callable[[], bool],
        pick: Pick = likeliest,
    ) -> None:
        if not 0 < len(forms) <= MOST_FORMS or not all(_fillable(form) for form in forms):
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        self._context = context
        self._vocabulary = vocabulary
        self._plain = tokenizer.plain
        self._forms = forms
        self._cancelled = cancelled
        self._pick = pick
        self._every = np.arange(vocabulary.size, dtype=np.intp)
        self.written = 0
        self.longest = self._longest()

    def fill(self) -> Filled:
        """Choose a form and fill it.

        :raises JobFailed: CANCELLED, or when the model is damaged.
        """
        self._write('{"tool":"')
        place = self._choose([form.name for form in self._forms])
        form = self._forms[place]
        rows: list[list[int | str]] = []
        self._write(',"items":[' if form.most > 1 else ",")
        while True:
            self._write("{" if form.most > 1 else "")
            rows.append(self._row(form.slots))
            if len(rows) == form.most or self._branch(("},", "}]")) == 1:
                return Filled(place, rows)

    def _row(self, slots: Sequence[Slot]) -> list[int | str]:
        row: list[int | str] = []
        for index, slot in enumerate(slots):
            self._write(f'{"," if index else ""}"{slot.name}":"')
            match slot.holds:
                case Choose(options=options):
                    row.append(self._choose(options))
                case Say(tokens=tokens, characters=characters):
                    row.append(self._say(tokens, characters))
                    self._write('"')
        return row

    def _choose(self, options: Sequence[str]) -> int:
        return self._branch([f'{option}"' for option in options])

    def _branch(self, texts: Sequence[str]) -> int:
        """Walk down the tree of their tokens; the place of the text where it ends."""
        paths = [self._plain(text) for text in texts]
        alive = list(range(len(paths)))
        depth = 0
        while len(alive) > 1 and all(len(paths[place]) > depth for place in alive):
            forks = np.array(sorted({paths[place][depth] for place in alive}), dtype=np.intp)
            token = int(forks[0])
            if len(forks) > 1:
                token = self._pick(self._context.logits(), forks)
                self.written += 1
            alive = [place for place in alive if paths[place][depth] == token]
            self._read([token])
            depth += 1
        # Texts that the tokenizer takes for the same end here together: the first is as good as any.
        self._read(paths[alive[0]][depth:])
        return alive[0]

    def _say(self, most_tokens: int, most_characters: int) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        for _ in range(most_tokens):
            token = self._pick(self._context.logits(), self._every)
            if self._vocabulary.ends(token) or self._vocabulary.is_control(token):
                break
            more = decoder.decode(self._vocabulary.piece(token))
            if any(letter in _BREAKS or not letter.isprintable() or letter == "\ufffd" for letter in more):
                break
            if len(text) + len(more) > most_characters:
                break
            text += more  # a character that never becomes whole stays in the decoder
            self.written += 1
            self._read([token])
        return text.strip()

    def _write(self, text: str) -> None:
        self._read(self._plain(text) if text else [])

    def _read(self, tokens: Sequence[int]) -> None:
        for start in range(0, len(tokens), self._context.block):
            if self._cancelled():
                raise JobFailed(FailureCode.CANCELLED)
            self._context.read(tokens[start : start + self._context.block])

    def _longest(self) -> int:
        """An upper bound of what `fill` reads: a token is a byte at least."""

        def slot(slot: Slot) -> int:
            match slot.holds:
                case Choose(options=options):
                    value = max(len(option.encode()) for option in options)
                case Say(tokens=tokens):
                    value = tokens
            return value + len(slot.name.encode()) + 8

        return 32 + max(
            len(form.name.encode()) + form.most * (4 + sum(map(slot, form.slots))) for form in self._forms
        )


def _fillable(form: Form) -> bool:
    return (
        _writable(form.name)
        and len(form.slots) <= MOST_SLOTS
        and 0 < form.most <= MOST_ROWS
        and all(_writable(slot.name) and _holds(slot.holds) for slot in form.slots)
    )


def _holds(what: Choose | Say) -> bool:
    match what:
        case Choose(options=options):
            return 0 < len(options) <= MOST_OPTIONS and all(map(_writable, options))
        case Say(tokens=tokens, characters=characters):
            return 0 < tokens <= MOST_TOKENS and characters > 0


def _writable(text: str) -> bool:
    """Whether it can stand between quotation marks as it is."""
    return 0 < len(text) <= LONGEST_OPTION and text.isprintable() and not _BREAKS & set(text)
