"""Sessions in which the vault as a whole is kept: its keys, its backups, its opening."""

from __future__ import annotations

from diary.model.entry import Kind
from diary.model.key import KeyKind
from diary.vault.backups.restoring import restore
from diary.vault.keyring import KeyRing
from tests.faults.power.scene import KEY_FILE, Scene
from tests.unit.vault.fresh import CHEAPEST, MORNING, words


def _furnish(scene: Scene) -> None:
    with scene.open() as vault:
        scene.tell(vault)
        for number in range(3):
            vault.entries.add(words(f"Before {number}. " * 200, days=number))
            scene.tell(vault)
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound " * 20_000, name="a.wav")
        scene.tell(vault)


def keys(scene: Scene) -> None:
    """What opens the vault is added, changed, removed; then there is a new vault key."""
    _furnish(scene)
    codes = [scene.secret]
    with KeyRing.open(scene.folder, scene.secret) as ring:
        ring.add_key_file(KEY_FILE)
    scene.secret = KEY_FILE
    scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        ring.remove(next(key.id for key in ring.all() if key.kind == KeyKind.PASSPHRASE))
    scene.tell_closed()
    for _ in range(2):
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            added, code = ring.add_recovery_code(label="second")
        scene.tell_closed()
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            ring.remove(added.id)
        scene.refused.append(code)
        scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        passphrase = ring.add_passphrase("a quite different horse, 1851", kdf=CHEAPEST)
    scene.tell_closed()
    with KeyRing.open(scene.folder, KEY_FILE) as ring:
        ring.change(passphrase.id, "an even more different horse, 1852", kdf=CHEAPEST)
    scene.tell_closed()
    for _ in range(2):
        with KeyRing.open(scene.folder, KEY_FILE) as ring:
            rotated = ring.rotate()
        scene.refused += [code for code in codes if isinstance(code, str)]
        codes = [rotated.recovery_code]
        scene.tell_closed()


def backing_up(scene: Scene) -> None:
    """Backups by name and in a folder of which two are kept, while the diary goes on."""
    _furnish(scene)
    with scene.open() as vault:
        for number in range(3):
            vault.entries.add(words(f"Between backups {number}.", days=number))
            scene.tell(vault)
            vault.backups.make(scene.stick / "one.backup")
            scene.tell(vault)
            vault.backups.make(scene.stick, keep=2)
            scene.tell(vault)


def going_on_from_a_backup(scene: Scene) -> None:
    """A whole backup, and what changed since in two more, while the diary goes on."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.recordings.keep(words("", kind=Kind.VOICE), b"sound " * 100_000, name="a.wav")
        scene.tell(vault)
        needs = []
        for number in range(3):
            vault.entries.add(words(f"Between backups {number}.", days=number))
            scene.tell(vault)
            needs.append(len(vault.backups.make(scene.stick).needs))
            scene.tell(vault)
    assert needs == [0, 1, 2]
    scene.tell_closed()


def restoring(scene: Scene) -> None:
    """A backup takes the place of the vault, which is moved aside."""
    _furnish(scene)
    with scene.open() as vault:
        vault.backups.make(scene.stick / "one.backup")
        scene.tell(vault)
        vault.entries.add(words("Only in the vault that is moved aside."))
        scene.tell(vault)
    restore(scene.stick / "one.backup", scene.secret, scene.folder, now=MORNING, replace=True)
    scene.tell_closed()


def opening(scene: Scene) -> None:
    """A vault of an earlier version, or one that a cut left, is opened, written to and closed."""
    with scene.open() as vault:
        scene.tell(vault)
        vault.entries.add(words("Written since."))
        scene.tell(vault)
