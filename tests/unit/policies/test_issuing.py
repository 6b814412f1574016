"""Before a policy is signed: what would shut people out is refused."""

from __future__ import annotations

import pytest

from policies import emergency, issuing, signing
from policies.clinic import Installed, verified
from policies.errors import PolicyError
from policies.signing import Issued
from tests.clinic.signed import KEY, OTHER, text


def naming(key: bytes) -> Installed:
    """A policy that names this key for emergencies, signed by a key that followed another."""
    content = text(f'[people]\nbreak_glass = "{key.hex()}"\n')
    chain = [signing.succeed(OTHER, signing.public_bytes(KEY))]
    return verified(content, signing.sign(KEY, signing.POLICY, content, chain=chain))


@pytest.mark.parametrize(
    ("before", "now"),
    [(None, Issued(1, "a")), (Issued(1, "a"), Issued(2, "b")), (Issued(3, "a"), Issued(3, "a"))],
)
def test_a_version_that_grows_and_the_same_file_again_are_signed(before: Issued | None, now: Issued) -> None:
    issuing.require_newer(before, now)


@pytest.mark.parametrize("now", [Issued(3, "b"), Issued(2, "b"), Issued(1, "a")])
def test_a_version_that_does_not_grow_is_not_signed(now: Issued) -> None:
    with pytest.raises(PolicyError, match="Nothing was signed") as refused:
        issuing.require_newer(Issued(3, "a"), now)
    assert "version = 4" in refused.value.hint


def test_what_a_signature_is_over_is_noted_beside_it_and_is_no_part_of_it() -> None:
    signed = signing.sign(KEY, signing.POLICY, b"words")
    written = signing.encode(signed, Issued(7, "ab" * 32))
    assert signing.decode(written) == signed
    assert signing.noted(written) == Issued(7, "ab" * 32)
    for silent in (signing.encode(signed), b"", b"[" * 9999, b'{"over": {"version": "7"}}', b"\xff"):
        assert signing.noted(silent) is None


def test_an_emergency_key_that_somebody_has_may_be_named() -> None:
    issuing.require_usable_emergency_key(verified_without())
    key = emergency.load_key(emergency.new_key("seven quiet herons"), "seven quiet herons")
    issuing.require_usable_emergency_key(naming(emergency.public_bytes(key)))


def verified_without() -> Installed:
    content = text()
    return verified(content, signing.sign(KEY, signing.POLICY, content))


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (signing.public_bytes(KEY), "signing key"),
        (signing.public_bytes(OTHER), "signing key"),
        (bytes(32), "none that anybody can have"),
        (b"\x01" + bytes(31), "none that anybody can have"),
    ],
    ids=["its signing key", "the signing key before", "zero", "one"],
)
def test_an_emergency_key_that_opens_nothing_is_not_signed(key: bytes, says: str) -> None:
    with pytest.raises(PolicyError, match=f"{says}.*nothing was signed"):
        issuing.require_usable_emergency_key(naming(key))
