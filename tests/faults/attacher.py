"""A process that attaches, removes and deletes until it is killed, and tells what it was promised."""

from __future__ import annotations

import io
import itertools
from multiprocessing.connection import Connection
from pathlib import Path

from diary.model.attachment import AttachmentDraft
from diary.vault.vault import Vault
from tests.faults.rotator import Countdown
from tests.unit.vault.fresh import words

TOGETHER = 3


def content_of(name: str) -> bytes:
    """What a file of this name holds; longer than some pieces of the stream."""
    return f"{name}\n".encode() * 30_000


def drafts_of(turn: int) -> list[AttachmentDraft]:
    names = [f"turn {turn} file {number}" for number in range(TOGETHER)]
    return [
        AttachmentDraft(name=name, media_type="text/plain", content=io.BytesIO(content_of(name)))
        for name in names
    ]


def attach_until_killed(folder: Path, code: str, last: int, told: Connection) -> None:
    """Add three files to each entry, remove the second, and delete every third entry.

    :param last: dies before this many names were opened, linked or removed; 0: when it is killed.
    """
    with Vault.unlock(folder, code) as vault:
        Countdown(folder, last)
        for turn in itertools.count():
            entry = vault.entries.add(words(f"turn {turn}")).id
            added = vault.attachments.add(entry, drafts_of(turn))
            told.send(("added", entry, [one.id for one in added]))
            told.send(("removing", entry, added[1].id))
            vault.attachments.remove(added[1].id)
            told.send(("removed", entry, added[1].id))
            if turn % 3 == 2:
                told.send(("deleting", entry, None))
                vault.entries.delete(entry)
                told.send(("deleted", entry, None))
