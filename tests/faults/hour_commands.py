"""Steps of an hour that are commands, each a process behind its own wall."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import Any, NoReturn

from diary.errors import DiaryError
from diary.vault.backups.places import SUFFIX
from tests.faults.hour_facts import Facts, Hour
from tests.faults.worlds import World


class Refused(DiaryError):
    """What a command said."""


def write(hour: Hour) -> Facts:
    said = _command(hour, "write", "Written by command.")
    return {("entry", said["entry"]): ("Written by command.", False)}


def star(hour: Hour, number: int) -> Facts:
    _command(hour, "edit", str(number), "--star")
    return {("entry", number): (hour.facts["entry", number][0], True)}


def delete(hour: Hour, number: int) -> Facts:
    _command(hour, "delete", str(number), "--yes")
    return {("entry", number): None, ("deleted", number): True}


def term(hour: Hour) -> Facts:
    said = _command(hour, "glossary", "add", "Okafor", "--kind", "person")
    return {("term", said["term"]): "Okafor"}


def back_up(hour: Hour) -> Facts:
    said = _command(hour, "backup", str(hour.world.stick / f"one{SUFFIX}"))
    return {("backup", f"one{SUFFIX}"): said["entries"]}


def _command(hour: Hour, *arguments: str) -> Any:
    """Its document; Refused, with what it said, when its status is 1. Never a traceback or another status."""
    out, told = os.memfd_create("out"), os.memfd_create("told")
    child = os.fork()
    if child == 0:
        _become_command(hour.world, out, told, arguments)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said, complained = (os.pread(one, 1 << 20, 0).decode() for one in (out, told))
    os.close(out)
    os.close(told)
    assert "Traceback" not in complained and "inside diary" not in said + complained, said + complained
    assert status in (0, 1), (status, said, complained)
    document = json.loads(said)
    if status:
        raise Refused(document["error"]["message"], hint=document["error"].get("hint"))
    return document


def _become_command(world: World, out: int, told: int, arguments: tuple[str, ...]) -> NoReturn:
    os.dup2(out, 1)
    os.dup2(told, 2)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", 0), write_through=True)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0), write_through=True)
    home = world.vault.parent.parent / "home"
    os.environ |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    secret = ["--key-file", str(home / "key")]
    sys.argv = ["diary", "--vault", str(world.vault), *secret, "--json", *arguments]
    from diary.__main__ import main

    status = 70
    try:
        status = main()
    finally:
        os._exit(status)
