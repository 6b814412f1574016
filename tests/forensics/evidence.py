"""A diary with one entry that is to be erased, and everything by which it could be known afterwards."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from diary.model.attachment import AttachmentDraft
from diary.model.entry import EntryChanges, EntryDraft, EntryId, Kind, Transcript
from diary.model.observation import ObservationDraft
from diary.model.speech import Segment, Word
from diary.vault.manifest_parts import WORDS
from diary.vault.vault import Vault
from retrieval.indexing import Indexer
from tests.fakes.models import FakeEmbedder
from tests.forensics.pages import in_the_clear
from tests.unit.vault.fresh import fresh_vault, words

MONTH = timedelta(days=30)
VALUE = 987654.125
_CONSONANTS, _VOWELS = "bcdfgklmnprstvz", "aeiou"
Needles = Mapping[str, bytes]


def invented(dice: random.Random) -> str:
    """A word of no language."""
    return "".join(dice.choice(_CONSONANTS) + dice.choice(_VOWELS) for _ in range(4))


@dataclass
class Diary:
    """A vault with others' entries and one that is to go.

    :ivar needles: what tells of it, by what it is. :ivar entry: its number.
    """

    vault: Vault
    entry: EntryId
    needles: dict[str, bytes]

    def index(self) -> None:
        """Index what is pending, with neighbours' words beside each entry's own."""
        Indexer(self.vault.passages, FakeEmbedder()).run()


def filled(folder: Path, *, others: int, imported: bool = False, seed: int = 5) -> Diary:
    """A diary of so many other entries, some edited, with one in their midst that has all an entry can have.

    :param imported: it came by an import of its own, and was not edited since.
    """
    dice = random.Random(seed)
    vault = fresh_vault(folder)
    common = [invented(dice) for _ in range(200)]
    span = others * 0.7

    def text(most: int) -> str:
        return " ".join(dice.choice(common) for _ in range(dice.randrange(8, most))) + "."

    kept = [vault.entries.add(words(text(80), days=dice.random() * span)).id for _ in range(others // 2)]
    entry = _imported(vault, span / 2) if imported else _spoken(vault, span / 2)
    vault.entries.add(words("Rain on the roof, an hour later.", days=span / 2 + 1 / 24))
    kept += [vault.entries.add(words(text(80), days=dice.random() * span)).id for _ in range(others // 2)]
    diary = Diary(vault, entry, {})
    diary.index()
    for other in dice.sample(kept, others // 4):
        vault.entries.revise(other, EntryChanges(text=vault.entries.get(other).text + " " + text(120)))
    said = ObservationDraft(
        key="zwickmuehle", start=0, end=1, written="quarktasche", value=VALUE, unit="", name="apfelkuchen"
    )
    vault.observations.record([(vault.entries.get(entry), [said])])
    diary.index()
    diary.needles = {**_WORDS, **_stored(vault, entry)}
    if not imported:
        diary.needles |= _OF_VERSIONS
    return diary


_WORDS = {
    "a word": b"zanahorias",
    "its stem": b"zanahoria",
    "the stem of another": b"murcielag",
    "the title": b"Quetzalcoatlus",
    "the title as a token": b"quetzalcoatlu",
    "a tag": b"gespensterwald",
    "what else it came with": b"trommelwirbel",
    "the key of a number": b"zwickmuehle",
    "the name of a number": b"apfelkuchen",
    "how a number was written": b"quarktasche",
    "a number": struct.pack(">d", VALUE),
}
_OF_VERSIONS = {
    "a word of an older version": b"desoxyribose",
    "the title of an older version": b"Erstfassung",
    "unsaved words": b"kaulquappen",
    "what was heard": b"nachtigallen",
    "what was heard before it was stopped": b"buchfinken",
    "who heard it": b"fluestermaschine",
    "what the recording was called": b"memorandum-seven.wav",
    "what a file was called": b"roentgenbild.png",
}
_TEXT = "Then zanahorias came, and murcielago. More of it after that, with zanahorias again."


def _spoken(vault: Vault, days: float) -> EntryId:
    draft = words(
        "",
        days=days,
        kind=Kind.VOICE,
        tags=("gespensterwald",),
        transcript=Transcript.WAITING,
        metadata='{"weather": "trommelwirbel"}',
    )
    entry = vault.recordings.keep(draft, b"sound" * 9000, name="memorandum-seven.wav").id
    word = Word(start=0, end=1, text="nachtigallen", confidence=1)
    heard = [Segment(start=0, end=1, text="nachtigallen", confidence=1, words=(word,))]
    vault.recordings.set_transcript(
        entry, "It was desoxyribose.", Transcript.TRANSCRIBED, heard, "fluestermaschine"
    )
    vault.entries.revise(entry, EntryChanges(text="Still desoxyribose, longer now.", title="Erstfassung"))
    vault.entries.revise(entry, EntryChanges(text=_TEXT, title="Quetzalcoatlus"))
    stopped = [Segment(start=0, end=1, text="buchfinken", confidence=1)]
    vault.recordings.set_partial(entry, stopped, 1.0, "fluestermaschine")
    vault.drafts.save("edit", "kaulquappen", entry=entry)
    bones = io.BytesIO(b"bones" * 999)
    file = AttachmentDraft(name="roentgenbild.png", media_type="image/png", content=bones)
    vault.attachments.add(entry, [file])
    return entry


def _imported(vault: Vault, days: float) -> EntryId:
    draft: EntryDraft = words(
        _TEXT,
        days=days,
        title="Quetzalcoatlus",
        tags=("gespensterwald",),
        source_id="rotkehlchen-9",
        metadata='{"weather": "trommelwirbel"}',
    )
    (entry,) = vault.imports.add([draft], format="jsonl", source="old.jsonl").added
    return entry


def _stored(vault: Vault, entry: EntryId) -> dict[str, bytes]:
    """Bytes that the vault made for it: vectors, keys, names of files, keyed hashes."""
    rows = vault._database.rows
    found: dict[str, bytes] = {}
    for number, (own, window) in enumerate(
        rows(
            "SELECT own, window FROM vectors WHERE passage IN (SELECT id FROM passages WHERE entry = ?)",
            (entry,),
        )
    ):
        found |= {f"vector {number}": own, f"vector {number} with what came before": window}
    for number, (window,) in enumerate(
        rows(
            "SELECT v.window FROM passages p JOIN vectors v ON v.passage = p.id "
            "WHERE p.ordinal = 0 AND p.entry = (SELECT entry FROM indexed_with WHERE before = ?)",
            (entry,),
        )
    ):
        found[f"the next entry's vector with its words {number}"] = window
    for table in ("recordings", "attachments"):
        for file, key in rows(f"SELECT file, key FROM {table} WHERE entry = ?", (entry,)):
            found |= {f"the key in {table}": key, f"the file in {table}": file.encode()}
    ((content, arrived, source),) = rows(
        "SELECT content, arrived, source_id FROM entries WHERE id = ?", (entry,)
    )
    found |= {"the hash of its words": content, "the hash of its words as they came": arrived}
    found["its leaf in the manifest"] = vault._watch.manifest._tree.leaves(WORDS, entry, entry)[entry]
    if source:
        found["its id in another program"] = source.encode()
    return found


def found_of(vault: Vault, needles: Needles) -> dict[str, list[str]]:
    """Which needles are still in any file of the vault, decrypted, and where."""
    pieces = list(in_the_clear(vault))
    whole = b"\n".join(piece for _, piece in pieces)
    return {
        name: [place for place, piece in pieces if needle in piece]
        for name, needle in needles.items()
        if needle in whole
    }
