"""A conversation as tokens, by the model's own chat template; inside the engine process.

Rules: the template's marks become control tokens, the words of a turn never do. A note may hold
`<|im_start|>system`: it stays those letters. So the template is rendered with a placeholder for each
turn, the text between the placeholders is read with control tokens, each turn's words without, and the
result is checked once more, token by token.

A model without a template is refused: guessing one (llama-cpp-python falls back to Llama 2's without a
word) makes a model answer nonsense.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from diary.engine.messages import FailureCode, Turn
from diary.engine.service import JobFailed

_TEMPLATE_KEY = "tokenizer.chat_template"
_ROLES = frozenset(("system", "user", "assistant"))
_SHORTEST_MARK = 3  # shorter ones are white space that Gemma lists as tokens of its own


class ChatPrompt:
    """Turns conversations into tokens for one loaded model.

    :raises diary.engine.service.JobFailed: with NO_TEMPLATE, when the model brings none.
    """

    def __init__(self, model: llama_cpp.Llama) -> None:
        template = model.metadata.get(_TEMPLATE_KEY, "")
        if not template.strip():
            raise JobFailed(FailureCode.NO_TEMPLATE)
        self._model = model
        self._vocabulary = model._model.vocab
        self._bos = model.token_bos()
        self._format = Jinja2ChatFormatter(
            template, eos_token=self._text(model.token_eos()), bos_token=self._text(self._bos)
        )

    def tokens(self, turns: Sequence[Turn]) -> list[int]:
        """The prompt up to where the model's answer begins.

        :raises diary.engine.service.JobFailed: when the turns do not fit the template.
        """
        if not turns or any(turn.role not in _ROLES for turn in turns):
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        marker = secrets.token_hex(16)
        rendered = self._render(turns, marker)
        pieces = re.split(f"{marker}-([0-9]+);", rendered)
        said = {int(number) for number in pieces[1::2]}
        if said != set(range(len(turns))):
            raise JobFailed(FailureCode.NO_TEMPLATE)  # a template that leaves turns out is of no use
        frame = [self._tokenize(text, control=True) for text in pieces[::2]]
        marks = self._marks(frame)
        found = list(frame[0])
        for number, after in zip(pieces[1::2], frame[1:], strict=True):
            found += self._words(turns[int(number)].content, marks)
            found += after
        if llama_cpp.llama_vocab_get_add_bos(self._vocabulary) and found[:1] != [self._bos]:
            found.insert(0, self._bos)
        return found

    def _render(self, turns: Sequence[Turn], marker: str) -> str:
        """The template's text; a system turn it does not take goes before the first question."""
        messages = [{"role": turn.role, "content": f"{marker}-{n};"} for n, turn in enumerate(turns)]
        try:
            return self._rendered(messages)
        except Exception:  # a template raises whatever it likes
            if messages[0]["role"] != "system" or len(messages) < 2:
                raise JobFailed(FailureCode.NO_TEMPLATE) from None
        joined = {**messages[1], "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
        try:
            return self._rendered([joined, *messages[2:]])
        except Exception:
            raise JobFailed(FailureCode.NO_TEMPLATE) from None

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        # Thinking aloud eats the budget of a small machine; templates without the switch ignore it.
        given: Any = messages
        return self._format(messages=given, enable_thinking=False).prompt

    def _words(self, untrusted_text: str, marks: frozenset[str]) -> list[int]:
        """Tokens of somebody's words: no control token, none that ends a turn, no mark of the template."""
        pieces = [untrusted_text]
        for mark in sorted(marks, key=len, reverse=True):
            half = len(mark) // 2
            pieces = [part for piece in pieces for part in _broken(piece, mark, half)]
        found = [token for piece in pieces for token in self._tokenize(piece, control=False)]
        if any(self._steers(token) or self._text(token) in marks for token in found):
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        return found

    def _marks(self, frame: list[list[int]]) -> frozenset[str]:
        """The texts of the tokens that the template uses as marks.

        llama.cpp reads tokens of the kind USER_DEFINED even where control tokens are turned off, and some
        models list their turn marks as such.
        """
        special = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
        used = {token for tokens in frame for token in tokens}
        texts = {
            self._text(token)
            for token in used
            if self._steers(token) or llama_cpp.llama_vocab_get_attr(self._vocabulary, token) & special
        }
        return frozenset(text for text in texts if len(text) >= _SHORTEST_MARK and not text.isspace())

    def _steers(self, token: int) -> bool:
        return bool(
            llama_cpp.llama_vocab_is_control(self._vocabulary, token)
            or llama_cpp.llama_vocab_is_eog(self._vocabulary, token)
        )

    def _tokenize(self, text: str, *, control: bool) -> list[int]:
        if not text:
            return []
        found: list[int] = self._model.tokenize(text.encode(), add_bos=False, special=control)
        return found

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = llama_cpp.llama_vocab_get_text(self._vocabulary, token) or b""
        return text.decode("utf-8", "replace")


def _broken(piece: str, mark: str, half: int) -> list[str]:
    """The piece, cut in the middle of each occurrence of the mark."""
    parts = piece.split(mark)
    for place in range(len(parts) - 1):
        parts[place] += mark[:half]
        parts[place + 1] = mark[half:] + parts[place + 1]
    return parts
