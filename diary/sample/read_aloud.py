"""Passages to read aloud, so that it can be seen how well somebody is heard: invented, some sixty words each,
of everyday things, without numbers and names, which are written in several ways.
"""

from __future__ import annotations

_ENGLISH = """
On Tuesday morning I walked along the river before breakfast. The water was high after so many days of rain,
and a white heron stood on the wooden bridge as if it owned the place. My left knee felt stiff at first and
much better on the way back. At home I made tea, wrote a few letters, and slept for an hour in the afternoon.
"""

_GERMAN = """
Am Dienstag bin ich vor dem Frühstück am Fluss entlang gegangen. Das Wasser stand nach dem langen Regen hoch,
und ein weißer Reiher saß auf der Holzbrücke, als ob sie ihm gehörte. Mein linkes Knie war zuerst steif, aber
auf dem Rückweg ging es schon viel besser. Zu Hause habe ich Tee gekocht, einige Briefe geschrieben und am
Nachmittag eine Stunde geschlafen.
"""

_PASSAGES = {"en": _ENGLISH, "de": _GERMAN}


def passage(language: str | None) -> tuple[str, str]:
    """The language and the words of a passage: in this language if there is one, else in English."""
    chosen = "de" if language == "de" else "en"
    return chosen, " ".join(_PASSAGES[chosen].split())
