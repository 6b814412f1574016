"""A clinic's policy: signed, root's alone, and never older, absent or another's for a vault that is bound."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies import emergency, key_file, signing
from policies.clinic import NAME, SIGNATURE, Binding, Installed, installed, require_bound, verified
from policies.errors import PolicyError

OWNER = os.getuid()
FIRST, SECOND, THIRD = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
TEXT = 'version = {version}\nclinic = "A clinic"\nissued = 2026-11-21\n{rest}'


def text(version: int = 1, rest: str = "[lock]\nafter_minutes = 5\n") -> bytes:
    return TEXT.format(version=version, rest=rest).encode()


def policy(
    version: int = 1, *, key: Ed25519PrivateKey = FIRST, chain: tuple[signing.Link, ...] = (), rest: str = ""
) -> Installed:
    content = text(version, rest)
    return verified(content, signing.sign(key, signing.POLICY, content, chain=chain))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installed policy."""
    found = tmp_path / "diary"
    found.mkdir(mode=0o755)
    (found / NAME).write_bytes(text())
    (found / SIGNATURE).write_bytes(signing.encode(signing.sign(FIRST, signing.POLICY, text())))
    return found


def test_a_policy_that_root_owns_and_the_clinic_signed_is_believed(folder: Path) -> None:
    found = installed(folder, owner=OWNER)
    assert found is not None
    assert (found.policy.version, found.policy.rules) == (1, {"lock.after_minutes": 5})


def test_no_policy_is_no_policy(tmp_path: Path) -> None:
    assert installed(tmp_path, owner=OWNER) is None
    assert installed(tmp_path / "not there", owner=OWNER) is None


def edited(folder: Path) -> None:
    (folder / NAME).write_bytes(text(rest="[lock]\nafter_minutes = 6\n"))


def unsigned(folder: Path) -> None:
    (folder / SIGNATURE).unlink()


def signature_alone(folder: Path) -> None:
    (folder / NAME).unlink()


def spoilt_signature(folder: Path) -> None:
    (folder / SIGNATURE).write_bytes(b"{}")


def signed_for_something_else(folder: Path) -> None:
    (folder / SIGNATURE).write_bytes(signing.encode(signing.sign(FIRST, signing.REPORT, text())))


def unknown_rule(folder: Path) -> None:
    content = text(rest="[lock]\nnever = true\n")
    (folder / NAME).write_bytes(content)
    (folder / SIGNATURE).write_bytes(signing.encode(signing.sign(FIRST, signing.POLICY, content)))


def writable_folder(folder: Path) -> None:
    folder.chmod(0o777)


def sticky_folder(folder: Path) -> None:
    folder.chmod(0o1777)


def writable_file(folder: Path) -> None:
    (folder / NAME).chmod(0o664)


def writable_above(folder: Path) -> None:
    folder.parent.chmod(0o777)


def linked_file(folder: Path) -> None:
    (folder / NAME).rename(folder / "elsewhere")
    (folder / NAME).symlink_to(folder / "elsewhere")


def linked_folder(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to(folder.parent / "elsewhere")


def pipe(folder: Path) -> None:
    (folder / NAME).unlink()
    os.mkfifo(folder / NAME)


def folder_in_its_place(folder: Path) -> None:
    (folder / NAME).unlink()
    (folder / NAME).mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (edited, "changed after it was signed"),
        (unsigned, "no signature"),
        (signature_alone, "missing beside its signature"),
        (spoilt_signature, "not one that diary writes"),
        (signed_for_something_else, "changed after it was signed"),
        (unknown_rule, "unknown rule"),
        (writable_folder, "can be changed by others"),
        (sticky_folder, "can be changed by others"),
        (writable_file, "can be changed by others"),
        (writable_above, "can be changed by others"),
        (linked_file, "policy.toml is a link"),
        (linked_folder, "no folder"),
        (pipe, "no ordinary file"),
        (folder_in_its_place, "no ordinary file"),
    ],
)
def test_a_policy_that_may_not_be_believed_is_refused(folder: Path, spoil: object, says: str) -> None:
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(PolicyError, match=f"{says}.*nothing was opened") as refused:
        installed(folder, owner=OWNER)
    assert refused.value.hint
    folder.parent.chmod(0o755)


def test_a_policy_that_an_ordinary_user_installed_is_refused(folder: Path) -> None:
    if OWNER == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, 65534, 65534)
    with pytest.raises(PolicyError, match="others than root"):
        installed(folder)


def bound(found: Installed) -> Binding:
    binding = require_bound(found, None)
    assert binding is not None
    return binding


