"""A frozen vault of version 1, and how it was made: every later version must be able to open it.

Never made again once released: `python -m tests.unit.vault.version_1` wrote it, with pages of 1 KiB so that
it stays small. Its words are made up; its recovery code lies beside it on purpose.
"""

from __future__ import annotations

from pathlib import Path

from diary.model.entry import EntryChanges, Kind, Transcript
from diary.model.passage import PassageDraft
from diary.model.speech import Segment
from diary.vault.ballast import BALLAST
from diary.vault.lock import LOCK
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST, MORNING, words

FOLDER = Path(__file__).parent / "version_1"
CODE = FOLDER / "recovery-code.txt"
PASSPHRASE = "a frozen vault"
SOUND = b"RIFF frozen sound"
SEGMENT = Segment(start=0.0, end=1.0, text="Spoken words.", confidence=0.5)
VECTOR = bytes(range(1, 9))


def passage(text: str, ordinal: int) -> PassageDraft:
    return PassageDraft(
        ordinal=ordinal,
        start=0,
        end=len(text),
        header="[8 May 2026, Fri]",
        text=text,
        context="neighbour",
        own=VECTOR,
        window=VECTOR[::-1],
    )


def make(folder: Path) -> str:
    """Write one of everything; the recovery code."""
    vault, code = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST, page_size=1024, now=lambda: MORNING)
    entry = vault.entries.add(words("First words.", title="One", tags=("a", "b"), starred=True))
    vault.entries.revise(entry.id, EntryChanges(text="Edited words."))
    imported = words("Imported words.", days=1, source_id="7", metadata="k: v")
    vault.imports.add([imported], format="jsonl", source="s")
    voice = vault.recordings.keep(
        words("", days=2, kind=Kind.VOICE, transcript=Transcript.WAITING), SOUND, name="note.wav"
    )
    vault.recordings.set_transcript(voice.id, SEGMENT.text, Transcript.TRANSCRIBED, [SEGMENT], "an engine")
    vault.drafts.save("new", "Unsaved words.")
    vault.passages.use_model("frozen model", len(VECTOR))
    vault.passages.replace(vault.entries.get(entry.id), [passage("Edited words.", 0)])
    vault.close()
    return code


if __name__ == "__main__":
    if FOLDER.exists():
        raise SystemExit("The frozen vault is never made again.")
    code = make(FOLDER)
    for name in (BALLAST, LOCK):
        (FOLDER / name).unlink()
    CODE.write_text(code + "\n")
