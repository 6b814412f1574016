"""Operations on what the person writes and says, each killed at any moment of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta

from diary.model.attachment import AttachmentDraft
from diary.model.entry import BatchId, Entry, EntryChanges, EntryFilter, Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import Segment
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from tests.faults.renewer import AFTER, BEFORE, Letters, indexer
from tests.faults.worlds import LATER, Operation, Steps, World, indexed_picture, vault_picture
from tests.unit.vault.fresh import MORNING, fresh_folder, words

IMPORTED = 30
INDEXED = 40
SAID = "sleep:: 6h30m and a headache"
HEARD = [Segment(start=0, end=0.5, text="Slept badly.", confidence=0.5)]


def sound_of(number: int) -> bytes:
    """Two and a half records of the stream, that can be told from another's."""
    return number.to_bytes(4, "big") * 40_000


def piece_of(number: int) -> bytes:
    """A fifth of a second of sound, that can be told from another's."""
    return number.to_bytes(4, "big") * 1_600


def furnish(world: World) -> str:
    """Entries of every kind, indexed, with a draft, a term, an import and an unsaved recording."""
    _, code = fresh_folder(world.vault.parent)
    with Vault.unlock(world.vault, code, now=lambda: LATER) as vault:
        Furnished(vault).fill()
    return code


class Furnished:
    """What is in the vault that operations find."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def fill(self) -> None:
        vault = self.vault
        for day in range(6):
            vault.entries.add(words(f"turn {day} {SAID}", days=day, tags=("a",)))
        vault.recordings.keep(words("spoken turn", kind=Kind.VOICE, days=7), sound_of(7), name="a.wav")
        vault.imports.add(_drafts("before"), format="jsonl", source="before")
        vault.drafts.save("new", "an unsaved turn")
        vault.glossary.add(TermDraft(text="Dr Okafor", kind=TermKind.PERSON, instead_of=("dr okay for",)))
        newest = vault.entries.list(EntryFilter())[0].id
        vault.attachments.add(newest, [_file("old.png", 9)])
        running = vault.spools.begin(MORNING)
        running.append(piece_of(1))
        running.close()
        read_pending(vault.observations)
        indexer(vault, Letters(*BEFORE)).run()


def _drafts(what: str) -> Sequence[object]:
    return [
        words(f"turn {number} {what}", days=20 + number, source_id=f"{what}-{number}")
        for number in range(IMPORTED)
    ]


def _oldest(vault: Vault, **chosen: object) -> Entry:
    return vault.entries.list(EntryFilter(**chosen))[-1]  # type: ignore[arg-type]


def write(world: World) -> Steps:
    """Three entries."""
    with world.opened() as vault:
        yield
        for number in range(3):
            yield vault.entries.add(words(f"turn {number} written. {SAID}", days=90 + number)).id


def edit(world: World) -> Steps:
    """New words, which leave the index; another day, which takes the neighbours' words with it; a star."""
    with world.opened() as vault:
        entry = _oldest(vault).id
        yield
        yield vault.entries.revise(entry, EntryChanges(text="turn with other words")).revision
        yield vault.entries.revise(entry, EntryChanges(happened=MORNING + timedelta(days=3))).revision
        yield vault.entries.revise(entry, EntryChanges(starred=True)).revision


def delete(world: World) -> Steps:
    """An entry among others, and one with a recording."""
    with world.opened() as vault:
        chosen = [_oldest(vault).id, _oldest(vault, kind=Kind.VOICE).id] if _left(vault) else []
        yield
        for entry in chosen:
            vault.entries.delete(entry)
            yield entry


def take_out(world: World) -> Steps:
    """Entries that are deleted, with words, a recording, a file; one comes back, one is erased for good."""
    with world.opened() as vault:
        spoken = [entry.id for entry in vault.entries.list(EntryFilter(kind=Kind.VOICE))]
        written = [entry.id for entry in vault.entries.list(EntryFilter()) if entry.id not in spoken]
        # What is erased is not what came back, also when it is all done a second time.
        chosen = [written[-1], written[0], *spoken]
        yield
        for entry in chosen:
            vault.deleted.take_out(entry, kept_for=timedelta(days=30))
            yield entry
        vault.deleted.restore(chosen[-1])
        yield "restored"
        vault.deleted.erase([chosen[-2]])
        yield "erased"


def _left(vault: Vault) -> bool:
    return bool(vault.entries.list(EntryFilter(kind=Kind.VOICE)))


def import_some(world: World) -> Steps:
    """Two imports, all or none of each."""
    with world.opened() as vault:
        yield
        for what in ("first", "second"):
            yield vault.imports.add(_drafts(what), format="jsonl", source=what).batch  # type: ignore[arg-type]


def undo_import(world: World) -> Steps:
    """The import there is, taken back."""
    with world.opened() as vault:
        batches = [batch.id for batch in vault.imports.batches()]
        yield
        for batch in batches:
            yield vault.imports.undo(BatchId(batch))


