"""Sound in signs and words that the screen and the command line share: a level as a bar. Pure."""

from __future__ import annotations

from typing import Final

FLOOR: Final = -60.0
"""dB of full scale at which the bar is empty: a quiet room before a usual microphone."""


def level_bar(peak: float, width: int) -> str:
    """`████████░░░░` for a level between -60 and 0 dB of full scale."""
    share = (min(max(peak, FLOOR), 0.0) - FLOOR) / -FLOOR
    full = round(share * width)
    return "█" * full + "░" * (width - full)
