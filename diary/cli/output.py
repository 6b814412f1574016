"""How the command line speaks: words for a person or one JSON document, errors as sentences, progress on
stderr.

Everything that came from an entry or a file passes `safe`: text is data and never steers the terminal.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

from diary.errors import DiaryError
from diary.model.progress import Progress
from diary.printable import encodable, safe

# What JSON lets stand as it is and a terminal obeys: DEL, C1, the bidirectional overrides and marks
# (`printable`).
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_NAME, _BESIDE = "diary: ", "       "
"""What stands before a sentence on stderr, and before its further lines."""


class Console:
    """Writes to stdout and stderr.

    :param json: one JSON document on stdout, nothing else.
    :ivar beside: what a document tells beside what was asked for, by its name.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._bar = False
        self.beside: dict[str, Any] = {}

    @property
    def width(self) -> int:
        """Columns to write in: the terminal's, at most 100 for legibility."""
        return min(shutil.get_terminal_size().columns, 100)

    def say(self, untrusted_text: str = "", *, indent: int = 0, hanging: int = 0) -> None:
        """A line or paragraph for a person; silent under --json.

        :param indent: columns left free at its left. :param hanging: columns more, from the second line on.
        """
        if self.json:
            return
        self._end_bar()
        for line in safe(untrusted_text).split("\n"):
            prefix = " " * indent
            self._write(
                textwrap.fill(
                    line,
                    self.width,
                    initial_indent=prefix,
                    subsequent_indent=prefix + " " * hanging,
                    break_long_words=False,
                    break_on_hyphens=False,
                    replace_whitespace=False,
                    drop_whitespace=True,
                )
                + "\n"
            )

    def raw(self, untrusted_text: str) -> None:
        """Text as it is laid out, without wrapping; silent under --json."""
        if not self.json:
            self._end_bar()
            self._write(safe(untrusted_text) + "\n")

    def document(self, value: Any) -> None:  # noqa: ANN401  any JSON value
        """The JSON document of this command; silent without --json."""
        if self.json:
            self.line({**value, **self.beside} if isinstance(value, dict) else value)

    def line(self, value: Any) -> None:  # noqa: ANN401  any JSON value
        """One JSON value on a line of its own, always: batches speak JSON lines."""
        import msgspec

        try:
            encoded = msgspec.json.encode(value)
        except UnicodeEncodeError:  # the name of a file, of any bytes
            encoded = msgspec.json.encode(_encodable(value))
        self._write(_STEERING.sub(_escaped, encoded.decode()) + "\n")

    def error(self, error: DiaryError) -> None:
        """An error as a sentence on stderr, or as the JSON document."""
        if self.json:
            self.line(error_document(error))
            return
        self._end_bar()
        _tell(error.message, _NAME, self.width)
        if error.hint:
            _tell(error.hint, _BESIDE, self.width)

    def note(self, sentence: str) -> None:
        """Something to know meanwhile, on stderr: no part of what was asked for; silent under --json."""
        if not self.json:
            self._end_bar()
            sys.stderr.write(textwrap.fill(safe(sentence), self.width) + "\n")

    def warn(self, sentences: Sequence[str]) -> None:
        """What is amiss, on stderr, under --json too: somebody may depend on the words being whole."""
        for sentence in sentences:
            self._end_bar()
            _tell(sentence, _NAME, self.width)

    def progress(self, progress: Progress) -> None:
        """A bar on stderr when that is a terminal."""
        if not self.watched:
            return
        if progress.total:
            cells = round(24 * min(progress.done / progress.total, 1))
            bar = "█" * cells + "░" * (24 - cells)
            text = f"{progress.task}  {bar}  {progress.done} of {progress.total}"
        else:
            text = f"{progress.task}  {progress.done}"
        self._show_live(text)
        if progress.total and progress.done >= progress.total:
            self._end_bar()

    @property
    def watched(self) -> bool:
        """Whether somebody sees a line that changes: stderr is a terminal, and not under --json."""
        return not self.json and sys.stderr.isatty()

    def live(self, untrusted_text: str) -> None:
        """A line on stderr that stands until the next thing is said; silent when nobody watches."""
        if self.watched:
            self._show_live(untrusted_text)

    def ask(self, question: str) -> None:
        """A question in that line, under --json too: somebody waits for the answer."""
        self._show_live(question)

    def end_live(self) -> None:
        """Take that line away."""
        self._end_bar()

    def _show_live(self, untrusted_text: str) -> None:
        sys.stderr.write("\r\x1b[K" + safe(untrusted_text)[: self.width - 1])
        sys.stderr.flush()
        self._bar = True

    def _end_bar(self) -> None:
        if self._bar:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._bar = False

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            # What is left to flush has nowhere to go, and must not be tried again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise


def _tell(untrusted_sentence: str, before: str, width: int) -> None:
    """A sentence on stderr: on a terminal, which would break within words, in lines; else whole, in one."""
    sentence = safe(untrusted_sentence)
    if not sys.stderr.isatty():
        sys.stderr.write(f"{before}{sentence}\n")
        return
    lines = textwrap.fill(
        sentence,
        width,
        initial_indent=before,
        subsequent_indent=_BESIDE,
        break_long_words=False,
        break_on_hyphens=False,
    )
    sys.stderr.write(f"{lines}\n")


def _escaped(match: re.Match[str]) -> str:
    """The same character to whoever reads the JSON: they stand in strings only."""
    return f"\\u{ord(match[0]):04x}"


def _encodable(value: Any) -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(part) for name, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, list | tuple) else value


def error_document(error: DiaryError) -> dict[str, Any]:
    """An error as the contract gives it."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
