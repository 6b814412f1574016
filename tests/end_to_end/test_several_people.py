"""Several people on one machine: each vault is its owner's alone, and nothing names another's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from diary.vault.vault import Vault
from tests.clinic.machine import Machine
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.end_to_end.every_command import commands
from tests.unit.vault.fresh import CHEAPEST

_OTHER = "zephyrine-quillfeather"


@pytest.fixture
def shared(home: Home) -> Path:
    """A folder that holds two people's vaults, as their homes may stand side by side, and their backups."""
    folder = home.path / "people"
    shutil.copytree(home.vault, folder / "anna")
    other = folder / _OTHER
    Vault.create(other, "nine geese over the mill", kdf=CHEAPEST)[0].close()
    shutil.copytree(other, folder / f"{_OTHER}.before-20260101")
    (folder / f"{_OTHER}.key").write_bytes(bytes(range(64)))
    return folder


def test_no_command_names_another_person_s_vault(home: Home, shared: Path) -> None:
    mine = ("--vault", str(shared / "anna"))
    quick = {("doctor",), ("keys", "list"), ("list",)}
    said = [home.run(*mine, *command) for command in sorted(quick)]
    said.append(home.run("--vault", str(shared / "nobody"), "list"))
    assert [ran.status for ran in said] == [0, 0, 0, 1]
    for ran in said:
        assert _OTHER not in ran.out + ran.err


@pytest.mark.slow
def test_no_command_of_the_whole_grammar_does(home: Home, shared: Path) -> None:
    for command in sorted(commands() - {("demo",), ("dictate",), ("voice", "test")}):
        ran = home.run("--vault", str(shared / "anna"), *command)
        assert _OTHER not in ran.out + ran.err, command


def test_the_passphrase_of_one_opens_no_vault_of_another(home: Home, shared: Path) -> None:
    ran = home.run("--json", "--vault", str(shared / _OTHER), "list", passphrase=PASSPHRASE)
    assert ran.error["code"] == "wrong-passphrase"


def test_what_others_can_get_at_is_told_at_the_opening_and_by_the_doctor(home: Home) -> None:
    home.vault.chmod(0o755)
    assert "Other users of this machine can get at the diary's files" in home.run("list").err
    told = " ".join(home.run("doctor").out.split())
    assert "✗ permissions" in told
    home.vault.chmod(0o700)
    assert "✓ permissions" in " ".join(home.run("doctor").out.split())


