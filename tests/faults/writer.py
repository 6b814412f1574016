"""A process that writes into a vault until it is killed, and tells what it was promised is kept."""

from __future__ import annotations

import itertools
from multiprocessing.connection import Connection
from pathlib import Path

from diary.model.entry import EntryChanges, Kind
from diary.model.passage import PassageDraft
from diary.vault.vault import Vault
from tests.unit.vault.fresh import words

DIMENSIONS = 16
IMPORTED = 40  # entries in one import: long enough to be killed in the middle of


def sound_of(number: int) -> bytes:
    """A recording that can be told from its entry's number; longer than one piece of the stream."""
    return number.to_bytes(4, "big") * 20_000


def write_until_killed(folder: Path, code: str, run: int, told: Connection) -> None:
    """Do one thing after another; send its name, number and words once it has returned."""
    with Vault.unlock(folder, code) as vault:
        vault.passages.use_model("tiny", DIMENSIONS)
        for turn in itertools.count():
            text = f"turn {turn} of run {run} " + "word " * (turn % 200)
            added = vault.entries.add(words(text, days=turn % 30))
            told.send(("added", added.id, text))
            outcome = vault.imports.add(
                [words(f"{text} {number}", source_id=f"{added.id}-{number}") for number in range(IMPORTED)],
                format="jsonl",
                source="x",
            )
            told.send(("imported", outcome.batch, IMPORTED))
            vault.drafts.save("new", text)
            told.send(("drafted", added.id, text))
            index(vault, added.id, text)
            told.send(("indexed", added.id, text))
            vault.entries.revise(outcome.added[0], EntryChanges(text=f"{text} edited"))
            told.send(("revised", outcome.added[0], f"{text} edited"))
            voice = vault.recordings.keep(words("", kind=Kind.VOICE), sound_of(added.id), name="a.wav")
            told.send(("recorded", voice.id, str(added.id)))
            if turn % 4 == 3:
                told.send(("deleting", added.id, ""))
                vault.entries.delete(added.id)
                told.send(("deleted", added.id, ""))


def index(vault: Vault, number: int, text: str) -> None:
    entry = next((one for one in vault.passages.pending(limit=10_000) if one.id == number), None)
    if entry is None:
        return
    vault.passages.adjacent(entry)
    vector = bytes([number % 99 + 1] * DIMENSIONS)
    passage = PassageDraft(
        ordinal=0, start=0, end=len(text), header="[x]", text=text, context="", own=vector, window=vector
    )
    vault.passages.replace(entry, [passage])
