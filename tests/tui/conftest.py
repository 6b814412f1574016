"""What every test of the screen shares: style sheets, parsed once and not for each of two hundred apps."""

from __future__ import annotations

from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}
_parse = Stylesheet._parse_rules


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
