"""What a process does while it is recorded: `python -m tests.faults.power.sessions NAME ROOT TOLD CODE
[MUTATION]`.

Each session is a person's hour in small. After every step it tells what the vault holds now, which is its
acknowledgement: from then on it has to be so, until the next step, which may have happened or not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from diary.model.entry import EntryChanges, Kind, Transcript
from diary.model.key import KeyFile
from diary.vault.keyring import KeyRing
from tests.faults.power import sessions_of_vaults, sessions_of_words
from tests.faults.power.mutations import MUTATIONS
from tests.faults.power.scene import KEY_FILE, Scene
from tests.faults.power.sessions_of_words import file_of
from tests.unit.vault.fresh import MORNING, words


def an_evening(scene: Scene) -> None:
    """Some of everything, for the short form."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.drafts.save("new", "Unsaved words. " * 50)
        scene.tell(vault)
        entry = vault.entries.add(words("Slept badly. " * 500)).id
        scene.tell(vault)
        vault.entries.revise(entry, EntryChanges(text="Slept well."))
        scene.tell(vault)
        drafts = [words(f"Imported {n}.", days=n, source_id=str(n)) for n in range(9)]
        vault.imports.add(drafts, format="jsonl", source="notes.jsonl")
        scene.tell(vault)
        vault.attachments.add(entry, [file_of(b"scan" * 20_000)])
        scene.tell(vault)
        running = vault.spools.begin(MORNING)
        scene.tell(vault)
        running.append(b"spoken" * 3_000)
        scene.tell(vault, lasting=("sounds",))
        draft = words("Spoken.", kind=Kind.VOICE, transcript=Transcript.WAITING)
        vault.recordings.keep_spool(draft, running.id, name="spoken.wav")
        scene.tell(vault)
        vault.entries.delete(entry)
        scene.tell(vault)
        vault.backups.make(scene.stick / "one.backup")
        scene.tell(vault)
    with KeyRing.open(scene.folder, scene.secret) as ring:
        ring.add_key_file(KEY_FILE)
    scene.tell_closed()


OPENING = "opening"
SESSIONS: dict[str, Callable[[Scene], None]] = {
    "beginning": sessions_of_words.beginning,
    "writing": sessions_of_words.writing,
    "a long log": sessions_of_words.a_long_log,
    "importing": sessions_of_words.importing,
    "indexing": sessions_of_words.indexing,
    "closing": sessions_of_words.closing,
    "recording": sessions_of_words.recording,
    "attaching": sessions_of_words.attaching,
    "removing": sessions_of_words.removing,
    "an evening": an_evening,
    "keys": sessions_of_vaults.keys,
    "backing up": sessions_of_vaults.backing_up,
    "going on from a backup": sessions_of_vaults.going_on_from_a_backup,
    "restoring": sessions_of_vaults.restoring,
    OPENING: sessions_of_vaults.opening,
    "from version 1": sessions_of_vaults.opening,
    "from version 2": sessions_of_vaults.opening,
    "from version 3": sessions_of_vaults.opening,
}


def main(name: str, root: str, told: str, secret: str, mutation: str = "") -> None:
    """Run one session to its end."""
    handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if mutation:
        MUTATIONS[mutation]()
    file = KeyFile(bytes.fromhex(secret.removeprefix("file:"))) if secret.startswith("file:") else None
    SESSIONS[name](Scene(Path(root), handle, file or secret))


if __name__ == "__main__":
    main(*sys.argv[1:])
