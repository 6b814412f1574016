"""What a clinic is kept from before it signs: policies that are understood, and that shut people out.

1. A version that does not grow. Vaults that were opened under a version open under no older one, and under no
   other of the same number; installed on every machine, one forgotten digit would close every diary. What the
   signature of the version before was over is noted beside it (`signing.encode`). The note is a reminder to
   whoever signs, and proves nothing: nothing else reads it.
2. An emergency key that nobody has. A public key of the other kind looks the same, and the mistake would show
   in an emergency.

Not here: whether a policy is understood (`reading`), signatures themselves (`signing`).
"""

from __future__ import annotations

from policies import emergency
from policies.clinic import Installed
from policies.errors import PolicyError
from policies.signing import Issued

_RULE = "people.break_glass"


def require_newer(before: Issued | None, now: Issued) -> None:
    """:param before: what was signed before under the same name, as far as that is noted.

    :raises policies.PolicyError: when a vault that knows that one would not open under what is signed now.
    """
    if before is None or before.version < now.version or before == now:
        return
    if before.version == now.version:
        what = f"Another policy was signed as version {now.version} before"
    else:
        what = f"Version {before.version} was signed before, and this is version {now.version}"
    raise PolicyError(
        f"{what}: vaults that were opened under that one would not open under this one. Nothing was signed.",
        hint=f"Set version = {before.version + 1}, then sign it again. Where the one before was never "
        "installed, remove its signature (the .sig file) instead.",
    )


def require_usable_emergency_key(found: Installed) -> None:
    """:raises policies.PolicyError: when no emergency key can be the one that the policy names."""
    named = found.policy.rules.get(_RULE)
    if not isinstance(named, str):
        return
    key, signed = bytes.fromhex(named), found.signed
    signing_keys = {signed.key} | {one for link in signed.chain for one in (link.old, link.new)}
    if key in signing_keys:
        raise _no_emergency_key("is the clinic's signing key, which signs and opens nothing")
    try:
        emergency.seal_secret(b"", key, vault_id=bytes(16))
    except ValueError:
        raise _no_emergency_key("is none that anybody can have") from None


def _no_emergency_key(why: str) -> PolicyError:
    return PolicyError(
        f"The key that “{_RULE}” names {why}, so nothing was signed.",
        hint="Name the public key that this printed: diary policy key --emergency",
    )
