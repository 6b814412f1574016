"""A frozen vault of version 2, with observations, and how it was made: as `version_1` in all else."""

from __future__ import annotations

from pathlib import Path

from diary.model.observation import ObservationDraft
from diary.vault.ballast import BALLAST
from diary.vault.lock import LOCK
from diary.vault.vault import Vault
from tests.unit.vault import version_1
from tests.unit.vault.fresh import MORNING, words

FOLDER = Path(__file__).parent / "version_2"
CODE = FOLDER / "recovery-code.txt"
TEXT = "A short night. sleep:: 5h30m"
READ = ObservationDraft(key="sleep", start=15, end=len(TEXT), written="5h30m", value=330.0, unit="min")


def make(folder: Path) -> str:
    """Write one of everything; the recovery code. One entry is read, the others are not."""
    code = version_1.make(folder)
    with Vault.unlock(folder, code, now=lambda: MORNING) as vault:
        vault.observations.use_reader(1)
        entry = vault.entries.add(words(TEXT, days=3))
        vault.observations.record([(entry, [READ])])
    return code


if __name__ == "__main__":
    if FOLDER.exists():
        raise SystemExit("The frozen vault is never made again.")
    code = make(FOLDER)
    for name in (BALLAST, LOCK):
        (FOLDER / name).unlink()
    CODE.write_text(code + "\n")
