"""An old copy of the database put back: told by commands, explained by the doctor, and taken when the person
says so; damage is never taken.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diary.vault.removal import ATTACHMENTS
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.end_to_end.conftest import PASSPHRASE, Home
from tests.unit.vault import version_3
from tests.unit.vault.fresh import words

PUT_BACK = "an earlier one was put back"
PAGE = 16 * 1024


@pytest.fixture
def rolled_back(home: Home, tmp_path: Path) -> Home:
    """A vault whose database is that of yesterday."""
    with Vault.unlock(home.vault, PASSPHRASE) as vault:
        vault.recordings.keep(words("kept"), b"sound" * 9000, name="memo.wav")
    kept = Path(shutil.copyfile(home.vault / DATABASE, tmp_path / "kept"))
    with Vault.unlock(home.vault, PASSPHRASE) as vault:
        vault.entries.add(words("lost again"))
    shutil.copyfile(kept, home.vault / DATABASE)
    return home


def test_an_old_copy_put_back_is_told_explained_accepted_and_then_quiet(rolled_back: Home) -> None:
    home = rolled_back
    written = home.run("write", "written all the same")
    assert (written.status, PUT_BACK in written.err) == (0, True)
    assert "Look closer with: diary doctor" in written.err
    assert PUT_BACK in home.run("keys", "list").err
    examined = home.run("doctor")
    told = " ".join(examined.out.split())
    assert (examined.status, PUT_BACK in told, "diary doctor --accept" in told) == (1, True, True)
    asked = home.run("doctor", "--accept")
    assert (asked.status, "Nothing was done" in asked.err) == (2, True)
    assert home.run("doctor", "--accept", "--yes").status == 0
    listed = home.run("list")
    assert PUT_BACK not in listed.err + home.run("keys", "list").err
    assert "written all the same" in listed.out
    assert "lost again" not in listed.out
    assert _amiss(home) == set()


def test_accepting_hides_no_damage(rolled_back: Home) -> None:
    """Of what is amiss only that goes which is no damage."""
    home = rolled_back
    (sound,) = (home.vault / ATTACHMENTS).iterdir()
    sound.write_bytes(sound.read_bytes()[:-1])
    assert home.run("doctor", "--accept", "--yes").status == 0
    assert _amiss(home) == {"files"}
    path = home.vault / DATABASE
    whole = bytearray(path.read_bytes())
    whole[-PAGE + 100] ^= 1
    path.write_bytes(whole)
    assert home.run("doctor", "--accept", "--yes").status == 1
    assert "pages" in _amiss(home)


def test_the_first_opening_of_an_older_vault_says_what_is_done_once(empty_home: Home) -> None:
    shutil.copytree(version_3.FOLDER, empty_home.vault)
    empty_home.vault.chmod(0o700)
    for first in (True, False):
        ran = empty_home.run("list", passphrase=version_3.CODE.read_text().strip())
        assert ran.status == 0
        assert ("This vault is of an older diary" in ran.err) is first


def _amiss(home: Home) -> set[str]:
    return {check["name"] for check in home.run("--json", "doctor").json["checks"] if check["findings"]}
