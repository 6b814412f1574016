"""Thoughts, told from the answer: what a model writes between marks of thinking is dropped; pure.

Models that think write it into their answer: Qwen and SmolLM between `<think>` and `</think>`, Gemma 4
between `<|channel>` and `<channel|>`, Mistral between `[THINK]` and `[/THINK]`. Some begin although they were
asked not to, and some templates begin for them at the end of the prompt. So every answer goes through here;
what is no answer is never given out and never kept.

Not here: how long a model may think (`llama_model`).
"""

from __future__ import annotations

MARKS = {"<think>": "</think>", "<|channel>": "<channel|>", "[THINK]": "[/THINK]"}
"""What begins a thought, and what ends it."""


class Thoughts:
    """Reads an answer as it is written.

    :param tail: what stands in the prompt after the last content; it may have begun a thought.
    """

    def __init__(self, tail: str) -> None:
        self._closing: str | None = None
        self._waiting = ""
        self._leading = False
        self.feed(tail)
        self._leading |= self._closing is not None
        self._waiting = ""

    @property
    def open(self) -> bool:
        """Whether the model is in the middle of a thought."""
        return self._closing is not None

    def feed(self, text: str) -> str:
        """What of the answer is certain after this text."""
        self._waiting += text
        said = ""
        while True:
            if self._closing is not None:
                _, found, after = self._waiting.partition(self._closing)
                if not found:
                    self._waiting = self._waiting[-len(self._closing) + 1 :]
                    return said
                self._closing, self._leading, self._waiting = None, True, after
            place, opening = min(
                ((self._waiting.find(mark), mark) for mark in MARKS if mark in self._waiting),
                default=(-1, ""),
            )
            if place < 0:
                certain = len(self._waiting) - _begun(self._waiting)
                said += self._answer(self._waiting[:certain])
                self._waiting = self._waiting[certain:]
                return said
            said += self._answer(self._waiting[:place])
            self._closing, self._waiting = MARKS[opening], self._waiting[place + len(opening) :]

    def close(self) -> str:
        """End an open thought; what the model has to read to know it."""
        closing, self._closing = self._closing, None
        self._waiting, self._leading = "", True
        return closing or ""

    def rest(self) -> str:
        """What of the answer was still waiting when the model had finished."""
        rest, self._waiting = self._waiting, ""
        return "" if self._closing is not None else self._answer(rest)

    def _answer(self, text: str) -> str:
        """The text, without the white space that parts an answer from a thought before it."""
        if self._leading:
            text = text.lstrip()
            self._leading = not text
        return text


def _begun(text: str) -> int:
    """How many characters at the end may be the beginning of a mark."""
    longest = max(map(len, MARKS)) - 1
    return next(
        (
            length
            for length in range(min(longest, len(text)), 0, -1)
            if any(mark.startswith(text[-length:]) for mark in MARKS)
        ),
        0,
    )
