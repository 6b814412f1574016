"""policy: the rules that hold and the wall; and for a clinic, on its own machine: signing keys, signatures,
and checking them. None of it needs a vault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diary import rules, unnamed
from diary.cli import export_file, proof_commands
from diary.cli.context import Context
from diary.cli.policy_paths import SIGNATURE, signature_of
from diary.errors import StorageFailed
from policies import place, report, surroundings
from policies.errors import PolicyError
from policies.rules import Tighter

if TYPE_CHECKING:
    from policies.clinic import Installed
    from policies.rules import Setting, Value
    from policies.signing import Issued

_MOST_BYTES = 1_000_001


def policy(context: Context) -> int:
    """Do the action that was asked for."""
    actions = {
        "show": _show,
        "check": proof_commands.check,
        "key": _key,
        "sign": _sign,
        "succeed": _succeed,
        "verify": _verify,
    }
    with _told():
        return actions[context.arguments.action](context) or 0


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except PolicyError as error:
        raise rules.refused(error) from None


# What holds


def _show(context: Context) -> None:
    """Each rule and who set it; then the wall.

    :raises diary.errors.PolicyRefused: when the clinic's policy may not be believed.
    """
    found = rules.read()
    holds = rules.explained(rules.under(context.settings, found))
    wall, enforced = context.policy, context.enforced
    context.console.document(
        {
            "clinic": found and _clinic_document(found),
            "rules": [_rule_document(setting) for setting in holds.values()],
            "profile": wall.profile.value,
            "sealed": enforced.sealed,
            "offline": enforced.offline,
            "landlock_abi": enforced.landlock_abi,
            "governed": list(enforced.handled),
            "standing": enforced.standing,
            "seal_ms": round(enforced.seconds * 1000, 2),
            "closed_descriptors": enforced.closed_descriptors,
            "read": [str(path) for path in wall.read],
            "write": [str(path) for path in wall.write],
            "findings": list(enforced.findings),
            "surroundings": list(surroundings.sentences()),
        }
    )
    _say_clinic(context, found)
    _say_rules(context, holds)
    context.console.raw(report.show(wall, enforced))


def _clinic_document(found: Installed) -> dict[str, Any]:
    said = found.policy
    return {
        "name": said.clinic,
        "version": said.version,
        "issued": said.issued.isoformat(),
        "release": said.release,
        "key": found.signed.key.hex(),
        "sha256": found.sha256,
    }


def _rule_document(setting: Setting) -> dict[str, Any]:
    value = setting.value
    return {
        "rule": setting.rule.name,
        "value": list(value) if isinstance(value, tuple) else value,
        "set_by": setting.source.value,
        "says": setting.rule.says,
    }


def _say_clinic(context: Context, found: Installed | None) -> None:
    console = context.console
    if found is None:
        console.say("No clinic's policy is installed on this machine: nothing but your settings holds.")
    else:
        _say_policy(context, found)
    console.say()


def _say_policy(context: Context, found: Installed) -> None:
    said, console = found.policy, context.console
    console.say(f"The policy of “{said.clinic}”, version {said.version} of {_day(said.issued)}.")
    console.say(f"Signed with the key {found.signed.key.hex()}")
    if found.signed.chain:
        console.say(f"which followed {found.signed.chain[0].old.hex()}")
    if said.release:
        console.say("It lets go of the vaults that are bound to this clinic.")


def _day(day: date) -> str:
    return day.isoformat()


def _say_rules(context: Context, holds: Mapping[str, Setting]) -> None:
    for setting in holds.values():
        who = {"default": "the program", "you": "you", "clinic": "the clinic"}[setting.source.value]
        context.console.raw(f"{setting.rule.name:<24} {_in_words(setting):<12} set by {who}")
        context.console.say(setting.rule.says, indent=25)
    context.console.say()


def _in_words(setting: Setting) -> str:
    if setting.value is not None:
        return _value_words(setting.value)
    return {Tighter.AMONG: "any", Tighter.NAMED: "none"}.get(setting.rule.tighter, "no limit")


def _value_words(value: Value) -> str:
    match value:
        case bool(switch):
            return "yes" if switch else "no"
        case tuple(texts):
            return ", ".join(texts) or "none"
        case _:
            return str(value)


# What a clinic does


def _key(context: Context) -> None:
    """Make a private key. Whoever has its file may guess without end, as with a vault."""
    from policies import signing

    file = context.arguments.new.absolute()
    passphrase = context.ask_new(context.passphrase)
    if context.arguments.emergency:
        from policies import emergency

        made = emergency.new_key(passphrase)
        public = emergency.public_bytes(emergency.load_key(made, passphrase)).hex()
    else:
        made = signing.new_key(passphrase)
        public = signing.public_bytes(signing.load_key(made, passphrase)).hex()
    export_file.write(file, made)
    console = context.console
    console.document({"file": str(file), "key": public, "emergency": context.arguments.emergency})
    console.say(f"The private key is in {file}; its passphrase opens it. The public key:")
    console.raw(f"    {public}")
    if context.arguments.emergency:
        console.say("Name it in the policy: under [people], break_glass = that key.")
    else:
        console.say(
            "Write it down where your users' machines are looked after: your policies are known by it."
        )
    console.say("Keep the file and a copy of it apart from the machines that the policy is for.")


def _understood(content: bytes, file: Path) -> Issued:
    """What is to be signed."""
    from policies.reading import read_policy
    from policies.rules import NotUnderstood
    from policies.signing import Issued

    try:
        return Issued(read_policy(content).version, hashlib.sha256(content).hexdigest())
    except NotUnderstood as error:
        raise PolicyError(
            f"{error.what}, so nothing was signed.", hint=f"Mend {file.name}, then sign it again."
        ) from None


def _sign(context: Context) -> None:
    """Sign a policy that is understood; nothing is written otherwise."""
    from policies import issuing, signing, succession
    from policies.clinic import verified

    arguments, console = context.arguments, context.console
    content = _read(arguments.policy)
    now = _understood(content, arguments.policy)
    target = signature_of(arguments.policy).absolute()
    there = _signature_there(target)
    before = signing.decode(there) if there else None
    issuing.require_newer(signing.noted(there), now)
    links = [link for file in arguments.after for link in succession.read_links(_read(file))]
    links += before.chain if before else ()
    key = signing.load_key(_read(arguments.key), context.passphrase.ask("Passphrase of the signing key: "))
    chain = succession.chain_to(signing.public_bytes(key), links)
    if links and arguments.after and not chain:
        raise PolicyError(
            "What was given with --after does not lead to this key, so nothing was signed.",
            hint="Make the succession with: diary policy succeed",
        )
    made = signing.sign(key, signing.POLICY, content, chain=chain)
    found = verified(content, made)
    issuing.require_usable_emergency_key(found)
    export_file.write(target, signing.encode(made, now))
    console.document({"signature": str(target), **_clinic_document(found), "rules": _given(found)})
    _say_policy(context, found)
    console.say(f"The signature is in {target}. Install both files in /etc/diary, owned by root.")
    if before is not None and not signing.follows(before.key, made):
        console.note(
            f"The signature before was made with another key, {before.key.hex()}, which this one does not "
            "follow: vaults that know that one will not open under this policy."
        )


def _signature_there(target: Path) -> bytes:
    """What is to be replaced; nothing when there is none."""
    return b"" if unnamed.is_waiting(target) else _read(target)


def _succeed(context: Context) -> None:
    """Sign with the old key that the new one follows it."""
    from policies import signing, succession

    arguments, console = context.arguments, context.console
    # Both are asked for first: what is typed while a key is derived would be shown by the terminal.
    passphrase = context.passphrase.ask("Passphrase of the old key: ")
    new_passphrase = context.new_passphrase.ask("Passphrase of the new key: ")
    old = signing.load_key(_read(arguments.old_key), passphrase)
    new = signing.load_key(_read(arguments.new_key), new_passphrase)
    link = signing.succeed(old, signing.public_bytes(new))
    file = arguments.new.absolute()
    export_file.write(file, succession.encode(link))
    console.document({"file": str(file), "old": link.old.hex(), "new": link.new.hex()})
    console.say(f"The key {link.old.hex()}\nis followed by {link.new.hex()}.")
    console.say(f"Sign with the new key from now on: diary policy sign POLICY --key NEW --after {file}")


def _verify(context: Context) -> int:
    """Check a statement, which is JSON, or a policy, which is not."""
    file = context.arguments.file
    if file.suffix == SIGNATURE:
        raise PolicyError(
            f"{file.name} is a signature, which says nothing by itself, so nothing was verified.",
            hint=f"Name what it is over: diary policy verify {file.with_suffix('')}",
        )
    if context.arguments.nonce is not None or _read(context.arguments.file).lstrip()[:1] == b"{":
        return proof_commands.verify(context)
    _verify_policy(context)
    return 0


def _verify_policy(context: Context) -> None:
    """Say who signed a policy, and what is in it; of the installed one, also whether it may be believed.

    :raises diary.errors.PolicyRefused: when it is not as it was signed, or signed with another key.
    """
    from policies import signing
    from policies.clinic import verified

    arguments, console = context.arguments, context.console
    if arguments.file.resolve() == place.FOLDER / place.NAME:
        rules.read()  # of the one that holds here, who may change it is looked at, too
    content, signature = _read(arguments.file), signature_of(arguments.file)
    if not signature.exists():
        raise PolicyError(
            f"There is no signature beside {arguments.file.name}, so nothing was verified.",
            hint=f"It is called {signature.name}; bring both files, from the clinic.",
        )
    found = verified(content, signing.decode(_read(signature)))
    if arguments.key is not None and arguments.key != found.signed.key:
        raise PolicyError(
            f"The policy is signed with another key than the one you named: {found.signed.key.hex()}.",
            hint="Ask the clinic which one it is, by another way than the one the policy came by.",
        )
    given = _given(found)
    document = {**_clinic_document(found), "key_compared": arguments.key is not None, "rules": given}
    console.document({"verified": True, **document})
    _say_policy(context, found)
    for name, value in given.items():
        console.raw(f"{name:<24} {_value_words(tuple(value) if isinstance(value, list) else value)}")
    if arguments.key is None:
        console.say(
            "Compare that key with the clinic's, or name it with --key: anybody can sign with their own."
        )


def _given(found: Installed) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.policy.rules.items()
    }


def _read(path: Path) -> bytes:
    """The file's beginning, more than any of these files has.

    :raises diary.errors.StorageFailed: when it cannot be read.
    """
    try:
        with path.absolute().open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be read: {error.strerror}. Nothing was done.", hint="Check its name."
        ) from None
