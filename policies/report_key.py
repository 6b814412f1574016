"""The key that an installation signs its statements with: 32 bytes in a file that its owner alone can read.

It lies unencrypted, because a statement is made without a vault and without a passphrase: whoever runs as
this user can sign with it, and a statement says no more than that. It is apart from every key of a vault and
opens nothing. It lies in the state folder and not with the data, so that a copied vault does not carry it to
another machine.

It is made once, whole or not at all (a new file, then a link without overwriting); one that others could
read, or that is no key, is refused and not replaced: the auditor knows the old one.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from policies.errors import PolicyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "report.key"
_BYTES = 32
_OTHERS = 0o077


def load_or_make(folder: Path) -> Ed25519PrivateKey:
    """The report key in this folder, made when there is none.

    :param folder: exists, and belongs to whoever runs this.
    :raises policies.PolicyError: when it cannot be made or read, or may not be used.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = folder / NAME
    try:
        if not os.path.lexists(path):
            _make(path)
        return Ed25519PrivateKey.from_private_bytes(_read(path))
    except OSError as error:
        raise _refused(f"The report key {path} can be neither read nor made ({error.strerror})") from None


def _make(path: Path) -> None:
    """Under a name of its own first; of two that are made at once the first stays."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))  # any 32 bytes are an Ed25519 key (RFC 8032, 5.1.5)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
            raise _refused(f"The report key {path} can be read or changed by others than you")
        key = file.read(_BYTES + 1)
    if len(key) != _BYTES:
        raise _refused(f"The report key {path} is damaged")
    return key


def _refused(what: str) -> PolicyError:
    return PolicyError(
        f"{what}, so nothing was signed.",
        hint="Move it away to have a new one made, and give the auditor the new public key.",
    )