def draft(world: World) -> Steps:
    """Pauses of somebody who types, and the words that become an entry."""
    with world.opened() as vault:
        yield
        for number in range(3):
            vault.drafts.save("new", "typed " * (number + 1))
            yield number
        vault.drafts.discard("new")
        yield "discarded"


def glossary(world: World) -> Steps:
    """A term, another name of it, and one that goes."""
    with world.opened() as vault:
        first = [term.id for term in vault.glossary.terms() if term.text == "Dr Okafor"]
        yield
        yield vault.glossary.add(TermDraft(text="topiramate", kind=TermKind.MEDICINE)).id
        named = TermDraft(text="Topiramate", kind=TermKind.MEDICINE, also=("Topamax",))
        yield vault.glossary.add(named).id
        for term in first:
            vault.glossary.remove(term)
        yield "removed"


def record(world: World) -> Steps:
    """A recording that grows, is written down, and becomes an entry; the one before it is discarded."""
    with world.opened() as vault:
        unsaved = [one.id for one in vault.spools.unfinished()]
        yield
        running = vault.spools.begin(LATER)
        yield "begun"
        for number in range(4):
            running.append(piece_of(number))
            yield number
        vault.spools.note(running.id, HEARD, 0.5, "an engine")
        yield "noted"
        spoken = words("spoken", kind=Kind.VOICE, transcript=Transcript.TRANSCRIBED, days=95)
        entry = vault.recordings.keep_spool(spoken, running.id, name="spoken.wav").id
        yield "saved"
        vault.recordings.set_transcript(entry, "Spoken again.", Transcript.TRANSCRIBED, HEARD, "another")
        yield "written down"
        vault.recordings.forget_sound(entry)
        yield "forgotten"
        for one in unsaved:
            vault.spools.discard(one)
        yield "discarded"


def attach(world: World) -> Steps:
    """Two files with an entry, another with one that has some already, and one that goes."""
    with world.opened() as vault:
        first, second = _oldest(vault).id, vault.entries.list(EntryFilter())[0].id
        before = [one.id for one in vault.attachments.of(second)]
        yield
        vault.attachments.add(first, [_file("scan.png", 1), _file("notes.txt", 2)])
        yield "two"
        vault.attachments.add(second, [_file("letter.pdf", 3)])
        yield "one"
        for one in before:
            vault.attachments.remove(one)
        yield "removed"


def _file(name: str, number: int) -> AttachmentDraft:
    return AttachmentDraft(name=name, media_type="image/png", content=io.BytesIO(sound_of(number)))


def aged(world: World) -> str:
    """Entries with versions that were replaced."""
    code = furnish(world)
    with world.opened(code) as vault:
        for entry in vault.entries.list(EntryFilter())[-4:]:
            for words_since in ("turned", "turned again"):
                vault.entries.revise(entry.id, EntryChanges(text=words_since))
    return code


def retain(world: World) -> Steps:
    """What is too old: versions of entries, then entries, one with a recording."""
    with world.opened() as vault:
        moment = LATER + timedelta(days=1)
        versions = vault.ageing.versions(moment)
        voices = [entry.id for entry in vault.entries.list(EntryFilter(kind=Kind.VOICE))]
        old = vault.ageing.entries(moment)
        chosen = old[:3] + [one for one in old[3:] if one.entry in voices]
        yield
        yield vault.ageing.erase(versions)
        yield vault.ageing.erase(chosen)


def unindexed(world: World) -> str:
    """Entries that the index has yet to see, beside some that it has."""
    code = furnish(world)
    with world.opened(code) as vault:
        for number in range(INDEXED):
            vault.entries.add(words(f"turn {number} new. {SAID}", days=40 + number / 3))
    return code


def index(world: World) -> Steps:
    """Reading and indexing all there is, as a search does."""
    with world.opened() as vault:
        yield
        read_pending(vault.observations)
        indexer(vault, Letters(*BEFORE)).run()
        yield "indexed"


def change_model(world: World) -> Steps:
    """Everything embedded again with another model, which takes the place of the one before."""
    with world.opened() as vault:
        yield
        indexer(vault, Letters(*AFTER)).run()
        yield "changed"


OPERATIONS = (
    Operation("write", furnish, write, vault_picture),
    Operation("edit", furnish, edit, vault_picture),
    Operation("delete", furnish, delete, vault_picture),
    Operation("deletion taken back", furnish, take_out, vault_picture),
    Operation("import", furnish, import_some, vault_picture),
    Operation("undo of an import", furnish, undo_import, vault_picture),
    Operation("draft", furnish, draft, vault_picture),
    Operation("glossary", furnish, glossary, vault_picture),
    Operation("recording", furnish, record, vault_picture),
    Operation("attachments", furnish, attach, vault_picture),
    Operation("retention", aged, retain, vault_picture),
    Operation("index", unindexed, index, indexed_picture),
    Operation("change of the model", unindexed, change_model, indexed_picture),
)
