"""Vaults under a policy that names an emergency key, and what a clinic and an owner see of them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from diary.model.entry import EntryFilter
from diary.model.key import EmergencyKey, Key, KeyKind
from diary.rules import Effective
from diary.vault import header as header_file
from diary.vault.header import Header
from diary.vault.keyring import KeyRing
from diary.vault.slots import BREAK_GLASS, KeySlot
from diary.vault.vault import Vault
from policies.emergency import public_bytes
from tests.clinic.signed import effective
from tests.unit.vault.fresh import fresh_folder, words

CLINIC_KEY, OTHER_KEY = (X25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (7, 8))


def naming(key: X25519PrivateKey | None, *, version: int = 1, more: str = "") -> Effective:
    rule = f'[people]\nbreak_glass = "{public_bytes(key).hex()}"\n' if key else ""
    return effective(more + rule, version=version)


POLICY = naming(CLINIC_KEY)


def emergency(key: X25519PrivateKey = CLINIC_KEY, reason: str = "Patient unconscious.") -> EmergencyKey:
    return EmergencyKey(private=key.private_bytes_raw(), reason=reason)


def vault_under_policy(tmp_path: Path) -> tuple[Path, str]:
    """A vault with an entry, under a policy that names an emergency key, and its recovery code."""
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code, policy=POLICY) as opened:
        opened.entries.add(words("Frost on the weir."))
        opened.emergencies.told()
    return folder, code


def read(folder: Path, policy: Effective = POLICY, **given: object) -> list[str]:
    """What emergency access shows."""
    with Vault.unlock(folder, emergency(**given), policy=policy) as opened:  # type: ignore[arg-type]
        return [one.text for one in opened.entries.list(EntryFilter())]


def notices(folder: Path, code: str, policy: Effective = POLICY) -> list[str]:
    """What the owner is told at the next opening."""
    with Vault.unlock(folder, code, policy=policy) as opened:
        return opened.emergencies.notices()


def listed(folder: Path, code: str, policy: Effective = POLICY) -> list[Key]:
    with KeyRing.open(folder, code, policy=policy) as ring:
        return [key for key in ring.all() if key.kind == KeyKind.BREAK_GLASS]


def slots(folder: Path) -> tuple[Header, list[KeySlot]]:
    header = header_file.load(folder)[0].header
    return header, [slot for slot in header.slots if slot.kind == BREAK_GLASS]
