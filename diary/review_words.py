"""What a review found, in plain words, for the command line and the screen."""

from __future__ import annotations

from typing import Final

from diary.model.review import Shown

OUTCOMES: Final = {
    Shown.SHOWN: "Later notes show it:",
    Shown.CONTRADICTED: "Later notes say otherwise:",
    Shown.NOT_MENTIONED: "Your notes do not mention it again.",
}
FEW: Final = "These are few notes: too few to say what recurs."
NOTHING: Final = "You wrote nothing then."
TO_COME: Final = "These days are still to come."
