"""write, list, read, edit, delete and history through the real command."""

from tests.end_to_end.conftest import PASSPHRASE, Home


def test_an_entry_lives_its_whole_life(home: Home) -> None:
    written = home.json(
        "write",
        "Walked to the weir.",
        "--title",
        "Weir",
        "--tag",
        "walk",
        "--star",
        "--at",
        "2025-03-04T21:40",
    )
    number = written["entry"]
    assert written["written_at"]
    assert written["date"].startswith("2025-03-04T21:40")

    edited = home.json("edit", str(number), "Walked to the weir and back.")
    assert edited["revision"] == 2

    shown = home.json("read", str(number))
    assert shown["text"] == "Walked to the weir and back."
    assert (shown["title"], shown["tags"], shown["starred"]) == ("Weir", ["walk"], True)

    versions = home.json("history", str(number))["revisions"]
    assert [version["text"] for version in versions] == [
        "Walked to the weir.",
        "Walked to the weir and back.",
    ]

    assert [entry["entry"] for entry in home.json("list", "--tag", "walk")["entries"]] == [number]
    assert home.json("list", "--tag", "other")["entries"] == []

    assert home.json("delete", str(number))["deleted"] == number
    refused = home.run("--json", "read", str(number))
    assert (refused.status, refused.error["code"]) == (1, "entry-not-found")


def test_words_come_from_standard_input_after_the_passphrase(home: Home) -> None:
    number = home.json("write", "-", stdin="First line.\nÜber die Brücke 🌉\n")["entry"]
    assert home.json("read", str(number))["text"] == "First line.\nÜber die Brücke 🌉"


def test_a_time_in_words_is_kept_with_the_three_times_apart(home: Home) -> None:
    written = home.json("--as-of", "2025-03-10", "write", "Could not sleep.", "--at", "yesterday 3am")
    assert written["date"].startswith("2025-03-09T03:00")
    assert written["written_at"].startswith("2025-03-10")
    assert not written["recorded_at"].startswith("2025-03")


def test_the_recovery_code_opens_the_vault_and_is_shown_once(empty_home: Home) -> None:
    made = empty_home.json("init")
    assert PASSPHRASE not in made["recovery_code"]
    opened = empty_home.run("--json", "list", passphrase=made["recovery_code"].lower())
    assert opened.status == 0
    assert made["recovery_code"] not in opened.out


def test_output_for_a_person_neutralises_what_would_steer_the_terminal(home: Home) -> None:
    home.json(
        "write", "-", "--title", "a\x1b]0;owned\x07b", stdin="before \x1b[2J\x1b[31m after \u202e reversed"
    )
    for command in (["list"], ["read", "1"], ["history", "1"], ["find", "before"]):
        out = home.run(*command).out
        assert out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_the_history_tells_what_changed_and_brings_a_version_back(home: Home) -> None:
    number = str(home.json("write", "I slept six hours.", "--tag", "sleep")["entry"])
    home.json("edit", number, "I slept seven hours.", "--title", "Night", "--star")
    told = home.run("history", number).out
    assert "~ I slept [-six-][+seven+] hours." in told
    assert "title: none became “Night”" in told
    assert "I slept seven hours." not in told
    assert "I slept seven hours." in home.run("history", number, "--full").out
    first, second = home.json("history", number)["revisions"]
    assert first["changes"] is None
    assert second["changes"]["title"] == {"from": None, "to": "Night"}
    assert second["changes"]["starred"] is True
    assert [
        [piece["text"] for piece in line if piece["part"] != "same"] for line in second["changes"]["lines"]
    ] == [["six", "seven"]]
    restored = home.json("history", number, "--restore", "1")
    assert (restored["restored"], restored["revision"], restored["text"]) == (1, 3, "I slept six hours.")
    assert (restored["title"], restored["starred"], restored["tags"]) == (None, False, ["sleep"])
    assert len(home.json("history", number)["revisions"]) == 3
    again = home.run("history", number, "--restore", "3")
    assert "is at version 3 already. Nothing was changed." in again.out
    assert len(home.json("history", number)["revisions"]) == 3
    refused = home.run("--json", "history", number, "--restore", "9")
    assert (refused.status, refused.error["code"]) == (1, "version-not-found")
