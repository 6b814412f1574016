"""Turns → the tokens a model reads: its chat template, rendered by us, tokenised so that only the template
makes markup (`chat_prompt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diary.engine.messages import FailureCode, Turn
from diary.engine.service import JobFailed
from retrieval.engines.chat_prompt import ChatTemplate, Markers, Prompt
from retrieval.engines.llama_library import Vocabulary


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt as it is read.

    :ivar segments: tokens before, between and after the images; one list when there are none.
    :ivar tail: text of the template after the last content.
    """

    segments: list[list[int]]
    tail: str


class PromptTokenizer:
    """Makes prompts for one model.

    :param source: its chat template.
    :raises JobFailed: when there is none, or it cannot be read.
    """

    def __init__(self, vocabulary: Vocabulary, source: str | None) -> None:
        if not source:
            raise JobFailed(FailureCode.NO_TEMPLATE)
        self._vocabulary = vocabulary
        self._template = ChatTemplate(
            source, bos=vocabulary.text(vocabulary.bos), eos=vocabulary.text(vocabulary.eos)
        )
        self._markers = Markers(vocabulary.markers)

    def tokens(
        self, turns: Sequence[Turn], *, room: int, think: bool = False, images: int = 0
    ) -> PromptTokens:
        """The prompt up to where the assistant's words begin.

        :param room: how many tokens there may be. :param think, images: as `ChatTemplate.render`.
        :raises JobFailed: PROMPT_TOO_LONG, or as `ChatTemplate.render`.
        """
        # Reading megabytes only to refuse them would take seconds that no stop can shorten.
        if sum(len(turn.content) for turn in turns) > room * self._vocabulary.longest:
            raise JobFailed(FailureCode.PROMPT_TOO_LONG)
        prompt = self._template.render(turns, think=think, images=images)
        segments = [
            [token for piece in pieces for token in self._vocabulary.tokens(piece)]
            for pieces in prompt.segments(self._markers)
        ]
        if self._vocabulary.begins_with_bos and segments[0][:1] != [self._vocabulary.bos]:
            segments[0].insert(0, self._vocabulary.bos)
        if sum(map(len, segments)) > room:
            raise JobFailed(FailureCode.PROMPT_TOO_LONG)
        return PromptTokens(segments, prompt.tail)

    def plain(self, text: str) -> list[int]:
        """The tokens of text that is no markup, whatever it says."""
        pieces = Prompt(text, ((0, len(text)),)).pieces(self._markers)
        return [token for piece in pieces for token in self._vocabulary.tokens(piece)]
