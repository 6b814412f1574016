"""The vault's memory of its clinic: under whose policy, and which version of it, it was opened last.

Looked at before anything of an opened database is used or changed: a vault that belongs under a policy opens
under that one, or a later one of the same clinic, and else not at all (`policies.clinic.require_bound`). Who
opens a vault without saying what policy is installed opens none that has a clinic.

A new binding, and a release, are kept in one transaction with their event in the log, and told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from diary.model.audit import Detail, Event
from diary.rules import Effective, refused
from diary.vault.connection import Database, open_database
from diary.vault.failures import damaged
from diary.vault.settings import forget_setting, keep_setting, kept_setting

if TYPE_CHECKING:
    from diary.vault.keys import VaultKey
    from policies.clinic import Binding

BINDING = "clinic.binding"
"""The name of the setting."""

_UNTOLD = "clinic.untold"
_DIGITS = 16  # of the hash of a policy, in the log


def required(database: Database, policy: Effective) -> tuple[Binding | None, Binding | None]:
    """What the vault remembers of its clinic, and what it has to remember once it is open.

    :raises diary.errors.PolicyRefused: when it must not be opened here.
    """
    before = _decoded(kept_setting(database, BINDING))
    return before, _required(before, policy)


def require_any(untrusted_bindings: Iterable[str], policy: Effective) -> None:
    """Refuse likewise what was found of a vault that is damaged.

    :param untrusted_bindings: each version of the setting.
    """
    for text in untrusted_bindings:
        _required(_decoded(text), policy)


def _required(before: Binding | None, policy: Effective) -> Binding | None:
    if before is None and policy.installed is None:
        return None
    from policies.clinic import require_bound
    from policies.errors import PolicyError

    try:
        return require_bound(policy.installed, before)
    except PolicyError as error:
        raise refused(error) from None


def require(path: Path, key: VaultKey, policy: Effective, *, page_size: int, writable: bool = True) -> None:
    """Refuse the database at this path as `required` does; nothing is kept.

    :param writable: whether the disk lets it be written, which opening it needs to know.
    :raises diary.errors.DiaryError: likewise when it cannot be read.
    """
    database = open_database(path, key, page_size=page_size, writable=writable)
    try:
        required(database, policy)
    finally:
        database.close()


def keep(
    database: Database,
    before: Binding | None,
    after: Binding | None,
    *,
    log: Callable[..., None],
) -> None:
    """Remember the clinic, or that it let go.

    :param log: adds an event inside a transaction, as `AuditLog.log_within`.
    """
    if after == before:
        return
    with database.transaction():
        if after is None:
            forget_setting(database, BINDING)
        else:
            keep_setting(database, BINDING, _encoded(after))
        keep_setting(database, _UNTOLD, _sentence(before, after))
        log(Event.POLICY_CHANGED, **_details(before, after))


def take_notice(database: Database) -> str | None:
    """What is to be told of a change of clinic or policy, once; None when there is nothing."""
    sentence = kept_setting(database, _UNTOLD)
    if sentence is not None:
        with database.transaction():
            forget_setting(database, _UNTOLD)
    return sentence


def _sentence(before: Binding | None, after: Binding | None) -> str:
    if after is None:
        return f"The policy of “{before.clinic if before else ''}” let go of this diary: it binds it no more"
    if before is None:
        return (
            f"This diary is under the policy of “{after.clinic}” from now on (version {after.version}), and "
            "opens only where that is installed. What it says: diary policy show"
        )
    return f"The policy of “{after.clinic}” has a new version, {after.version}. See: diary policy show"


def _details(before: Binding | None, after: Binding | None) -> dict[str, Detail]:
    if after is None:
        return {"change": "released"}
    change = "bound" if before is None else "new key" if before.key != after.key else "new version"
    return {"change": change, "version": after.version, "policy": after.sha256[:_DIGITS]}


def _decoded(text: str | None) -> Binding | None:
    if text is None:
        return None
    import msgspec

    from policies.clinic import Binding

    try:
        key, version, sha256, clinic = msgspec.json.decode(text, type=tuple[str, int, str, str])
        return Binding(key=bytes.fromhex(key), version=version, sha256=sha256, clinic=clinic)
    except (msgspec.MsgspecError, ValueError):
        raise damaged("what it remembers of its clinic cannot be read") from None


def _encoded(binding: Binding) -> str:
    import msgspec

    parts = (binding.key.hex(), binding.version, binding.sha256, binding.clinic)
    return msgspec.json.encode(parts).decode()
