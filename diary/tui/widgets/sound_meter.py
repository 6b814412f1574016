"""How a running recording stands: for how long, how loud, whether speech is heard, what is wrong."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from diary.model.placeholder import clock
from diary.model.recording import Meter, Phase
from diary.sound_words import level_bar
from diary.tui.hearing import level_words, phase_words, remark, warnings
from diary.tui.plain import one_line

BAR = 30
OPENING = "Opening the microphone…"


class SoundMeter(Vertical, can_focus=False):
    """Shows a `Meter`; before the first there is only the opening."""

    DEFAULT_CSS = """
    SoundMeter { height: auto; }
    SoundMeter Static { height: auto; }
    SoundMeter #wrong { color: $warning; text-style: bold; }
    SoundMeter #remark { color: $muted; }
    """

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="phase", markup=False)
        yield Static(id="level", markup=False)
        yield Static(id="wrong", markup=False)
        yield Static(id="remark", markup=False)

    def on_mount(self) -> None:
        """Nothing is measured yet."""
        self.tell(OPENING)

    def tell(self, phase: str, wrong: str = "", hint: str = "") -> None:
        """Show words instead of a measure: before the first sound, and when there is none to come."""
        self._put("phase", Content.styled(phase, "bold"))
        self._put("level", Content(""))
        self._put("wrong", Content(wrong))
        self._put("remark", Content(hint))

    def show(self, meter: Meter) -> None:
        """Show how it stands."""
        going = meter.phase is Phase.RECORDING
        sign = {Phase.RECORDING: "● ", Phase.PAUSED: "‖ "}.get(meter.phase, "  ")
        style = "bold $error" if going else "bold"
        phase = Content.styled(f"{sign}{phase_words(meter)}", style)
        if meter.phase is not Phase.OPENING:
            phase += Content.styled(f"  {clock(int(meter.seconds))}", "bold")
        if going:
            phase += Content.styled("    ♪ hears you", "$success") if meter.heard else Content("    silence")
        self._put("phase", phase)
        name = one_line(meter.microphone, 40)
        level = f"{level_bar(meter.peak, BAR)} {level_words(meter.peak):<16}" if going else " " * (BAR + 17)
        self._put("level", Content.assemble(level, (f"  {name}", "$muted")))
        self._put("wrong", Content("\n".join(f"! {words}" for words in warnings(meter))))
        self._put("remark", Content(remark(meter)))

    def _put(self, name: str, words: Content) -> None:
        line = self.query_one(f"#{name}", Static)
        if line.content == words:
            return
        line.display = bool(words.plain.strip())
        # Several times a second: only lines that may wrap are laid out anew.
        line.update(words, layout=name in ("wrong", "remark"))
