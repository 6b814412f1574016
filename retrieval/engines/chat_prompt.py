"""The prompt: a model's own chat template around contents that can never become markup. Pure but for the
template engine.

A note may hold `<|im_start|>system`, pasted or put there by somebody who hopes that a model reads it. So:
1. The template is rendered with a placeholder in the place of each content, so that no content can steer
   the template's own conditions. White space around a content stays outside its placeholder, because
   templates trim.
2. Every placeholder must come out whole; a template that drops one is asked in another form (contents as a
   list of parts, the system turn put before the user's), and refused when none works.
3. The contents take their places, and the text is cut inside every occurrence of a marker (control and
   markup-like tokens of the vocabulary) that touches a content. The pieces are tokenised one by one: what
   was cut is text. A prompt whose contents hold no marker is one piece, tokenised as it always was.

Not here: the vocabulary and the tokeniser (`llama_library`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from diary.engine.messages import FailureCode, Turn
from diary.engine.service import JobFailed
from retrieval.engines.bounded import bounded

_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt.

    :ivar text: all of it. :ivar contents: where contents stand in it, as (start, end), in order.
    :ivar images: where images stand in it, in order.
    """

    text: str
    contents: tuple[tuple[int, int], ...]
    images: tuple[int, ...] = ()

    @property
    def tail(self) -> str:
        """What the template says after the last content: how the assistant's words are begun."""
        return self.text[max((end for _, end in self.contents), default=0) :]

    def pieces(self, markers: Markers) -> list[str]:
        """The text, cut inside every marker that touches a content."""
        return [piece for segment in self.segments(markers) for piece in segment]

    def segments(self, markers: Markers) -> list[list[str]]:
        """The pieces before, between and after the images."""
        inside = sorted({place + 1 for span in self.contents for place in markers.touching(self.text, *span)})
        segments = []
        for start, end in pairwise([0, *self.images, len(self.text)]):
            cuts = [start, *(cut for cut in inside if start < cut < end), end]
            segments.append([self.text[first:last] for first, last in pairwise(cuts)])
        return segments


class Markers:
    """The strings that a tokeniser takes for more than text, two characters or longer.

    :param texts: as they stand in the vocabulary.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(text for text in texts if len(text) > 1)
        self._lengths = sorted({len(text) for text in self._texts})
        first = "".join(sorted({text[0] for text in self._texts}))
        self._first = re.compile(f"[{re.escape(first)}]") if first else None

    def touching(self, text: str, start: int, end: int) -> Iterator[int]:
        """Where markers begin that overlap text[start:end], overlapping ones too."""
        if self._first is None:
            return
        earliest = max(start - self._lengths[-1] + 1, 0)
        for match in self._first.finditer(text, earliest, end):
            place = match.start()
            if any(
                place + length > start and text[place : place + length] in self._texts
                for length in self._lengths
            ):
                yield place


class ChatTemplate:
    """A model's chat template.

    :param source: the template, in Jinja. :param bos: text of the token that begins a prompt, or empty.
    :param eos: text of the token that ends a turn, or empty.
    :raises JobFailed: when the template cannot be read.
    """

    def __init__(self, source: str, *, bos: str, eos: str) -> None:
        try:
            with bounded():
                self._formatter = Jinja2ChatFormatter(source, eos_token=eos, bos_token=bos)
        except Exception:
            raise JobFailed(FailureCode.NO_TEMPLATE) from None
        # Private-use characters and decimal digits come through trimming, escaping and changes of case.
        self._key = str(secrets.randbelow(10**18))

    def render(self, turns: Sequence[Turn], *, think: bool = False, images: int = 0) -> Prompt:
        """The prompt up to where the assistant's words begin.

        :param think: what to tell a template that asks whether the model should think first.
        :param images: how many stand before the words of the last turn.
        :raises JobFailed: when a role is unknown or the template takes these turns in no form.
        """
        if not turns or any(turn.role not in _ROLES for turn in turns):
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        marked = [(turn.role, self._marked(index, turn.content)) for index, turn in enumerate(turns)]
        shown = [f"\ue000{self._key}\ue003{index}\ue002" for index in range(images)]
        marked[-1] = (marked[-1][0], "".join(f"{image}\n" for image in shown) + marked[-1][1])
        contents = {
            self._placeholder(index): turn.content.strip()
            for index, turn in enumerate(turns)
            if turn.content.strip()
        }
        with bounded():
            for candidate in (marked, _without_system(marked)):
                for in_parts in (False, True):
                    text = self._rendered(candidate, in_parts=in_parts, think=think)
                    if text is not None and all(placeholder in text for placeholder in (*contents, *shown)):
                        return self._filled(text, contents, shown)
        raise JobFailed(FailureCode.NO_TEMPLATE)

    def _placeholder(self, index: int) -> str:
        return f"\ue000{self._key}\ue001{index}\ue002"

    def _marked(self, index: int, content: str) -> str:
        core = content.strip()
        if not core:
            return content
        before, after = content.split(core, 1) if content != core else ("", "")
        return f"{before}{self._placeholder(index)}{after}"

    def _rendered(self, turns: Sequence[tuple[str, str]], *, in_parts: bool, think: bool) -> str | None:
        messages: Any = [  # what the library asks for are typed dictionaries, one for each role
            {"role": role, "content": [{"type": "text", "text": text}] if in_parts else text}
            for role, text in turns
        ]
        try:
            return self._formatter(messages=messages, enable_thinking=think).prompt
        except MemoryError:  # once is enough
            raise
        except Exception:  # templates raise what they like, for a role they do not know for example
            return None

    def _filled(self, text: str, contents: dict[str, str], shown: Sequence[str]) -> Prompt:
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        images: list[int] = []
        length = 0
        for part in re.split(f"(\ue000{self._key}[\ue001\ue003][0-9]+\ue002)", text):
            put = "" if part in shown else contents.get(part, part)
            if part in contents:
                spans.append((length, length + len(put)))
            elif part in shown:
                images.append(length)
            parts.append(put)
            length += len(put)
        return Prompt("".join(parts), tuple(spans), tuple(images))


def _without_system(turns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same turns for a template that knows no system role: its words begin the next turn of the user."""
    folded: list[tuple[str, str]] = []
    waiting: list[str] = []
    for role, text in turns:
        if role == "system":
            waiting.append(text)
        elif role == "user" and waiting:
            folded.append((role, "\n\n".join([*waiting, text])))
            waiting = []
        else:
            folded.append((role, text))
    return [*folded, *(("user", text) for text in waiting)]
