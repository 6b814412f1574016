"""Colours: one theme for the evening, one for daylight.

Every pair of text and background keeps a contrast of at least 4.5 (WCAG 2.2, 1.4.3), and of 3 where a
terminal with 16 colours replaces each by its nearest; `tests/tui/test_look.py` measures both.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

EVENING: Final = Theme(
    name="evening",
    dark=True,
    background="#14161b",
    surface="#14161b",
    panel="#23262e",
    foreground="#dcd7cc",
    primary="#8fbfa8",
    secondary="#b3add9",
    accent="#e3b76e",
    warning="#e3b76e",
    error="#f0968a",
    success="#8fbfa8",
    variables={
        "muted": "#aaa79f",
        "line": "#3a3f4a",
        "quote": "#e3b76e",
        "block-cursor-foreground": "#14161b",
        "block-cursor-background": "#8fbfa8",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#dcd7cc",
        "block-cursor-blurred-background": "#2c313b",
        "block-cursor-blurred-text-style": "none",
        "footer-key-foreground": "#e3b76e",
        "footer-background": "#14161b",
        "footer-description-foreground": "#aaa79f",
        "input-selection-background": "#4a5a66",
        "scrollbar": "#3a3f4a",
        "scrollbar-background": "#14161b",
        "scrollbar-hover": "#5a606c",
        "scrollbar-active": "#8fbfa8",
        "scrollbar-background-hover": "#14161b",
        "scrollbar-background-active": "#14161b",
    },
)

DAYLIGHT: Final = Theme(
    name="daylight",
    dark=False,
    background="#faf7f0",
    surface="#faf7f0",
    panel="#ece7db",
    foreground="#24231f",
    primary="#1f6350",
    secondary="#544b8f",
    accent="#7a4b00",
    warning="#7a4b00",
    error="#9c2f20",
    success="#1f6350",
    variables={
        "muted": "#5d5a52",
        "line": "#cfc8b8",
        "quote": "#7a4b00",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#1f6350",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#24231f",
        "block-cursor-blurred-background": "#ddd6c6",
        "block-cursor-blurred-text-style": "none",
        "footer-key-foreground": "#7a4b00",
        "footer-background": "#faf7f0",
        "footer-description-foreground": "#5d5a52",
        "input-selection-background": "#bcd3cb",
        "scrollbar": "#cfc8b8",
        "scrollbar-background": "#faf7f0",
        "scrollbar-hover": "#b0a895",
        "scrollbar-active": "#1f6350",
        "scrollbar-background-hover": "#faf7f0",
        "scrollbar-background-active": "#faf7f0",
    },
)

OWN_VARIABLES: Final = ("muted", "line", "quote")
"""Variables of ours that the style sheets use; every theme must give them."""
