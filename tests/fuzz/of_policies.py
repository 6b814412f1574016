"""Readers of what a clinic signs: policies, signatures, signing keys; and of the person's own settings."""

from __future__ import annotations

import functools
import hashlib
import json
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diary.settings import load_settings
from diary.settings_file import SettingsWrong
from policies import key_file, signing, statement, succession
from policies.errors import PolicyError
from policies.reading import read_policy
from policies.rules import RULES, Tighter
from tests.fuzz.target import Target


def policy() -> list[bytes]:
    lines, tables = ['version = 3\nclinic = "St Anna, Ghent"\nissued = 2026-11-21\n'], {}
    for rule in RULES:
        table, _, name = rule.name.partition(".")
        tables.setdefault(table, []).append(f"{name} = {_value(rule)}")
    lines += [f"[{table}]\n" + "\n".join(rules) + "\n" for table, rules in tables.items()]
    return ["".join(lines).encode(), b'version = 1\nclinic = "x"\nissued = 2026-11-21\nrelease = true\n']


def _value(rule) -> str:
    match rule.tighter:
        case Tighter.TRUE:
            return "true"
        case Tighter.LESS | Tighter.MORE:
            return str(rule.lowest)
        case Tighter.LATER:
            return f'"{rule.choices[0]}"'
        case Tighter.AMONG:
            return f'["{rule.choices[0]}"]' if rule.choices else '["/media/stick"]'
        case _:
            return f'"{rule.default or "a" * 64}"'


def read_a_policy(data: bytes, _: Path) -> None:
    read_policy(data)


@functools.cache
def signatures() -> list[bytes]:
    old, new = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
    link = signing.succeed(old, signing.public_bytes(new))
    return [
        signing.encode(signing.sign(new, signing.POLICY, b"words", chain=chain), signing.Issued(7, "ab"))
        for chain in ((), (link,) * 2)
    ]


def read_signature(data: bytes, _: Path) -> None:
    signing.noted(data)
    found = signing.decode(data)
    signing.verifies(found.key, signing.POLICY, b"words", found.signature)
    signing.follows(bytes(32), found)


def signing_keys() -> list[bytes]:
    _cheap_derivation()
    return [signing.new_key("a phrase")]


def read_signing_key(data: bytes, _: Path) -> None:
    signing.load_key(data, "a phrase")


def _cheap_derivation() -> None:
    """What it costs to derive a key is not what is tried here, and no case could change it."""
    key_file._derived = lambda passphrase, salt: hashlib.sha256(salt + passphrase.encode()).digest()


SETTINGS = b"""vault = "~/diary"
models = "~/models"
[answers]
compose = "verified"
[screen]
lock_after_minutes = 15
exchange = "~/exchange"
[person]
born = 1980-02-29
[speech]
language = "en"
languages = ["en", "de"]
keep_audio = "always"
[retention]
deleted_days = 30
entries_days = 3650
[backup]
folder = "/media/stick"
keep = 7
every_days = 14
"""


def read_settings(data: bytes, place: Path) -> None:
    (place / "config.toml").write_bytes(data)
    load_settings(config=place / "config.toml")


def succession_files() -> list[bytes]:
    old, new = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
    return [succession.encode(signing.succeed(old, signing.public_bytes(new))), *signatures()]


def read_succession(data: bytes, _: Path) -> None:
    succession.chain_to(bytes(32), succession.read_links(data))


CONTENT = {"made": "2026-11-21T10:00:00+01:00", "routes": [{"name": "tcp", "errno": 1}], "policy": None}


def statements() -> list[bytes]:
    signer = Ed25519PrivateKey.from_private_bytes(bytes(32))
    return [statement.encode(signer, CONTENT), json.dumps(CONTENT).encode()]


def read_statement(data: bytes, _: Path) -> None:
    """As it is; and whatever content it can be, under a signature that holds."""
    statement.is_one(data)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and "form" not in content:
        with suppress(ValueError):
            data = statement.encode(Ed25519PrivateKey.from_private_bytes(bytes(32)), content)
    statement.decode(data)


_REFUSED = (PolicyError,)

TARGETS = (
    Target(name="policy", samples=policy, read=read_a_policy, refuses=_REFUSED, share=40),
    Target(name="policy-signature", samples=signatures, read=read_signature, refuses=_REFUSED, share=40),
    Target(name="signing-key", samples=signing_keys, read=read_signing_key, refuses=_REFUSED, share=40),
    Target(name="key-succession", samples=succession_files, read=read_succession, refuses=_REFUSED, share=20),
    Target(name="statement", samples=statements, read=read_statement, refuses=_REFUSED, share=20),
    Target(
        name="settings", samples=lambda: [SETTINGS], read=read_settings, refuses=(SettingsWrong,), share=30
    ),
)
