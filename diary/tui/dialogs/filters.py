"""Offers the filters of a search or question as the words typed for them, so that they are learnt."""

from __future__ import annotations

from diary.tui.dialogs.choice import Choice, ChoiceDialog

CHOICES = (
    Choice(key="t", label="Tag", value="tag:"),
    Choice(key="s", label="Starred", value="is:starred "),
    Choice(key="n", label="Notes", value="kind:note "),
    Choice(key="v", label="Voice", value="kind:voice "),
    Choice(key="p", label="Plans", value="kind:plan "),
)
DETAILS = (
    "They may stand anywhere in what you type:\n"
    "tag:health or #health · is:starred · kind:voice · from:2025-05 · to:yesterday"
)


class FilterDialog(ChoiceDialog):
    """Returns the words of a filter, or None for Escape."""

    def __init__(self) -> None:
        super().__init__("Only entries that are …", details=DETAILS, choices=CHOICES)