@pytest.mark.slow
def test_the_folders_that_the_program_makes_are_for_their_owner_alone(empty_home: Home) -> None:
    assert empty_home.run("init").status == 0
    vault = empty_home.vault
    for path in (vault, *vault.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert empty_home.run("backup", str(empty_home.path / "backups")).status == 0
    for path in (empty_home.path / "backups").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.slow
def test_so_is_what_the_demo_and_the_drill_leave(home: Home) -> None:
    assert home.run("backup", str(home.path / "one.backup")).status == 0
    assert home.run("drill", str(home.path / "one.backup")).status == 0
    assert home.run("demo", passphrase=None).status in (0, 1)
    cache = home.path / ".cache/diary"
    assert cache.stat().st_mode & 0o777 == 0o700
    assert not list(cache.glob("demo-*"))


# What a clinic may allow


def test_names_are_listed_where_a_policy_allows_it_and_nowhere_else(home: Home, shared: Path) -> None:
    machine = Machine(home, home.path / "etc")
    mine = ("--vault", str(shared / "anna"), "people")
    alone = machine.run(*mine)
    assert (alone.status, alone.error["code"]) == (1, "policy-forbids")
    for rules in ("[lock]\nafter_minutes = 5", '[people]\nlist_others = "refused"'):
        machine.install(rules)
        ran = machine.run(*mine)
        assert (ran.status, ran.error["code"]) == (1, "policy-forbids")
        assert "people.list_others" in ran.error["message"] and _OTHER not in ran.out + ran.err
    machine.install('[people]\nlist_others = "allowed"')
    assert machine.run(*mine).json["people"] == [
        {"name": "anna", "own": True}, {"name": _OTHER, "own": False}
    ]  # fmt: skip
    assert machine.run(*mine, plain=True).out.splitlines() == ["* anna", f"  {_OTHER}"]


@pytest.mark.parametrize("command", [("list",), ("doctor",)])
def test_no_other_command_may_even_read_the_names(home: Home, shared: Path, command: tuple[str, ...]) -> None:
    """Behind the wall, by the kernel's word."""
    looks = (
        "import atexit, os, sys\n"
        "def look():\n"
        f"    try: os.listdir({str(shared)!r})\n"
        "    except PermissionError: sys.stderr.write('not listed')\n"
        "    else: sys.stderr.write('listed')\n"
        "atexit.register(look)"
    )
    machine = Machine(home, home.path / "etc", first=looks)
    ran = machine.run("--vault", str(shared / "anna"), *command)
    assert ran.status == 0 and ran.err.endswith("not listed")


# People with accounts of their own

_PYTHON = shutil.which("python3", path="/usr/bin:/bin")


@pytest.mark.slow
@pytest.mark.skipif(
    os.getuid() != 0 or not (_PYTHON and shutil.which("setpriv")),
    reason="only root can become two ordinary users, with setpriv and the system's Python",
)
def test_one_user_learns_no_name_of_another_by_anything_that_diary_makes(cheap_vault: Path) -> None:
    """Homes below a folder whose names cannot be listed, as a clinic is told to have it; the other's diary
    is open meanwhile, with an engine. What is looked at: processes, /run, temporary folders, errors, modes.
    """
    place = Path(tempfile.mkdtemp(prefix="diary-people-"))
    place.chmod(0o711)
    before = {path: _listing(path) for path in _SHARED}
    homes = {uid: Home(place / name) for uid, name in ((64001, _OTHER), (64002, "anna"))}
    try:
        for uid, home in homes.items():
            shutil.copytree(cheap_vault, home.vault)
            (home.path / "tmp").mkdir()
            for path in (home.path, *home.path.rglob("*")):
                os.chown(path, uid, uid)
            home.path.chmod(0o700)
        with _as(64001, homes[64001], "find", "--batch") as other:
            assert other.stdin is not None and other.stdout is not None
            other.stdin.write(f'{PASSPHRASE}\n{{"q": "weir"}}\n')
            other.stdin.flush()
            assert "hits" in json.loads(other.stdout.readline())
            _nothing_is_learnt(homes[64002], place)
            fresh = {path: _listing(path) - before[path] for path in _SHARED}
            assert not [name for names in fresh.values() for name in names if _OTHER in name]
            other.stdin.close()
            assert other.wait(60) == 0
    finally:
        shutil.rmtree(place)


_SHARED = (Path("/run"), Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"))


def _listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _as(uid: int, home: Home, *arguments: str) -> subprocess.Popen[str]:
    """The program, by another user, in that home.

    Who may read everything, and so learns more than an ordinary user: the interpreter of the tests may lie in
    root's home.
    """
    ids = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    may = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return subprocess.Popen(
        ["setpriv", *ids, *may, str(PROGRAM), "--passphrase-file", "-", *arguments],
        cwd="/", env=home.environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


_LOOKS = """
import os, sys
from pathlib import Path
place, said = Path(sys.argv[1]), []
for process in Path("/proc").glob("[0-9]*"):
    for name in ("cmdline", "environ", "maps", "cwd", "comm", "status", "mountinfo"):
        try:
            file = process / name
            said.append(os.readlink(file) if file.is_symlink() else repr(file.read_bytes()))
        except OSError:
            pass
for folder in ("/run", "/tmp", "/dev/shm", "/var/tmp"):
    for at, folders, files in os.walk(folder):
        said += [at, *folders, *files]
try:
    said += os.listdir(place)
except PermissionError:
    said.append("not listed")
sys.stdout.reconfigure(errors="replace")
print("\\n".join(said))
"""


def _nothing_is_learnt(mine: Home, place: Path) -> None:
    looked = subprocess.run(
        [_PYTHON, "-c", _LOOKS, str(place)], user=64002, group=64002, extra_groups=[], cwd="/",
        env=mine.environment(), capture_output=True, text=True, errors="replace", check=True,
    )  # fmt: skip
    assert "diary" in looked.stdout and "not listed" in looked.stdout
    assert _OTHER not in looked.stdout
    for arguments in (("list",), ("doctor",), ("people",), ("--vault", str(place / "nobody"), "list")):
        with _as(64002, mine, *arguments) as ran:
            out, err = ran.communicate(f"{PASSPHRASE}\n", timeout=110)
        assert _OTHER not in out + err and "Traceback" not in err, arguments
