"""The policy of a clinic, where it is installed, and whether it may be believed.

It lies in a folder that only root can change, `/etc/diary`: `policy.toml`, and its signature in
`policy.toml.sig`.
Rules, in this order; each refusal says which it is, and nothing is opened:

1. the folder, what leads to it, and both files belong to root and can be changed by root alone; no links;
2. the file is signed, and is what was signed, to the last byte;
3. every rule in it is understood (`reading`).

Then a vault is asked (`require_bound`): one that never saw a clinic's policy is bound to the first that it is
opened under, by the key that signed it; from then on it opens only under a policy of that clinic (its key, or
one that followed it), of the same version or a later one. No policy where one is bound is refused too.

What it cannot do: hold root, who can install another policy for vaults that are not bound yet, or replace the
program.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from policies.errors import PolicyError
from policies.place import FOLDER as FOLDER
from policies.place import NAME as NAME
from policies.place import ROOT as ROOT
from policies.place import SIGNATURE as SIGNATURE
from policies.place import is_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from policies.reading import ClinicPolicy
    from policies.signing import Signature

# What reads and verifies a policy (cryptography among it) is imported where there is one: most machines have
# none, and wait for nothing.

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Installed:
    """A policy that may be believed. :ivar signed: by whom. :ivar sha256: of the file, in hexadecimal."""

    policy: ClinicPolicy
    signed: Signature
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a vault remembers of its clinic.

    :ivar key: the public key of the newest policy it was opened under, 32 bytes.
    :ivar version: of that policy. :ivar sha256: of its file. :ivar clinic: the clinic's name.
    """

    key: bytes
    version: int
    sha256: str
    clinic: str


def installed(folder: Path = FOLDER, *, owner: int = ROOT) -> Installed | None:
    """The policy in this folder; None when there is none.

    :param owner: the user number that has to own it; root, but in tests.
    :raises policies.PolicyError: when there is one that may not be believed.
    """
    if not is_there(folder):
        return None
    from policies import signing

    _require_kept(folder, owner)
    content = _read(folder / NAME, owner, "The clinic's policy is missing beside its signature")
    beside = _read(folder / SIGNATURE, owner, "The clinic's policy has no signature")
    try:
        signed = signing.decode(beside)
    except PolicyError:
        raise refused("The signature of the clinic's policy is not one that diary writes") from None
    return verified(content, signed)


def verified(content: bytes, signed: Signature) -> Installed:
    """What a signed policy says.

    :raises policies.PolicyError: when the signature is not over these bytes, or a rule is not understood.
    """
    from policies import signing
    from policies.reading import read_policy

    if not signing.verifies(signed.key, signing.POLICY, content, signed.signature):
        raise refused("The clinic's policy was changed after it was signed")
    return Installed(read_policy(content), signed, hashlib.sha256(content).hexdigest())


def require_bound(found: Installed | None, binding: Binding | None) -> Binding | None:
    """What the vault has to remember from now on: the same, a newer binding, or None (never bound, released).

    :raises policies.PolicyError: when the vault must not be opened under this policy, or without one.
    """
    if binding is None:
        return None if found is None or found.policy.release else _binding(found)
    if found is None:
        raise refused(
            f"This vault belongs under the policy of “{binding.clinic}”, and none is installed here",
            hint="The clinic installs it, or signs a release for vaults that leave it.",
        )
    from policies import signing

    if not signing.follows(binding.key, found.signed):
        raise refused(f"The policy installed here is signed with another key than that of “{binding.clinic}”")
    if found.policy.version < binding.version:
        raise refused(
            f"The policy installed here is older (version {found.policy.version}) than the one this vault "
            f"was opened under (version {binding.version})"
        )
    if found.policy.version == binding.version and found.sha256 != binding.sha256:
        raise refused("The policy installed here is another one of the same version")
    return None if found.policy.release else _binding(found)


def refused(what: str, *, hint: str = "Ask whoever looks after the policy on this machine.") -> PolicyError:
    """Why nothing is opened."""
    return PolicyError(f"{what}, so nothing was opened and nothing was changed.", hint=hint)


def _binding(found: Installed) -> Binding:
    policy = found.policy
    return Binding(key=found.signed.key, version=policy.version, sha256=found.sha256, clinic=policy.clinic)


def _read(path: Path, owner: int, missing: str) -> bytes:
    from policies.reading import MOST_BYTES

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise refused(missing) from None
    except OSError as error:
        raise refused(_why_unread(path, error)) from None
    try:
        _require(os.fstat(handle), path, owner, folder=False)
    except PolicyError:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb") as file:
        return file.read(MOST_BYTES + 1)


def _why_unread(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ELOOP:
            return f"{path} is a link, and a policy has to be an ordinary file"
        case errno.EACCES:
            return f"{path} is closed to you, and has to be open to all (mode 644, in a folder of 755)"
        case _:
            return f"{path} cannot be read: {error.strerror}"


def _require_kept(folder: Path, owner: int) -> None:
    """The folder, and each that leads to it."""
    for path in (folder, *folder.parents):
        try:
            found = os.lstat(path)
        except OSError:
            raise refused(f"{path} cannot be looked at") from None
        # Where everybody may write but only owners may rename (as in /tmp), what is beneath stays theirs.
        sticky = path != folder and bool(found.st_mode & stat.S_ISVTX)
        _require(found, path, owner, folder=True, may_be_written=sticky)


def _require(
    found: os.stat_result, path: Path, owner: int, *, folder: bool, may_be_written: bool = False
) -> None:
    right_kind = stat.S_ISDIR if folder else stat.S_ISREG
    if not right_kind(found.st_mode):
        raise refused(f"{path} is no {'folder' if folder else 'ordinary file'}, as a policy needs")
    if found.st_uid not in (owner, ROOT) or (found.st_mode & _OTHERS_WRITE and not may_be_written):
        raise refused(f"{path} can be changed by others than root")
