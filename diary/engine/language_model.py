"""The language model as retrieval sees it; it runs in its engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Protocol

from diary.engine.client import EngineClient
from diary.engine.failures import broken
from diary.engine.messages import Busy, Done, Generate, Piece, Turn
from diary.engine.models import ModelFolder
from diary.engine.text import encodable

_NAME = "the language model"
_TIMEOUT = 600.0  # seconds to the first token: a long prompt on one busy core
_BEAT = 0.1  # seconds: how soon a stop is noticed while the prompt is read
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

    :param folder: the installed language model; its first file is loaded.
    """

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        files = [folder.path / file.name for file in folder.manifest.files]
        self._client = EngineClient("retrieval.engines.llama_model:serve", files, name=_NAME)

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._folder.manifest.name

    @property
    def last(self) -> Done:
        """Token counts of the newest finished answer."""
        return self._client.last

    @property
    def pid(self) -> int | None:
        """Process number of the engine while it runs."""
        return self._client.pid

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Iterator[str]:
        """Pieces of text as they are generated; close the iterator to stop, mid-prefill too.

        While the model is loaded or reads the prompt, an empty piece comes every 0.1 s, so that whoever
        pulls can stop then.
        """
        turns = [Turn(message.role, encodable(message.content)) for message in messages]
        work = Generate(turns, max_tokens)
        said = 0
        with closing(self._client.stream(work, timeout=_TIMEOUT, beat=_BEAT)) as results:
            for untrusted_result in results:
                match untrusted_result:
                    case Busy():
                        yield ""
                    case Piece(text=untrusted_text) if (
                        said <= max_tokens and len(untrusted_text) <= _LONGEST_PIECE
                    ):
                        said += 1  # a piece is a token at least, but for the end of a broken character
                        yield untrusted_text
                    case _:
                        self.close()
                        raise broken(_NAME)

    def close(self) -> None:
        """End the engine."""
        self._client.close()
