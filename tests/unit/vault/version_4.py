"""A frozen vault of version 4: files kept with an entry, a deleted entry that can be brought back, and the
manifest with its anchor; how it was made: as `version_1` else.
"""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

from diary.model.attachment import AttachmentDraft
from diary.model.entry import EntryFilter
from diary.vault.ballast import BALLAST
from diary.vault.lock import LOCK
from diary.vault.vault import Vault
from tests.unit.vault import version_3
from tests.unit.vault.fresh import MORNING, words

FOLDER = Path(__file__).parent / "version_4"
CODE = FOLDER / "recovery-code.txt"
CONTENT = b"frozen file " * 20
NAME, MEDIA_TYPE = "letter.txt", "text/plain"
DELETED = "Deleted words."


def make(folder: Path) -> str:
    """Write one of everything; the recovery code. The oldest entry has a file, and so has the deleted one."""
    code = version_3.make(folder)
    with Vault.unlock(folder, code, now=lambda: MORNING) as vault:
        out = vault.entries.add(words(DELETED, days=9))
        for entry in (vault.entries.list(EntryFilter())[-1], out):
            file = AttachmentDraft(name=NAME, media_type=MEDIA_TYPE, content=io.BytesIO(CONTENT))
            vault.attachments.add(entry.id, [file])
        vault.deleted.take_out(out.id, kept_for=timedelta(days=36_500))
    return code


if __name__ == "__main__":
    if FOLDER.exists():
        raise SystemExit("The frozen vault is never made again.")
    code = make(FOLDER)
    for name in (BALLAST, LOCK):
        (FOLDER / name).unlink()
    CODE.write_text(code + "\n")
