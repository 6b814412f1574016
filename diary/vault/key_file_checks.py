"""Which files may open a vault: none that whoever has the vault has too, and none that may be easy to find
where the clinic's policy says how many guesses a secret must withstand.

A file that diary made holds 64 random bytes, and nobody finds it by trying. One that was there before may be
on many machines: trying every file of a disk is fewer guesses than a short passphrase. So it costs a slow
derivation a try (`slots`), and where a policy counts guesses it is refused, for nobody can count them.

Not here: whether a file can be read, and whether it repeats itself (`diary.key_file`).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from diary.errors import KeyRefused
from diary.model.key import KeyFile
from diary.rules import Effective
from diary.vault.backups.container import INCREMENT, OLD_WHOLE, WHOLE
from diary.vault.files import open_plain
from diary.vault.header import MAGIC

_GUESSES = "passphrase.guesses"
_TELLING = 16
"""Bytes that a file of the vault begins with and no other does: a database begins with a salt of its own."""


def require_fit(file: KeyFile, folder: Path, policy: Effective) -> None:
    """Refuse a file that is no good as a key.

    :param folder: of the vault.
    :raises diary.errors.KeyRefused: when whoever has the vault, or a backup of it, has the file.
    :raises diary.errors.PolicyForbids: when it was there before, and the policy counts guesses.
    """
    start = file.content[:_TELLING]
    own = any(one.is_file() and _start(one) == start for one in folder.rglob("*"))
    if own or start.startswith((MAGIC, OLD_WHOLE, INCREMENT, WHOLE)):
        raise KeyRefused(
            "This file is a copy of one of the vault's own, or a backup: whoever has the vault would "
            "have the key to it. Nothing was changed.",
            hint="Name a file that is not there yet: it is made, with random bytes.",
        )
    if not file.made and policy.number(_GUESSES) is not None:
        raise policy.forbids(
            _GUESSES,
            "nobody can say how many guesses a file withstands that was there before; name one that is not "
            "there yet, and it is made, with random bytes",
        )


def _start(path: Path) -> bytes:
    with suppress(OSError), open_plain(path) as file:
        return file.read(_TELLING)
    return b""
