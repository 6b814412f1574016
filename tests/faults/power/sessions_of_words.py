"""Sessions in which a person writes, speaks, attaches, imports and removes."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from diary.model.attachment import AttachmentDraft
from diary.model.entry import EntryChanges, Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import Segment
from diary.vault.vault import Vault
from tests.faults.power.scene import Scene
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, TickingClock, words


def beginning(scene: Scene) -> None:
    """A new vault, and the first words in it."""
    vault, scene.secret = Vault.create(scene.folder, PASSPHRASE, kdf=CHEAPEST, now=TickingClock())
    with vault:
        scene.tell(vault)
        vault.entries.add(words("The first words."))
        scene.tell(vault)
    with scene.open() as vault:
        scene.tell(vault)


def writing(scene: Scene) -> None:
    """Entries, revisions, drafts, removal, names; closed and opened in between."""
    for evening in range(3):
        with scene.open() as vault:
            scene.tell(vault)
            for number in range(4):
                vault.drafts.save("new", f"Unsaved {number}. " * 50)
                scene.tell(vault)
                entry = vault.entries.add(words(f"Evening {evening}, {number}. " * 40**number, days=number))
                scene.tell(vault)
                if number % 2:
                    vault.entries.revise(entry.id, EntryChanges(text=f"Changed {number}.", starred=True))
                    scene.tell(vault)
            vault.drafts.discard("new")
            scene.tell(vault)
            vault.entries.delete(entry.id)
            scene.tell(vault)
            vault.glossary.add(TermDraft(text=f"Dr Okafor {evening}", kind=TermKind.PERSON))
            scene.tell(vault)
            vault.preferences.set("microphone", str(evening))
            scene.tell(vault)


def a_long_log(scene: Scene) -> None:
    """So much written that the log is moved into the main file by itself."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(40):
            vault.entries.add(words(f"{number} at length. " * 3_000, days=number))
            scene.tell(vault)
            if number % 8 == 7:
                vault.drafts.save("new", "unsaved " * 20_000)
                scene.tell(vault)


def importing(scene: Scene) -> None:
    """Imports, each one transaction, and taking one back."""
    with scene.open() as vault:
        scene.tell(vault)
        for batch in range(4):
            drafts = [words(f"{batch}, {n} " * (n + 1), days=n, source_id=f"{batch}-{n}") for n in range(40)]
            made = vault.imports.add(drafts, format="jsonl", source=f"{batch}.jsonl")
            scene.tell(vault)
            if batch % 2:
                assert made.batch is not None
                vault.imports.undo(made.batch)
                scene.tell(vault)


def indexing(scene: Scene) -> None:
    """Passages, vectors and observations are made, made again by another model, and removed."""
    from ingest.observations.pending import read_pending
    from retrieval.indexing import Indexer
    from tests.faults.renewer import AFTER, BEFORE, Letters

    before, after = Letters(*BEFORE), Letters(*AFTER)
    with scene.open() as vault:
        scene.tell(vault)
        for model in (before, before, after):
            for number in range(6):
                added = vault.entries.add(words(f"Slept again, sleep:: {number + 1}h. " * 9, days=number))
                scene.tell(vault)
            Indexer(vault.passages, model, {before.model: before}.get).run()
            read_pending(vault.observations)
            scene.tell(vault, lasting=())
            vault.entries.revise(added.id, EntryChanges(text=f"Pain again, pain:: 4/10, by {model.model}"))
            scene.tell(vault)
            vault.entries.delete(added.id)
            scene.tell(vault)


def closing(scene: Scene) -> None:
    """Closed and opened again, each time with something in the log that was not forced to the disk."""
    from ingest.observations.pending import read_pending

    for evening in range(5):
        with scene.open() as vault:
            scene.tell(vault)
            vault.entries.add(words(f"Slept again, sleep:: {evening + 1}h.", days=evening))
            scene.tell(vault)
            read_pending(vault.observations)


SEGMENT = Segment(start=0.0, end=1.0, text="Slept well.", confidence=0.5)


def recording(scene: Scene) -> None:
    """Unsaved recordings grow, are saved, are discarded; saved ones are written down and forgotten."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(4):
            running = vault.spools.begin(MORNING)
            scene.tell(vault)
            for piece in range(6):
                running.append(bytes([number, piece]) * (piece * 2_501 + 160))
                scene.tell(vault, lasting=("sounds",))
            vault.spools.note(running.id, [SEGMENT] * (number + 1), 1.0, "whisper")
            scene.tell(vault, lasting=("sounds",))
            if number % 2:
                vault.spools.discard(running.id)
            else:
                draft = words("Spoken.", kind=Kind.VOICE, transcript=Transcript.WAITING)
                entry = vault.recordings.keep_spool(draft, running.id, name="spoken.wav")
            scene.tell(vault)
            vault.recordings.keep(words("", kind=Kind.VOICE), bytes([number]) * 150_000, name="a.wav")
            scene.tell(vault)
        vault.recordings.set_transcript(entry.id, "Heard.", Transcript.TRANSCRIBED, [SEGMENT], "whisper")
        scene.tell(vault)
        vault.recordings.forget_sound(entry.id)
        scene.tell(vault)
        vault.entries.delete(entry.id)
        scene.tell(vault)


def file_of(content: bytes) -> AttachmentDraft:
    return AttachmentDraft(name="scan.png", media_type="image/png", content=BytesIO(content))


def attaching(scene: Scene) -> None:
    """Files are put with entries, several at once, and go by themselves or with their entry."""
    with scene.open() as vault:
        scene.tell(vault)
        for number, sizes in enumerate([(0, 70_000), (200_000,), (1, 65_536, 65_537)]):
            entry = vault.entries.add(words(f"With files {number}.")).id
            scene.tell(vault)
            added = vault.attachments.add(entry, [file_of(b"x" * size) for size in sizes])
            scene.tell(vault)
            if number == 0:
                vault.attachments.remove(added[0].id)
                scene.tell(vault)
        vault.entries.delete(entry)
        scene.tell(vault)


def removing(scene: Scene) -> None:
    """Entries with files go, come back, and are erased."""
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(4):
            voice = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound" * 9_000, name="a.wav").id
            scene.tell(vault)
            vault.attachments.add(voice, [file_of(b"scan" * 20_000)])
            scene.tell(vault)
            vault.deleted.take_out(voice, kept_for=timedelta(days=30))
            scene.tell(vault)
            if number % 2:
                vault.deleted.restore(voice)
            else:
                vault.deleted.erase([voice])
            scene.tell(vault)
