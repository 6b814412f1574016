"""Where a vault lies and what its clock says: told in sentences, never refused."""

from __future__ import annotations

import os
import stat as stat_module
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from diary.model.entry import EntryDraft
from diary.vault.surroundings import (
    EVERY,
    RELEASED,
    network_under,
    of_the_place,
    synced_by,
    who_else,
    who_may_move,
)
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST

PASSPHRASE = "seven quiet herons by the weir"
NOW = datetime(2026, 11, 21, 21, 40, tzinfo=UTC)
TABLE = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:26 / /proc rw - proc proc rw
41 21 0:50 / /mnt/with\\040space rw - {kind} server:/share rw
"""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        *((kind, True) for kind in ("nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "ceph", "afs", "fuse")),
        *((f"fuse.{kind}", True) for kind in ("sshfs", "rclone", "gvfsd-fuse", "onedriver", "pCloud.fs")),
        *((kind, False) for kind in ("ext4", "btrfs", "xfs", "tmpfs", "overlay", "fuseblk", "vfat")),
        *((f"fuse.{kind}", False) for kind in ("gocryptfs", "encfs", "cryfs", "mergerfs")),
    ],
)
def test_a_filesystem_that_leaves_the_machine_is_told(tmp_path: Path, kind: str, told: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(TABLE.format(kind=kind))
    assert network_under(Path("/mnt/with space/diary/vault"), mounts=mounts) == (kind if told else None)
    assert network_under(Path("/mnt/with spaces/vault"), mounts=mounts) is None
    assert network_under(Path("/home/me/vault"), mounts=mounts) is None


def test_of_two_mounts_at_one_place_the_later_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    covered = "50 21 0:51 / /mnt/with\\040space rw - ext4 /dev/sdb rw\n"
    mounts.write_text(TABLE.format(kind="nfs") + covered)
    assert network_under(Path("/mnt/with space/vault"), mounts=mounts) is None


def test_without_the_kernels_table_nothing_is_claimed(tmp_path: Path) -> None:
    assert network_under(tmp_path, mounts=tmp_path / "none") is None


@pytest.mark.parametrize(
    ("mark", "program"),
    [
        (".stfolder", "Syncthing"),
        (".dropbox.cache", "Dropbox"),
        (".dropbox", "Dropbox"),
        (".nextcloudsync.log", "Nextcloud"),
        (".owncloudsync.log", "ownCloud"),
        (".tmp.driveupload", "Google Drive"),
        (".megaignore", "MEGA"),
        (".sync/ID", "Resilio Sync"),
    ],
)
def test_a_folder_that_a_program_copies_is_known_by_its_mark(tmp_path: Path, mark: str, program: str) -> None:
    vault = tmp_path / "words" / "vault"
    vault.mkdir(parents=True)
    assert synced_by(vault) is None
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    assert synced_by(vault) == program
    assert program in of_the_place(vault)[0]


@pytest.mark.parametrize(
    "name", ["Nextcloud", "Dropbox (Personal)", "OneDrive - Clinic", "pCloudDrive", "MEGA"]
)
def test_a_program_that_leaves_no_mark_is_known_by_its_usual_name(tmp_path: Path, name: str) -> None:
    assert synced_by(tmp_path / name / "diary") is not None


@pytest.mark.parametrize("name", ["omega", "my nextcloud notes", "dropboxes", "Megan"])
def test_other_names_are_no_programs(tmp_path: Path, name: str) -> None:
    assert synced_by(tmp_path / name / "diary") is None


def test_a_link_into_a_synced_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "copied/vault").mkdir(parents=True)
    (tmp_path / "copied/.stfolder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "copied/vault")
    assert "Syncthing" in of_the_place(tmp_path / "link")[0]


class Clock:
    """The clock of a machine, which can be wrong."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def made(folder: Path, clock: Clock) -> Path:
    vault, _ = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST, now=clock)
    vault.close()
    return folder


def told(folder: Path, clock: Clock) -> tuple[str, ...]:
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        return vault.warnings


def test_a_synced_folder_is_told_once_a_week_and_to_who_asks_always(tmp_path: Path) -> None:
    clock = Clock()
    folder = made(tmp_path / "vault", clock)
    assert told(folder, clock) == ()
    (tmp_path / ".stfolder").mkdir()
    assert "Syncthing" in told(folder, clock)[0]
    assert told(folder, clock) == ()
    clock.now += EVERY - timedelta(minutes=1)
    assert told(folder, clock) == ()
    clock.now += timedelta(minutes=1)
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        assert "Syncthing" in vault.warnings[0]
        assert "Syncthing" in vault.surroundings.all()[0]
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        assert vault.warnings == () and "Syncthing" in vault.surroundings.all()[0]


def test_a_clock_that_went_back_is_told_at_every_opening_until_it_is_right(tmp_path: Path) -> None:
    clock = Clock()
    folder = made(tmp_path / "vault", clock)
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        vault.entries.add(EntryDraft(text="Now.", happened=NOW - timedelta(days=900), written=NOW))
        assert vault.surroundings.clock_in_doubt() is None
    clock.now = NOW - timedelta(minutes=9)
    assert told(folder, clock) == ()
    clock.now = NOW - timedelta(days=3)
    for _ in range(2):
        (doubt,) = told(folder, clock)
        assert "says 18 November 2026" in doubt and "saved on 21 November 2026" in doubt
    clock.now = NOW + timedelta(minutes=1)
    assert told(folder, clock) == ()


