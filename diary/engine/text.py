"""Text on its way into an engine."""

from __future__ import annotations


def encodable(text: str) -> str:
    """The same text, with `?` for halves of surrogate pairs, which some exports hold and UTF-8 cannot say."""
    return text.encode("utf-8", "replace").decode("utf-8")
