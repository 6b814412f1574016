"""The language model as retrieval sees it; it runs in its engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Protocol

from diary.engine.client import EngineClient
from diary.engine.failures import broken
from diary.engine.messages import Done, Generate, Piece, Turn
from diary.engine.models import ModelFolder

_NAME = "the language model"
_TIMEOUT = 600.0  # seconds to the first token: a long prompt on one busy core
_LONGEST_PIECE = 4096  # characters of one piece; a token is far shorter


class Message(Protocol):
    """A turn of a prompt; satisfied by `retrieval.ports.ChatMessage`."""

    @property
    def role(self) -> str:
        """The role: system, user or assistant."""
        ...

    @property
    def content(self) -> str:
        """The words."""
        ...


class EngineLanguageModel:
    """Satisfies `retrieval.ports.LanguageModel`.

    :param folder: the installed language model.
    """

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        file = folder.path / folder.manifest.files[0].name
        self._client = EngineClient("retrieval.engines.llama_model:serve", [file], name=_NAME)

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._folder.manifest.name

    @property
    def last(self) -> Done:
        """Token counts of the newest finished answer."""
        return self._client.last

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Iterator[str]:
        """Pieces of text as they are generated; close the iterator to stop, mid-prefill too."""
        turns = [Turn(message.role, message.content) for message in messages]
        work = Generate(turns, max_tokens)
        with closing(self._client.stream(work, timeout=_TIMEOUT)) as results:
            for untrusted_result in results:
                if not isinstance(untrusted_result, Piece) or len(untrusted_result.text) > _LONGEST_PIECE:
                    self.close()
                    raise broken(_NAME)
                yield untrusted_result.text

    def close(self) -> None:
        """End the engine."""
        self._client.close()
