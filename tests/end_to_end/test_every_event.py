"""Every event that the log knows is logged by the real command that does it, on a clinic's machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from diary.model.audit import Event
from diary.model.entry import EntryDraft
from diary.vault.vault import Vault
from policies.emergency import load_key, new_key, public_bytes
from tests.clinic.machine import Machine
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.tiny_gguf import Tiny, write_tiny
from tests.unit.vault.fresh import CHEAPEST

SECRET = "zephyrine"
Step = tuple[str, ...]


@pytest.fixture
def machine(empty_home: Home, tmp_path: Path) -> Machine:
    """A vault with an entry that was made a hundred days ago, and settings that keep particulars for fifty,
    and words for ninety.
    """
    long_ago = datetime.now().astimezone() - timedelta(days=100)
    with Vault.create(empty_home.vault, PASSPHRASE, kdf=CHEAPEST, now=lambda: long_ago)[0] as vault:
        vault.entries.add(EntryDraft(text=f"Saw an old {SECRET}.", happened=long_ago, written=long_ago))
    config = empty_home.path / ".config/diary/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[audit]\ndays = 50\n[retention]\ncondense_days = 90\n")
    return Machine(empty_home, tmp_path / "etc")


def story(place: Path) -> Iterator[tuple[Step, str, set[Event]]]:
    """A command, what is piped into it, and what it is to be logged as."""
    taken, letter, backup = place / "in.jsonl", place / "letter.txt", str(place / "one.backup")
    taken.write_text(json.dumps({"id": "1", "date": "2026-01-02T08:00:00Z", "text": f"The {SECRET}."}) + "\n")
    letter.write_text(SECRET)
    write_tiny(place / "tiny.gguf", Tiny())
    yield ("write", f"Saw a {SECRET}.", "--attach", str(letter)), "", {Event.UNLOCKED}
    yield ("retention", "--apply", "--now", "--yes"), "", {Event.CONDENSED}
    yield ("delete", "1"), "", {Event.DELETED}
    yield ("deleted", "restore", "1"), "", {Event.DELETION_UNDONE}
    yield ("import", str(taken)), "", {Event.IMPORTED}
    yield ("import", "--undo", "1"), "", {Event.IMPORT_UNDONE}
    yield ("open-attachment", "1", "--export", str(place / "out.txt")), "", {Event.EXPORTED}
    yield ("detach", "1", "--yes"), "", {Event.ERASED}
    yield ("backup", backup), "", {Event.BACKED_UP}
    yield ("delete", "1", "--erase", "--yes"), "", {Event.ERASED}
    yield ("keys", "add", "--recovery"), "", {Event.KEYS_CHANGED}
    yield ("models", "import", str(place / "tiny.gguf"), "--no-exam"), "", {Event.MODEL_CHANGED}
    yield ("models", "remove", "tiny"), "", {Event.MODEL_CHANGED}
    yield ("keys", "rotate", "--yes"), "", {Event.KEY_ROTATED}
    yield ("restore", backup, "--replace", "--yes"), "", {Event.RESTORED}


def events(machine: Machine) -> list[dict[str, object]]:
    return machine.run("audit", "show", "-n", "1000").json["events"]


@pytest.mark.slow
def test_every_event_is_logged_by_the_command_that_does_it(machine: Machine, tmp_path: Path) -> None:
    seen: set[str] = set()
    place = tmp_path / "place"
    place.mkdir()
    key = place / "emergency.key"
    key.write_bytes(new_key(PASSPHRASE))
    public = public_bytes(load_key(key.read_bytes(), PASSPHRASE)).hex()

    def logs(expected: set[Event], after: int) -> int:
        found = events(machine)
        fresh = {str(one["event"]) for one in found[after:]}
        assert {str(one) for one in expected} <= fresh, (expected, fresh)
        assert SECRET not in json.dumps(found)
        seen.update(fresh, (str(one["event"]) for one in found))
        return len(found)

    count = logs({Event.LOG_SHORTENED, Event.UNLOCKED}, 1)  # the first is of the making, long ago
    for step, stdin, expected in story(place):
        ran = machine.run(*step, stdin=stdin)
        assert ran.status == 0, (step, ran.out, ran.err)
        # A backup that is restored puts the log back to when it was made, and says so itself.
        count = logs(expected, 0 if step[0] == "restore" else count)
    machine.install(f'[people]\nbreak_glass = "{public}"\n')
    count = logs({Event.POLICY_CHANGED}, count)
    assert machine.run("--emergency-key", str(key), "--reason", "Why.", "list").status == 0
    count = logs({Event.BREAK_GLASS, Event.KEYS_CHANGED}, count)
    wrong = machine.home.run("list", passphrase="wrong horse")
    assert wrong.status == 1
    count = logs({Event.UNLOCK_FAILED}, count)
    machine.run("write", "More.", "--attach", str(place / "letter.txt"))
    for file in (machine.home.vault / "attachments").iterdir():
        shutil.move(file, place / file.name)
    assert machine.run("doctor").status == 1
    logs({Event.DAMAGE_FOUND}, count)
    assert seen == {one.value for one in Event}


def test_a_deletion_and_its_undoing_are_logged_and_nothing_of_the_entry(home: Home) -> None:
    home.json("write", f"Saw a {SECRET}.", "--title", SECRET)
    home.json("delete", "1")
    home.json("deleted", "restore", "1")
    found = home.json("audit", "show")["events"]
    told = [(one["event"], one["details"]) for one in found if one["event"] != "unlocked"]
    assert told[1:] == [("deleted", {"by": "person", "entries": 1}), ("deletion undone", {"entries": 1})]
    assert SECRET not in json.dumps(found)
