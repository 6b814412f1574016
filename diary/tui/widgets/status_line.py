"""The line above the footer: the seal and what it does not reach, the vault, how many entries, the models,
what is being indexed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from diary.model.backup import BackupDue
from diary.model.progress import Progress
from diary.tui.plain import counted, one_line
from diary.tui.ports import StatusFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the status line says; `facts` None before the first count.

    :ivar caveats: of the seal, in a few words each: "as root".
    :ivar notice: what is told once, in place of all but the seal; empty when nothing is.
    """

    seal: str
    sealed: bool
    vault: str
    caveats: tuple[str, ...] = ()
    facts: StatusFacts | None = None
    indexing: Progress | None = None
    writing: Progress | None = None
    backup: Progress | None = None
    due: BackupDue | None = None
    notice: str = ""


WRITING = "writing down a recording…"


def work_words(board: Board) -> str:
    """What is being done, or is to be done before everything can be searched; empty when nothing is."""
    if board.writing is not None:
        total = board.writing.total
        return f"writing down a recording, {board.writing.done * 100 // total} %" if total else WRITING
    if board.backup is not None:
        percent = board.backup.done * 100 // (board.backup.total or 1)
        return f"{'proving' if 'Prov' in board.backup.task else 'backing up'}, {percent} %"
    if board.indexing is not None:
        of_total = f" of {board.indexing.total:,}" if board.indexing.total else ""
        return f"indexing {board.indexing.done:,}{of_total}"
    if board.facts is not None and board.facts.pending:
        return f"{counted(board.facts.pending, 'entry', 'entries')} not searchable yet"
    return ""


def reminder_words(board: Board) -> str:
    """That a backup is due, and the key that makes one; empty when none is."""
    if board.due is None:
        return ""
    return f"{board.due.words}; b makes one" if board.due.folder else board.due.words


def model_words(facts: StatusFacts) -> list[str]:
    """The models by name, without the hash that tells files apart."""
    if facts.embedder == "none":
        return ["no search model"]
    names = [facts.embedder, *([facts.language_model] if facts.language_model else [])]
    return [one_line(re.split(r"[\s@:#]", name.rsplit("/", 1)[-1])[0], 28) for name in names]


class StatusLine(Widget):
    """Shows the app's `board`; drops models first when the line is too narrow. Without a seal the whole line
    is a warning, for as long as the program runs.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $muted; }
    StatusLine.-open { background: $warning; color: $background; text-style: bold; }
    """

    board: reactive[Board | None] = reactive(None)

    def on_mount(self) -> None:
        """Follow the board of the app."""
        self.watch(self.app, "board", self._take)

    def _take(self, board: Board) -> None:
        self.set_class(not board.sealed, "-open")
        self.board = board

    def render(self) -> Content:
        """The line, as much as fits."""
        board = self.board
        if board is None:
            return Content("")
        return notice_words(board, self.size.width) if board.notice else self._facts(board, self.size.width)

    def _facts(self, board: Board, room: int) -> Content:
        seal = Content.styled(f"● {board.seal}", "$success") if board.sealed else Content(f"! {board.seal}")
        work = work_words(board)
        style = ("$accent" if work else "$muted") if board.sealed else ""
        work = work or reminder_words(board)
        caution = "$warning" if board.sealed else ""
        optional = [Content.styled(caveat, caution) for caveat in board.caveats]
        optional.append(Content(one_line(board.vault, 24)))
        if board.facts is not None:
            optional.insert(0, Content(counted(board.facts.entries, "entry", "entries")))
            optional += map(Content, model_words(board.facts))
        left = seal
        for words in optional:
            longer = left + Content(" · ") + words
            if longer.cell_length + (len(work) + 2 if work else 0) > room:
                break
            left = longer
        if not work:
            return left
        gap = max(1, room - left.cell_length - len(work))
        return left + Content(" " * gap) + Content.styled(work, style)


def notice_words(board: Board, room: int) -> Content:
    """What is told, with as much of the seal beside it as there is room for; a missing one stays whole."""
    told = Content.styled(board.notice, "$warning" if board.sealed else "")
    whole = Content.styled(f"● {board.seal}", "$success") if board.sealed else Content(f"! {board.seal}")
    shorter = [Content.styled(sign, "$success") for sign in ("● sealed", "●")] if board.sealed else []
    for seal in (whole, *shorter):
        line = seal + Content(" · ") + told
        if line.cell_length <= room:
            return line
    return line
