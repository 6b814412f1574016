"""Clinics for tests: keys, policies that they signed, and the rules that follow."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diary.rules import Effective, under
from diary.settings import Settings
from policies import signing
from policies.clinic import NAME, SIGNATURE, Installed, verified

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
CLINIC = "St Anna, Ghent"


def text(rules: str = "", *, version: int = 1, clinic: str = CLINIC) -> bytes:
    return f'version = {version}\nclinic = "{clinic}"\nissued = 2026-11-21\n{rules}'.encode()


def signed(rules: str = "", *, version: int = 1, key: Ed25519PrivateKey = KEY) -> Installed:
    """A policy that is believed."""
    content = text(rules, version=version)
    return verified(content, signing.sign(key, signing.POLICY, content))


def install(folder: Path, content: bytes, *, key: Ed25519PrivateKey = KEY) -> Path:
    """Put a policy and its signature where a clinic puts them."""
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / NAME).write_bytes(content)
    (folder / SIGNATURE).write_bytes(signing.encode(signing.sign(key, signing.POLICY, content)))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def settings(place: Path, rules: str | None = None, **own: object) -> Settings:
    """A person's settings, under a policy of these rules; None: no clinic."""
    plain = Settings(
        vault=place / "vault", models=(place / "models",), cache=place, config=place / "none.toml",
        **own,  # type: ignore[arg-type]
    )  # fmt: skip
    return under(plain, None if rules is None else signed(rules))


def effective(rules: str, *, version: int = 1, key: Ed25519PrivateKey = KEY) -> Effective:
    """The rules under a policy, for a person who has chosen nothing."""
    return under(settings(Path("/nowhere")), signed(rules, version=version, key=key)).clinic
