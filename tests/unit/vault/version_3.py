"""A frozen vault of version 3, with what it knows of voices, and how it was made: as `version_1` else."""

from __future__ import annotations

from pathlib import Path

from diary.model.entry import Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import Segment, Word
from diary.vault.ballast import BALLAST
from diary.vault.lock import LOCK
from diary.vault.vault import Vault
from tests.unit.vault import version_2
from tests.unit.vault.fresh import MORNING, words

FOLDER = Path(__file__).parent / "version_3"
CODE = FOLDER / "recovery-code.txt"
SOUND = [b"frozen " * 20, b"sound " * 20]
SEGMENT = Segment(
    start=0.25,
    end=1.5,
    text="Slept well.",
    confidence=0.75,
    words=(
        Word(start=0.25, end=0.75, text="Slept", confidence=0.5),
        Word(start=0.75, end=1.5, text="well.", confidence=1.0),
    ),
)
TERM = TermDraft(text="Dr Okafor", kind=TermKind.PERSON, instead_of=("dr okay for",), also=("Amaka",))


def make(folder: Path) -> str:
    """Write one of everything; the recovery code. One recording is saved, one waits half written down, one is
    unsaved.
    """
    code = version_2.make(folder)
    with Vault.unlock(folder, code, now=lambda: MORNING) as vault:
        for days, status in ((4, Transcript.ROUGH), (5, Transcript.WAITING), (6, None)):
            running = vault.spools.begin(MORNING)
            for piece in SOUND:
                running.append(piece)
            vault.spools.note(running.id, [SEGMENT], 1.75, "an engine")
            if status is not None:
                draft = words("Spoken.", days=days, kind=Kind.VOICE, transcript=status)
                vault.recordings.keep_spool(draft, running.id, name="spoken.wav")
        vault.glossary.add(TERM)
        vault.preferences.set("microphone", "frozen")
    return code


if __name__ == "__main__":
    if FOLDER.exists():
        raise SystemExit("The frozen vault is never made again.")
    code = make(FOLDER)
    for name in (BALLAST, LOCK):
        (FOLDER / name).unlink()
    CODE.write_text(code + "\n")
