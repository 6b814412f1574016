"""What a person may try against each rule of a clinic's policy: by a command, by keys on the screen, and in a
batch that nobody watches. Each try is a function that is registered for a rule and a way (`tried`); where
there is none, `NONE` names why.

A try begins with a copy of one diary (`Clinic`) that has something of all that can be taken away or carried
out, and compares all of it afterwards (`Facts`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from diary.model.entry import EntryChanges, EntryFilter, Kind, Transcript
from diary.model.retention import RetentionRules
from diary.model.speech import Segment
from diary.retention import Retention
from diary.rules import NO_CLINIC
from diary.vault.vault import Vault
from ingest.importing import ImportRequest, run_import
from tests.clinic.machine import Machine
from tests.clinic.signed import CLINIC, effective
from tests.end_to_end.conftest import PASSPHRASE, Home, Ran
from tests.unit.vault.fresh import CHEAPEST, words

Way = Literal["command", "screen", "batch"]
WAYS: tuple[Way, ...] = ("command", "screen", "batch")
TRIES: dict[tuple[str, Way], Callable[..., Any]] = {}
NONE: dict[tuple[str, Way], str] = {}
AGO = timedelta(days=100)
OLD = 90
"""Days of the rules of retention that were announced ten days ago."""
AGED = timedelta(days=OLD)


def tried(rule: str, *ways: Way) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register what is tried against a rule in these ways; told the way where there are several."""

    def register(act: Callable[..., Any]) -> Callable[..., Any]:
        for way in ways:
            assert (rule, way) not in TRIES, (rule, way)
            TRIES[rule, way] = partial(act, way=way) if len(ways) > 1 else act
        return act

    return register


def none(rule: str, why: str, *ways: Way) -> None:
    """There is nothing to try in these ways."""
    NONE.update({(rule, way): why for way in ways})


@dataclass(frozen=True)
class Facts:
    """All that can be taken away."""

    entries: dict[int, tuple[str, int]]
    deleted: tuple[int, ...]
    sounds: tuple[int, ...]
    files: tuple[str, ...]
    batches: int


@dataclass(frozen=True)
class Clinic:
    """One machine of the clinic, with a diary and what lies beside it.

    :ivar place: of files that a person has: letter.txt, note.jsonl, a folder of notes, out, exchange.
    """

    machine: Machine
    place: Path
    code: str

    @classmethod
    def built(cls, place: Path) -> Clinic:
        """The one that all others are copies of; its diary is a hundred days old."""
        home, outside = Home(place / "home"), place / "outside"
        for folder in (home.vault.parent, outside, outside / "exchange", outside / "out", outside / "notes"):
            folder.mkdir(parents=True)
        note = '{"id": "7", "date": "2026-05-01T10:00:00+02:00", "text": "Imported."}\n'
        (outside / "letter.txt").write_text("A letter.")
        (outside / "note.jsonl").write_text(note)
        (outside / "notes" / "one.md").write_text("---\ndate: 2026-05-02\n---\nOne of many.\n")
        return cls(Machine(home, place / "etc"), outside, _filled(home.vault, outside))

    def copied(self, place: Path) -> Clinic:
        """Another one like it."""
        shutil.copytree(self.place.parent, place, dirs_exist_ok=True)
        return Clinic(Machine(Home(place / "home"), place / "etc"), place / "outside", self.code)

    def chosen(self, settings: str) -> None:
        """What the person would rather have."""
        config = self.machine.home.path / ".config/diary/config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(settings)

    def run(self, rules: str, *command: str, stdin: str = "") -> Ran:
        """The real command under a policy of these rules."""
        self.machine.install(rules)
        return self.machine.run(*command, stdin=stdin)

    def refuses(self, rules: str, *command: str, stdin: str = "", code: str = "policy-forbids") -> None:
        """The command ends with a sentence that names the clinic and the rule; nothing was done."""
        before, outside = self.facts(rules), self.outside()
        ran = self.run(rules, *command, stdin=stdin)
        assert (ran.status, ran.error["code"]) == (1, code), ran.out + ran.err
        self.says_why(ran.error["message"], rules)
        assert self.facts(rules) == before and self.outside() == outside

    @staticmethod
    def says_why(sentence: str, rules: str) -> None:
        assert CLINIC in sentence and rule_in(rules) in sentence, sentence

    def outside(self) -> dict[str, bytes]:
        """Every file with something in it; what was named to be written is made before it is refused."""
        found = {path: path.read_bytes() for path in self.place.rglob("*") if path.is_file()}
        return {str(path): content for path, content in found.items() if content}

    def facts(self, rules: str = "", *, version: int = 1) -> Facts:
        """What the diary holds; once it was opened under these rules it opens under no others."""
        policy = effective(rules, version=version) if rules else NO_CLINIC
        with Vault.unlock(self.machine.home.vault, self.code, policy=policy) as vault:
            return facts_of(vault)


def rule_in(rules: str) -> str:
    """The name of the one rule in `[table]\\nkey = value`."""
    table, _, rest = rules.strip().partition("]\n")
    return f"{table[1:]}.{rest.partition(' =')[0]}"


def facts_of(vault: Vault) -> Facts:
    """What an open vault holds."""
    entries = {one.id: one for one in vault.entries.list(EntryFilter())}
    return Facts(
        entries={number: (one.text, len(vault.entries.history(number))) for number, one in entries.items()},
        deleted=tuple(one.entry.id for one in vault.deleted.list()),
        sounds=tuple(row[0] for row in vault._database.rows("SELECT entry FROM recordings ORDER BY entry")),
        files=tuple(one.name for one in vault.attachments.of()),
        batches=len(vault.imports.batches()),
    )


def then() -> datetime:
    """When the diary was made."""
    return datetime.now().astimezone() - AGO


def _filled(folder: Path, outside: Path) -> str:
    """Make the vault; its recovery code."""
    made = then()
    times = _times(made)
    vault, code = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST, now=lambda: next(times))
    with vault:
        one = vault.entries.add(words("Slept badly.", happened=made)).id
        vault.entries.revise(one, EntryChanges(text="Slept badly, and late."))
        _attach(vault, one, outside / "letter.txt")
        draft = words("", happened=made, kind=Kind.VOICE, transcript=Transcript.WAITING)
        spoken = vault.recordings.keep(draft, b"sound" * 9000, name="note.wav").id
        heard = [Segment(start=0.5, end=1.25, text="Walked far.", confidence=0.9)]
        vault.recordings.set_transcript(spoken, "Walked far.", Transcript.TRANSCRIBED, heard, "whisper")
        gone = vault.entries.add(words("Thrown away.", happened=made)).id
        vault.deleted.take_out(gone, kept_for=timedelta(days=3000))
        run_import(ImportRequest(paths=(outside / "note.jsonl",), now=made), vault.imports)
        lengths = RetentionRules(entries=AGED, condense=AGED, revisions=AGED)
        told = made + AGO - timedelta(days=10)
        stores = vault.ageing, vault.deleted, vault.preferences
        Retention(*stores, lengths, now=lambda: told, clock_in_doubt=lambda: None).run()
    (outside / "note.jsonl").write_text((outside / "note.jsonl").read_text().replace("Imported", "More"))
    return code


def _attach(vault: Vault, entry: Any, file: Path) -> None:
    from diary.attached import Attached

    Attached(vault.attachments, audit=vault.audit).add(entry, [file])


def _times(moment: datetime) -> Iterator[datetime]:
    while True:
        yield moment
        moment += timedelta(seconds=1)
