"""Slots as a person sees them listed, and what may stand in a label."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from diary.model.key import DerivationCost, Key
from diary.vault.rows import clean
from diary.vault.slots import KdfParameters, KeySlot

_LONGEST_LABEL = 40


def one_line(label: str) -> str | None:
    """Without line breaks and signs that steer a terminal: anybody may read it, and anywhere."""
    plain = "".join(sign if sign.isprintable() else " " for sign in clean(label))
    return " ".join(plain.split())[:_LONGEST_LABEL].rstrip() or None


def shown(number: int, slot: KeySlot, *, in_use: bool) -> Key:
    """The slot as it is listed.

    :param number: its place in the list, from 1.
    """
    made = None
    with suppress(ValueError):
        made = datetime.fromisoformat(slot.made)
    kdf = slot.kdf
    return Key(
        number=number,
        id=slot.id,
        kind=slot.kind,
        made=made,
        label=slot.label,
        cost=_cost(kdf) if kdf else None,
        in_use=in_use,
        sealed_to=slot.sealed_to.hex() if slot.sealed_to is not None else None,
    )


def _cost(kdf: KdfParameters) -> DerivationCost:
    return DerivationCost(memory_kib=kdf.memory_kib, iterations=kdf.iterations, lanes=kdf.lanes)
