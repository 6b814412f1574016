"""How one signing key came from another: statements that each key signed of the next, as a file.

A vault knows the key of the policy it was opened under. A policy that is signed with another key carries the
chain that leads from that one to this (`signing.follows`). Not here: the statements themselves (`signing`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from policies.errors import PolicyError
from policies.signing import MOST_BYTES, Link, decode, links_of

_FORM = "diary key succession 1"


def encode(link: Link) -> bytes:
    """The statement as a file: JSON, in hexadecimal."""
    form = {"form": _FORM, "links": [[link.old.hex(), link.new.hex(), link.signature.hex()]]}
    return json.dumps(form, indent=1).encode() + b"\n"


def read_links(untrusted: bytes) -> tuple[Link, ...]:
    """The statements in such a file, or in the signature of an earlier policy; those that hold.

    :raises policies.PolicyError: when it is neither, or one does not hold.
    """
    try:
        untrusted_form = json.loads(untrusted) if len(untrusted) <= MOST_BYTES else None
        match untrusted_form:
            case {"form": form, "links": list(untrusted_links)} if form == _FORM:
                found = links_of(untrusted_links)
            case _:
                found = decode(untrusted).chain
    except (ValueError, RecursionError):
        raise PolicyError(
            "The file is no succession of keys that diary wrote, so nothing was done."
        ) from None
    if not all(link.holds() for link in found):
        raise PolicyError("A succession of keys was changed after it was signed, so nothing was done.")
    return found


def chain_to(key: bytes, links: Iterable[Link]) -> tuple[Link, ...]:
    """Those that lead to this key, first to last; empty when none does.

    :param key: 32 bytes.
    """
    by_new = {link.new: link for link in links}
    chain: list[Link] = []
    while key in by_new:
        link = by_new.pop(key)
        chain.insert(0, link)
        key = link.old
    return tuple(chain)
