"""Deleting, bringing back and erasing through the real command."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from diary.model.entry import EntryChanges, EntryDraft, EntryId
from diary.vault.vault import Vault
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home


def settings(home: Home, text: str) -> None:
    folder = home.path / ".config/diary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)


def test_a_deleted_entry_is_out_of_everything_and_comes_back_as_it_was(home: Home) -> None:
    number = home.json("write", "Walked to the weir. sleep:: 6h", "--title", "Weir", "--star")["entry"]
    home.json("edit", str(number), "Walked to the weir and back. sleep:: 6h")
    before = home.json("history", str(number))
    gone = home.run("delete", str(number))
    assert gone.status == 0
    assert f"diary deleted restore {number}" in " ".join(gone.out.split())
    assert home.json("list")["entries"] == []
    assert home.json("find", "weir")["hits"] == []
    assert home.run("--json", "read", str(number)).error["code"] == "entry-not-found"
    (listed,) = home.json("deleted")["entries"]
    assert (listed["entry"], listed["title"]) == (number, "Weir")
    kept_for = datetime.fromisoformat(listed["until"]) - datetime.fromisoformat(listed["deleted_at"])
    assert kept_for == timedelta(days=30)
    assert "goes for good on" in home.run("deleted", "list").out
    assert home.json("deleted", "restore", str(number))["restored"] == number
    assert home.json("history", str(number)) == before
    assert home.json("find", "weir")["hits"][0]["entry"] == number
    assert home.json("deleted")["entries"] == []


def test_a_deleted_entry_is_erased_on_request_and_with_it_at_once(home: Home) -> None:
    first, second, third = (home.json("write", f"number {count}")["entry"] for count in range(3))
    for number in (first, second):
        assert home.json("delete", str(number))["until"]
    assert home.json("delete", "--erase", str(third), "--yes") == {"deleted": third, "until": None}
    refused = home.run("--json", "deleted", "erase", str(third), "--yes")
    assert (refused.status, refused.error["code"]) == (1, "entry-not-found")
    assert home.json("deleted", "erase", str(first), "--yes")["erased"] == 1
    refused = home.run("--json", "deleted", "restore", str(first))
    assert (refused.status, refused.error["code"]) == (1, "entry-not-found")
    assert home.run("deleted", "erase").status == 2
    assert home.json("deleted", "erase", "--all", "--yes")["erased"] == 1
    assert home.json("deleted", "erase", "--all", "--yes")["erased"] == 0
    assert home.json("deleted")["entries"] == []


def test_with_no_days_to_keep_deleting_erases_at_once(home: Home) -> None:
    settings(home, "[retention]\ndeleted_days = 0\n")
    number = home.json("write", "x")["entry"]
    assert home.json("delete", str(number), "--yes")["until"] is None
    assert home.json("deleted")["entries"] == []


def test_erasing_for_good_asks_on_a_terminal_and_deleting_does_not(home: Home) -> None:
    number = home.json("write", "x")["entry"]
    secret = home.path / "secret"
    secret.write_text(home.secret + "\n")

    def typed(answer: bytes, *arguments: str) -> str:
        ours, theirs = os.openpty()
        try:
            os.write(ours, answer)
            ran = subprocess.run(
                [str(PROGRAM), "--passphrase-file", str(secret), *arguments],
                stdin=theirs,
                capture_output=True,
                text=True,
                env=home.environment(),
                timeout=110,
                check=True,
            )
        finally:
            os.close(ours)
            os.close(theirs)
        return " ".join(ran.stdout.split())

    assert "Type yes: Kept." in typed(b"no\n", "delete", "--erase", str(number))
    assert "you can bring it back" in typed(b"", "delete", str(number))
    assert "Type yes: Kept." in typed(b"\n", "deleted", "erase", "--all")
    assert "gone for good" in typed(b"yes\n", "deleted", "erase", str(number))


def test_nothing_is_destroyed_where_nobody_can_be_asked_and_nobody_said_yes(home: Home) -> None:
    settings(home, "[retention]\nentries_days = 30\n")
    long_ago = datetime.now(UTC) - timedelta(days=400)
    draft = EntryDraft(text="old words", happened=long_ago, written=long_ago)
    aged(home, 400, lambda vault: vault.entries.add(draft))
    (home.path / "scan.txt").write_text("a file")
    number = home.json("write", "x", "--attach", str(home.path / "scan.txt"))["entry"]
    gone = home.json("write", "y")["entry"]
    home.json("delete", str(gone))
    before = (home.json("list"), home.json("attachments"), home.json("deleted"))
    for command in (
        ("delete", str(number), "--erase"),
        ("deleted", "erase", str(gone)),
        ("deleted", "erase", "--all"),
        ("detach", "1"),
        ("retention", "--apply", "--now"),
    ):
        refused = home.run(*command)
        assert (refused.status, "Add --yes" in refused.err) == (2, True), command
        assert home.run("--json", *command).error["code"] == "usage", command
    assert (home.json("list"), home.json("attachments"), home.json("deleted")) == before


def aged(home: Home, days: int, *acts: Callable[[Vault], object]) -> None:
    """Do this in the vault as it was so many days ago."""
    with Vault.unlock(home.vault, PASSPHRASE, now=lambda: datetime.now(UTC) - timedelta(days=days)) as vault:
        for act in acts:
            act(vault)


def test_the_rules_of_the_settings_are_shown_announced_and_kept(home: Home) -> None:
    settings(home, "[retention]\nentries_days = 30\n")
    long_ago = datetime.now(UTC) - timedelta(days=300)
    draft = EntryDraft(text="old words", happened=long_ago, written=long_ago)
    aged(home, 300, lambda vault: vault.entries.add(draft))
    shown = home.json("retention")
    rules = {"entries_days": 30, "condense_days": None, "revisions_days": None, "deleted_days": 30}
    assert shown["rules"].items() >= rules.items()
    assert [(one["rule"], one["count"], one["entries"]) for one in shown["going"]] == [("entries", 1, [1])]
    assert shown["went"] == []

    told = home.run("write", "new words")
    assert "1 entry goes for good on" in " ".join(told.err.split())
    assert len(home.json("list")["entries"]) == 2

    def announced_earlier(vault: Vault) -> None:
        kept = vault.preferences.get("retention.announced")
        assert kept is not None
        now = datetime.now(UTC)
        rule = msgspec.json.decode(kept)
        rule[0] |= {"at": now - timedelta(days=7, minutes=1), "through": now}
        vault.preferences.set("retention.announced", msgspec.json.encode(rule).decode())

    aged(home, 0, announced_earlier)
    listed = home.json("list")
    assert [entry["text"] for entry in listed["entries"]] == ["new words"]
    assert [(one["rule"], one["count"]) for one in listed["retention"]["went"]] == [("entries", 1)]
    assert "retention" not in home.json("list")


def test_apply_takes_what_was_announced_and_the_rest_only_with_now_after_showing_it(home: Home) -> None:
    settings(home, "[retention]\nrevisions_days = 1\n")
    aged(
        home,
        5,
        lambda vault: vault.entries.add(
            EntryDraft(text="one", happened=datetime.now(UTC), written=datetime.now(UTC))
        ),
        lambda vault: vault.entries.revise(EntryId(1), EntryChanges(text="two")),
    )
    shown = " ".join(home.run("retention").out.split())
    assert "1 older version goes for good on" in shown
    assert f"1 {datetime.now(UTC):%a} {datetime.now(UTC).day}" in shown  # the entry whose version it is
    kept = home.json("retention", "--apply", "--yes")
    assert (kept["went"], [one["count"] for one in kept["due"]]) == ([], [1])
    assert "Nothing was due that was announced" in home.run("retention", "--apply").out
    refused = home.run("--json", "retention", "--apply", "--now")
    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert home.run("retention", "--now", "--yes").status == 2
    assert len(home.json("history", "1")["revisions"]) == 2
    went = home.json("retention", "--apply", "--now", "--yes")["went"]
    assert [(one["rule"], one["count"]) for one in went] == [("revisions", 1)]
    assert [version["text"] for version in home.json("history", "1")["revisions"]] == ["two"]


def test_a_deleted_entry_whose_time_is_over_goes_and_is_told(home: Home) -> None:
    number = home.json("write", "x")["entry"]
    aged(home, 31, lambda vault: vault.deleted.take_out(EntryId(number), kept_for=timedelta(days=30)))
    assert "1 deleted entry went for good" in " ".join(home.run("list").err.split())
    assert home.json("deleted")["entries"] == []
