"""A private key in a file, encrypted with a passphrase: Argon2id (RFC 9106), then ChaCha20-Poly1305.

Not PKCS #8, as the library would write it: that derives its key with so few rounds that a stolen file could
be guessed at. What a key is for is authenticated with it, so none serves for another purpose.
"""

from __future__ import annotations

import json
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from policies.errors import PolicyError

MOST_BYTES = 10_000
SECRET_BYTES = 32
_SALT_BYTES, _NONCE_BYTES = 16, 12
_MEMORY_KIB = 256 * 1024


def seal_key(secret: bytes, passphrase: str, form: str) -> bytes:
    """The bytes of the file.

    :param secret: 32 bytes. :param form: what the key is for, and the version of this form.
    :raises policies.PolicyError: when the passphrase is empty.
    """
    if not passphrase.strip():
        raise PolicyError("A private key needs a passphrase, so none was made.")
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    sealed = ChaCha20Poly1305(_derived(passphrase, salt)).encrypt(nonce, secret, form.encode())
    file = {"form": form, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}
    return json.dumps(file, indent=1).encode() + b"\n"


def open_key(untrusted: bytes, passphrase: str, form: str) -> bytes:
    """The 32 bytes.

    :raises policies.PolicyError: when it is no such key, or the passphrase is another.
    """
    salt, nonce, sealed = _read(untrusted, form)
    try:
        secret = ChaCha20Poly1305(_derived(passphrase, salt)).decrypt(nonce, sealed, form.encode())
    except (InvalidTag, ValueError):
        raise PolicyError("This passphrase does not open the private key, so nothing was done.") from None
    if len(secret) != SECRET_BYTES:
        raise _no_key(form)
    return secret


def _read(untrusted: bytes, form: str) -> tuple[bytes, bytes, bytes]:
    try:
        if len(untrusted) > MOST_BYTES:
            raise ValueError("too long")
        match json.loads(untrusted):
            case {"form": str(said), "salt": str(salt), "nonce": str(nonce), "sealed": str(sealed)} if (
                said == form
            ):
                found = bytes.fromhex(salt), bytes.fromhex(nonce), bytes.fromhex(sealed)
            case _:
                raise ValueError("another form")
        if (len(found[0]), len(found[1])) != (_SALT_BYTES, _NONCE_BYTES):
            raise ValueError("another length")
    except (ValueError, RecursionError):
        raise _no_key(form) from None
    return found


def _no_key(form: str) -> PolicyError:
    return PolicyError(f"The file is no {form.rpartition(' ')[0]} that diary wrote, so nothing was done.")


def _derived(passphrase: str, salt: bytes) -> bytes:
    normal = unicodedata.normalize("NFC", passphrase)  # as a vault takes its own
    kdf = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=_MEMORY_KIB)
    return kdf.derive(normal.encode("utf-8", "surrogatepass"))
