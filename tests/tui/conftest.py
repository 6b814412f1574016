"""What every test of the screen shares: style sheets are parsed once and not for each of two hundred apps,
and frames are drawn when somebody looks.
"""

from __future__ import annotations

from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}
_parse = Stylesheet._parse_rules
_draw = Compositor.render_update


@pytest.fixture(autouse=True, scope="session")
def _style_sheets_are_parsed_once() -> Any:
    """As `Stylesheet` does within one app; what was parsed is never changed, and hangs on the theme."""

    def parsed(sheet: Stylesheet, css: str, read_from: Any, **more: Any) -> list[RuleSet]:
        key = (css, read_from, *more.items(), *sheet._variables.items())
        if key not in _PARSED:
            _PARSED[key] = _parse(sheet, css, read_from, **more)
        return _PARSED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield


@pytest.fixture(autouse=True, scope="session")
def _frames_are_drawn_when_somebody_looks() -> Any:
    """Without a terminal Textual draws each frame and throws it away, for a third of the time of a test. What
    is looked at, by `Opened.text`, by a picture, and after each key by the driver, is drawn as ever.
    """

    def drawn(made: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False) -> Any:
        if full:
            return _draw(made, full, screen_stack, simplify)
        visible_screen_stack.set([] if screen_stack is None else screen_stack)
        made._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", drawn)
        yield
