"""Steps of an hour: each does one thing, and says what is true then; None for what is gone."""

from __future__ import annotations

import io
from datetime import timedelta

from diary.model.attachment import AttachmentDraft, AttachmentId
from diary.model.entry import BatchId, EntryChanges, EntryId, Kind, Transcript
from diary.model.recording import SpoolId
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from tests.faults.hour_facts import Facts, Hour, digest, facts_of
from tests.faults.renewer import indexer
from tests.faults.worlds import LATER, OTHER_FILE
from tests.unit.vault.fresh import words

PICTURE = b"image " * 30_000
IMPORTED = 12


def add(vault: Vault, text: str, *, days: int) -> Facts:
    return {("entry", vault.entries.add(words(text, days=days)).id): (text, False)}


def draft(vault: Vault, text: str) -> Facts:
    vault.drafts.save("new", text)
    return {("draft", "new"): text}


def discard_draft(vault: Vault) -> Facts:
    vault.drafts.discard("new")
    return {("draft", "new"): None}


def revise(vault: Vault, number: int, text: str) -> Facts:
    entry = vault.entries.revise(EntryId(number), EntryChanges(text=text))
    return {("entry", number): (text, entry.starred)}


def delete(vault: Vault, number: int) -> Facts:
    vault.entries.delete(EntryId(number))
    return {("entry", number): None}


def take_out(vault: Vault, number: int) -> Facts:
    vault.deleted.take_out(EntryId(number), kept_for=timedelta(days=30))
    return {("entry", number): None, ("deleted", number): True}


def bring_back(vault: Vault, number: int) -> Facts:
    entry = vault.deleted.restore(EntryId(number))
    files: Facts = {
        ("attachment", one.id): (number, digest(b"".join(vault.attachments.content(one.id))))
        for one in vault.attachments.of(entry.id)
    }
    return {("deleted", number): None, ("entry", number): (entry.text, entry.starred), **files}


def index(vault: Vault) -> Facts:
    read_pending(vault.observations)
    indexer(vault).run()
    return {}


def begin(vault: Vault, hour: Hour) -> Facts:
    hour.running = vault.spools.begin(LATER)
    return {("unsaved", hour.running.id): digest(b"")}


def append(hour: Hour, spool: SpoolId, said: bytes, piece: bytes) -> Facts:
    assert hour.running is not None
    hour.running.append(piece)
    return {("unsaved", spool): digest(said)}


def save(vault: Vault, spool: SpoolId, said: bytes) -> Facts:
    spoken = words("Spoken.", kind=Kind.VOICE, transcript=Transcript.WAITING, days=300)
    entry = vault.recordings.keep_spool(spoken, spool, name="spoken.wav")
    sound = vault.recordings.sound(entry.id)
    assert sound[44:] == said
    return {
        ("unsaved", spool): None,
        ("entry", entry.id): (entry.text, False),
        ("sound", entry.id): digest(sound),
    }


def discard(vault: Vault, spool: SpoolId) -> Facts:
    vault.spools.discard(spool)
    return {("unsaved", spool): None}


def throw_away(hour: Hour, spool: SpoolId) -> Facts:
    with hour.world.opened() as vault:
        return discard(vault, spool)


def forget_sound(vault: Vault, number: int) -> Facts:
    vault.recordings.forget_sound(EntryId(number))
    return {("sound", number): None}


def attach(vault: Vault, number: int) -> Facts:
    draft = AttachmentDraft(name="scan.png", media_type="image/png", content=io.BytesIO(PICTURE))
    (kept,) = vault.attachments.add(EntryId(number), [draft])
    return {("attachment", kept.id): (number, digest(PICTURE))}


def detach(vault: Vault, number: AttachmentId) -> Facts:
    vault.attachments.remove(number)
    return {("attachment", number): None}


def import_some(vault: Vault, source: str) -> Facts:
    drafts = [words(f"{source} {n}", days=400 + n, source_id=f"{source}{n}") for n in range(IMPORTED)]
    outcome = vault.imports.add(drafts, format="jsonl", source=source)
    entries: Facts = {("entry", number): (f"{source} {n}", False) for n, number in enumerate(outcome.added)}
    return {**entries, ("batch", outcome.batch): IMPORTED}


def undo(vault: Vault, hour: Hour, batch: BatchId) -> Facts:
    vault.imports.undo(batch)
    left = facts_of(vault)
    gone: Facts = {fact: None for fact in hour.facts if fact[0] in ("entry", "deleted") and fact not in left}
    return {("batch", batch): None, **gone}


def add_key(hour: Hour) -> Facts:
    with KeyRing.open(hour.world.vault, hour.world.secret) as keys:
        keys.add_key_file(OTHER_FILE)
    return {}


def rotate(hour: Hour) -> Facts:
    with KeyRing.open(hour.world.vault, hour.world.secret) as keys:
        code = keys.rotate().recovery_code
    return {("code", hour.known("code")[0]): None, ("code", code): True}
