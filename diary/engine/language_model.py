"""The language model as retrieval sees it; it runs in its engine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Protocol

from diary.engine.client import EngineClient
from diary.engine.failures import broken
from diary.engine.forms import believed, framed
from diary.engine.messages import Busy, Done, Fill, Filled, Generate, Piece, Turn
from diary.engine.models import ModelFolder
from diary.engine.text import encodable
from diary.model.form import FilledForm, Form

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

    :param folder: the installed language model; with a file called mmproj in it, it sees images.
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

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        thoughts: int = 0,
        images: Sequence[bytes] = (),
    ) -> Iterator[str]:
        """Pieces of text as they are generated; close the iterator to stop, mid-prefill too.

        While the model is loaded, reads the prompt or thinks, an empty piece comes every 0.1 s or sooner, so
        that whoever pulls can stop then.

        :param thoughts: tokens it may think before it answers; they are never given out. 0: it is asked not
            to.
        :param images: PNG or JPEG files that stand before the words of the last message; they go to the
            engine's memory and nowhere else.
        :raises diary.errors.ImageDamaged: when one is no image, or too large.
        :raises diary.errors.ModelMissing: when there are images and the model cannot see.
        """
        work = Generate(_turns(messages), max_tokens, thoughts, [len(image) for image in images])
        said = 0
        asked = self._client.stream(work, timeout=_TIMEOUT, beat=_BEAT, bulk=b"".join(images))
        with closing(asked) as results:
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

    def fill(
        self, messages: Sequence[Message], forms: Sequence[Form], *, seconds: float
    ) -> FilledForm | None:
        """Have the model choose one of the forms and fill it in.

        :param seconds: after which it is stopped, and None returned. :returns: what it filled, every choice
            one of the options; lines are the model's words.
        :raises diary.errors.EngineFailed: when the engine crashed, or filled what was not offered.
        """
        work = Fill(_turns(messages), framed(forms))
        deadline = time.monotonic() + seconds
        filled: FilledForm | None = None
        with closing(self._client.stream(work, timeout=_TIMEOUT, beat=_BEAT)) as results:
            for untrusted_result in results:
                match untrusted_result:
                    case Busy():
                        if time.monotonic() >= deadline:
                            return None
                    case Filled() if filled is None:
                        filled = believed(untrusted_result, forms)
                        if filled is None:
                            self.close()
                            raise broken(_NAME)
                    case _:
                        self.close()
                        raise broken(_NAME)
        if filled is None:
            self.close()
            raise broken(_NAME)
        return filled

    def close(self) -> None:
        """End the engine."""
        self._client.close()


def _turns(messages: Sequence[Message]) -> list[Turn]:
    return [Turn(message.role, encodable(message.content)) for message in messages]
