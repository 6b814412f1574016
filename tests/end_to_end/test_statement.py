"""An auditor asks for a statement, takes it to another machine, and checks it there without a vault."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Home


def test_a_statement_is_made_on_one_machine_and_checked_on_another(
    empty_home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home, bare_home, outside = (
        replace(empty_home, anew=True),
        Home(tmp_path_factory.mktemp("bare"), anew=True),
        tmp_path_factory.mktemp("outside"),
    )
    file, second = str(outside / "statement.json"), str(outside / "second.json")
    where = partial(os.chdir, outside)
    made = home.run("policy", "check", "--report", file, "--nonce", "heron 17", "--json", prepare=where).json
    assert [path.name for path in outside.iterdir()] == ["statement.json"]
    assert made["sealed"] is True
    assert [route["name"] for route in made["engine"] if not route["blocked"]] == []
    assert len(made["engine"]) == len(made["routes"]) == 31
    key = made["statement"]["key"]
    stated = json.loads(Path(file).read_bytes())["statement"]
    assert str(home.path) not in Path(file).read_text()
    assert stated["profiles"]["engine"] == made["engine"]
    assert stated["surroundings"] == made["surroundings"]
    assert bool(made["surroundings"]) >= (os.geteuid() == 0)
    assert {"numpy", "cryptography"} <= set(stated["libraries"])

    again = home.run("policy", "check", "--report", file)
    assert (again.status, "is there already" in again.err) == (1, True)

    read = bare_home.run("policy", "verify", file, "--key", key, "--nonce", "heron 17", "--json").json
    assert read["verified"] is read["sealed"] is read["key_compared"] is read["nonce_compared"] is True
    assert read["files_that_differ"] == []
    assert not bare_home.vault.exists()

    for refused in (("--nonce", "heron 18"), ("--key", "00" * 32)):
        assert (
            bare_home.run("policy", "verify", file, *refused, "--json").error["code"] == "statement-refused"
        )
    Path(file).write_bytes(Path(file).read_bytes().replace(b"heron 17", b"heron 18"))
    forged = bare_home.run("policy", "verify", file, "--json")
    assert (forged.status, "changed after it was signed" in forged.error["message"]) == (1, True)

    assert home.run("policy", "check", "--report", second, "--json").json["statement"]["key"] == key
