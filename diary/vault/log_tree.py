"""The hash tree over a log, as RFC 6962 (section 2.1) defines it: SHA-256, leaves and nodes told apart.

The root over the first n leaves is a promise about each of them and their order. Pure; not here: what a leaf
says, and who signs a root (`audit`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
_EMPTY = hashlib.sha256(b"").digest()


def leaf_of(content: bytes) -> bytes:
    """The hash of one event."""
    return hashlib.sha256(b"\x00" + content).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves in their order; over none the hash of nothing.

    In one pass with a stack of whole subtrees, as a binary counter counts.
    """
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, leaf
        while stack and stack[-1][0] == size:
            node = _node(stack.pop()[1], node)
            size *= 2
        stack.append((size, node))
    if not stack:
        return _EMPTY
    _, root = stack.pop()
    while stack:
        root = _node(stack.pop()[1], root)
    return root


def inclusion_proof(leaves: Sequence[bytes], number: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root (PATH of the RFC).

    :raises IndexError: when there is no such leaf.
    """
    if not 0 <= number < len(leaves):
        raise IndexError(number)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if number < split:
        return [*inclusion_proof(leaves[:split], number), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], number - split), root_of(leaves[:split])]


def includes(leaf: bytes, number: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that the root is over `size` leaves with this one at this number.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= number < size:
        return False
    index, last, found = number, size - 1, leaf
    for hashed in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = _node(hashed, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = _node(found, hashed)
        index, last = index >> 1, last >> 1
    return last == 0 and found == root


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