def test_a_vault_is_bound_to_the_first_policy_and_follows_its_versions() -> None:
    binding = bound(policy(3))
    assert (binding.version, binding.clinic, binding.key) == (3, "A clinic", signing.public_bytes(FIRST))
    assert require_bound(policy(3), binding) == binding
    newer = require_bound(policy(5), binding)
    assert newer is not None
    assert newer.version == 5


def test_without_a_clinic_there_is_no_binding() -> None:
    assert require_bound(None, None) is None


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "none is installed here"),
        (policy(2), "older"),
        (policy(3, rest="[lock]\nafter_minutes = 60\n"), "another one of the same version"),
        (policy(4, key=SECOND), "another key"),
        (
            policy(4, key=SECOND, chain=(signing.succeed(SECOND, signing.public_bytes(SECOND)),)),
            "another key",
        ),
        (policy(4, key=THIRD, chain=(signing.succeed(SECOND, signing.public_bytes(THIRD)),)), "another key"),
        (policy(4, key=SECOND, rest="", chain=()), "another key"),
    ],
)
def test_a_bound_vault_opens_under_no_other_policy(found: Installed | None, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        require_bound(found, bound(policy(3)))


def test_a_key_is_followed_to_its_successors() -> None:
    binding = bound(policy(3))
    to_second = signing.succeed(FIRST, signing.public_bytes(SECOND))
    to_third = signing.succeed(SECOND, signing.public_bytes(THIRD))
    found = require_bound(policy(4, key=THIRD, chain=(to_second, to_third)), binding)
    assert found is not None
    assert found.key == signing.public_bytes(THIRD)
    forged = replace(to_second, signature=bytes(64))
    with pytest.raises(PolicyError, match="another key"):
        require_bound(policy(4, key=SECOND, chain=(forged,)), binding)
    with pytest.raises(PolicyError, match="another key"):
        require_bound(policy(9, key=FIRST), found)


def test_a_release_lets_go_of_a_vault_and_binds_none() -> None:
    released = policy(4, rest="release = true\n")
    assert require_bound(released, bound(policy(3))) is None
    assert require_bound(released, None) is None
    with pytest.raises(PolicyError, match="another key"):
        require_bound(policy(4, key=SECOND, rest="release = true\n"), bound(policy(3)))


def test_a_signing_key_opens_with_its_passphrase_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_file, "_MEMORY_KIB", 64)
    file = signing.new_key("five plain words to sign")
    key = signing.load_key(file, "five plain words to sign")
    assert key.private_bytes_raw().hex().encode() not in file
    assert signing.verifies(
        signing.public_bytes(key), signing.POLICY, b"x", signing.sign(key, signing.POLICY, b"x").signature
    )
    for wrong in ("", "another"):
        with pytest.raises(PolicyError, match="does not open the private key"):
            signing.load_key(file, wrong)
    with pytest.raises(PolicyError, match="needs a passphrase"):
        signing.new_key("")
    for spoilt in (b"", b"[]", b"[" * 10_000, file.replace(b'"salt": "', b'"salt": "00'), file[:-9]):
        with pytest.raises(PolicyError, match="no signing key"):
            signing.load_key(spoilt, "five plain words to sign")


def test_a_signature_comes_back_from_its_file() -> None:
    signed = signing.sign(
        SECOND, signing.POLICY, b"x", chain=[signing.succeed(FIRST, signing.public_bytes(SECOND))]
    )
    assert signing.decode(signing.encode(signed)) == signed
    for spoilt in (
        b"",
        b"[]",
        b'{"form": 1}',
        b"[" * 10_000,
        signing.encode(signed).replace(b'"key": "', b'"key": "0'),
    ):
        with pytest.raises(PolicyError, match="not one that diary writes"):
            signing.decode(spoilt)


def test_a_secret_that_is_sealed_to_the_clinic_opens_with_its_key_for_that_vault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_file, "_MEMORY_KIB", 64)
    file = emergency.new_key("five plain words to open")
    key = emergency.load_key(file, "five plain words to open")
    other = emergency.load_key(emergency.new_key("x"), "x")
    sealed = emergency.seal_secret(b"s" * 32, emergency.public_bytes(key), vault_id=b"v" * 16)
    assert emergency.open_secret(sealed, key, vault_id=b"v" * 16) == b"s" * 32
    assert emergency.open_secret(sealed, other, vault_id=b"v" * 16) is None
    assert emergency.open_secret(sealed, key, vault_id=b"w" * 16) is None
    for at in range(len(sealed)):
        spoilt = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert emergency.open_secret(spoilt, key, vault_id=b"v" * 16) is None
    assert emergency.open_secret(b"", key, vault_id=b"v" * 16) is None
    with pytest.raises(PolicyError, match="no emergency key"):
        emergency.load_key(signing.new_key("x"), "x")
