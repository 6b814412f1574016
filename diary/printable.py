"""Text made safe for a terminal: what an entry holds is data and must never steer the screen."""

from __future__ import annotations

import re

# C0 and C1 control characters but tab and newline, DEL, and the bidirectional overrides that reorder a line.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(untrusted_text: str) -> str:
    """The same text with every steering character shown as a visible sign (ESC becomes ␛)."""
    return _STEERING.sub(_sign, untrusted_text.replace("\r\n", "\n"))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
