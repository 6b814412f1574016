"""What an open diary can do with voices: record, write down, read through, play, and know the person's words.

Reached as `Session.voice`; satisfies `diary.tui.voice_ports.Speaking`, and what the command line needs beside
it. Rooms: `recording` and `saving` (what is no entry yet), `writing_down` (recordings become words),
`reviewing` (words beside their sound), `terms` (the glossary), `trying` (what is kept nowhere); `base` is
what they share.

Rules: sound is kept before anything is asked of a model; what a person says now is heard before what waits;
words that a person changed are never replaced unless they say so; everything long takes `report` and
`cancelled`, and ends when the diary is closed.

Not here: threads and files (`ingest`), the keeping (`diary.vault`), models and microphones.
"""

from __future__ import annotations

from diary.voice.recording import Recording
from diary.voice.reviewing import Reviewing
from diary.voice.saving import Saving
from diary.voice.terms import Terms
from diary.voice.writing_down import WritingDown


class Voice(Recording, Saving, WritingDown, Reviewing, Terms):
    """All of it."""
