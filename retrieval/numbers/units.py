"""The one registry of units, made when a question first names a unit that is not the metric's own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint


@cache
def registry() -> pint.UnitRegistry[float]:
    """pint's units; half a second the first time."""
    import pint

    return pint.UnitRegistry()