def test_a_clock_that_never_was_set_is_told_in_an_empty_diary_too(tmp_path: Path) -> None:
    clock = Clock()
    folder = made(tmp_path / "vault", clock)
    clock.now = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    assert "1 January 1970" in told(folder, clock)[0]
    clock.now = RELEASED
    assert told(folder, clock) == ()


def test_a_year_without_a_word_is_a_doubt_until_something_is_saved(tmp_path: Path) -> None:
    """A clock set forward would make everything old at once."""
    clock = Clock()
    folder = made(tmp_path / "vault", clock)
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        vault.entries.add(EntryDraft(text="Then.", happened=NOW, written=NOW))
        clock.now = NOW + timedelta(days=400)
        assert "until you save something" in (vault.surroundings.clock_in_doubt() or "")
        vault.drafts.save("slot", "a word")
        assert vault.surroundings.clock_in_doubt() is None


@pytest.mark.parametrize("change", ["revise", "draft"])
def test_whatever_was_saved_last_tells_the_time(tmp_path: Path, change: str) -> None:
    clock = Clock()
    folder = made(tmp_path / "vault", clock)
    with Vault.unlock(folder, PASSPHRASE, now=clock) as vault:
        from diary.model.entry import EntryChanges

        entry = vault.entries.add(EntryDraft(text="Then.", happened=NOW, written=NOW))
        clock.now = NOW + timedelta(hours=2)
        if change == "revise":
            vault.entries.revise(entry.id, EntryChanges(text="Later."))
        else:
            vault.drafts.save("slot", "a word")
        clock.now = NOW + timedelta(hours=1)
        assert vault.surroundings.clock_in_doubt() is not None


@pytest.mark.parametrize(
    ("folder", "file", "told"),
    [
        (0o700, 0o600, False),
        (0o700, 0o644, False),
        (0o755, 0o600, True),
        (0o711, 0o644, True),
        (0o711, 0o600, False),
    ],
)
def test_files_that_other_users_can_get_at_are_told(
    tmp_path: Path, folder: int, file: int, told: bool
) -> None:
    vault = tmp_path / "a vault"
    (vault / "attachments").mkdir(parents=True, mode=0o700)
    (vault / "attachments" / "one").touch()
    (vault / "attachments" / "one").chmod(file)
    vault.chmod(folder)
    sentences = [one for one in of_the_place(vault) if "chmod -R go= '" in one]
    assert len(sentences) == told


@pytest.mark.parametrize(
    ("outer", "inner", "told"),
    [
        (0o755, 0o755, False),
        (0o755, 0o777, True),
        (0o755, 0o1777, False),
        (0o777, 0o755, True),
        (0o700, 0o777, False),
    ],
)
def test_a_folder_that_other_users_can_rename_is_told(
    monkeypatch: pytest.MonkeyPatch, outer: int, inner: int, told: bool
) -> None:
    modes = {"/": 0o755, "/data": outer, "/data/mine": inner}

    def stat(path: Path) -> os.stat_result:
        return os.stat_result((stat_module.S_IFDIR | modes[str(path)], 0, 0, 1, os.geteuid(), 77, 0, 0, 0, 0))

    monkeypatch.setattr(Path, "stat", stat)
    assert (who_may_move(Path("/data/mine/vault")) is not None) == told


@pytest.mark.parametrize(("group", "told"), [(77, False), (78, True)])
def test_a_group_that_is_the_user_s_own_is_not_told(
    monkeypatch: pytest.MonkeyPatch, group: int, told: bool
) -> None:
    about = os.stat_result((stat_module.S_IFDIR | 0o775, 0, 0, 1, os.geteuid(), group, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda _: about)
    monkeypatch.setattr("diary.vault.surroundings.os.getegid", lambda: 77)
    assert (who_may_move(Path("/data/vault")) is not None) == told


def test_a_vault_in_a_folder_that_all_may_write_is_told_with_the_others() -> None:
    with TemporaryDirectory(dir="/tmp") as place:
        folder = Path(place) / "vault"
        folder.mkdir(mode=0o700)
        assert not any("can rename" in one for one in of_the_place(folder))
        Path(place).chmod(0o777)
        assert any("can rename" in one for one in of_the_place(folder))


def test_a_folder_of_another_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.vault.surroundings.os.geteuid", lambda: 4321)
    if tmp_path.stat().st_uid:
        assert "belongs to another user" in (who_else(tmp_path) or "")
    monkeypatch.setattr(Path, "stat", lambda path: os.stat_result((0o40700, 0, 0, 1, 77, 0, 0, 0, 0, 0)))
    assert "belongs to another user" in (who_else(tmp_path) or "")


def test_a_vault_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Vault.create(tmp_path / "new" / "vault", PASSPHRASE, kdf=CHEAPEST)[0].close()
    finally:
        os.umask(before)
    for path in (tmp_path / "new" / "vault").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "new" / "vault").stat().st_mode & 0o777 == 0o700
    assert who_else(tmp_path / "new" / "vault") is None
