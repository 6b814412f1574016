"""policy check and verify: whether the wall stands, and signed statements of it, made and checked."""

from __future__ import annotations

import sys
from typing import Any

from diary import __version__
from diary.cli.context import Context
from diary.errors import DiaryError
from policies import evidence, report, stated, surroundings
from policies.report import Report, Route


class StatementRefused(DiaryError):
    """A statement that is none, was changed, or is not the one that was asked for."""

    code = "statement-refused"


def check(context: Context) -> int:
    """Try every way out; 1 when one is open, or a clinic's policy lies here under which nothing is opened."""
    if context.arguments.quick and context.arguments.report is None:
        return _quick(context)
    checked = report.check(context.enforced)
    policy = evidence.policy_in_force()
    written = _state(context, checked) if context.arguments.report is not None else None
    document = {
        "sealed": checked.sealed,
        "offline": context.enforced.offline,
        "routes": _routes(checked.routes),
        "engine": _routes(checked.engine),
        "findings": list(checked.findings),
        "surroundings": list(checked.surroundings),
        "policy": policy,
        "quick_ms": round(checked.quick_seconds * 1000, 2),
        "full_ms": round(checked.seconds * 1000),
    }
    if written is not None:
        document["statement"] = {"file": str(context.arguments.report), "key": written}
    context.console.document(document)
    context.console.raw(report.describe(checked))
    _say_policy(context, policy)
    if written is not None:
        context.console.say()
        context.console.say(f"The signed statement is in {context.arguments.report}. Its public key:")
        context.console.raw(f"    {written}")
        context.console.say("Whoever checks it compares this key with the one of the visit before.")
    sys.stdout.flush()
    return 0 if checked.sealed and not _is_refused(policy) else 1


def _is_refused(policy: dict[str, object] | None) -> bool:
    return policy is not None and "refused" in policy


def _say_policy(context: Context, policy: dict[str, object] | None) -> None:
    """Where a clinic has one; the diary of a person alone says nothing of it."""
    if policy is not None:
        context.console.say(f"Policy: {stated.policy_words(policy)}")


def _quick(context: Context) -> int:
    """What sealing this very command found; 1 as `check`, or when the kernel lacks a part of the wall, which
    was accepted.
    """
    enforced, console = context.enforced, context.console
    policy = evidence.policy_in_force()
    milliseconds = round(enforced.seconds * 1000, 2)
    surrounded = list(surroundings.sentences())
    console.document(
        {
            "sealed": enforced.sealed,
            "offline": enforced.offline,
            "findings": list(enforced.findings),
            "surroundings": surrounded,
            "policy": policy,
            "quick_ms": milliseconds,
        }
    )
    for finding in (*enforced.findings, *surrounded):
        console.say(finding)
    _say_policy(context, policy)
    if not enforced.sealed:
        console.say(f"The diary is NOT sealed. What this kernel can do was laid in {milliseconds:.1f} ms.")
        return 1
    console.say(f"The wall stands: laid and tried in {milliseconds:.1f} ms, as at every start.")
    return 1 if _is_refused(policy) else 0


def _routes(routes: tuple[Route, ...]) -> list[dict[str, Any]]:
    return [{"name": route.name, "blocked": route.blocked, "by": route.by} for route in routes]


def _state(context: Context, checked: Report) -> str:
    """Write the statement; the public key it is signed with, in hexadecimal."""
    from diary.cli import export_file
    from diary.model_store import catalogue
    from diary.settings import state_folder
    from policies import report_key, signing, statement

    models = {
        one.model.identity: {file.name: file.sha256 for file in one.model.manifest.files}
        for one in catalogue.listed(context.settings.models)[0]
    }
    content = evidence.gather(
        enforced=context.enforced,
        report=checked,
        version=__version__,
        models=models,
        nonce=context.arguments.nonce or "",
    )
    key = report_key.load_or_make(state_folder())
    export_file.write(context.arguments.report, statement.encode(key, content))
    return signing.public_bytes(key).hex()


def verify(context: Context) -> int:
    """Check a statement; 1 when it is refused, or says that its machine is not sealed."""
    from policies import statement

    arguments, console = context.arguments, context.console
    found = statement.decode(_read(context))
    if arguments.key is not None and arguments.key != found.key:
        raise StatementRefused(
            f"The statement is signed with another key than the one you named: {found.key.hex()}.",
            hint="It is from another installation, or its key was made anew; ask why.",
        )
    if arguments.nonce is not None and arguments.nonce != found.content.get("nonce"):
        raise StatementRefused(
            "The statement does not hold the nonce that you named: it is an older one, or for somebody else.",
            hint="Have a new one made: diary policy check --report FILE --nonce TEXT",
        )
    same = stated.compared(found.content)
    sealed = found.content.get("sealed") is True
    console.document(
        {
            "verified": True,
            "sealed": sealed,
            "key": found.key.hex(),
            "key_compared": arguments.key is not None,
            "nonce_compared": arguments.nonce is not None,
            "program_here": same.version,
            "files_that_differ": list(same.different),
            "statement": found.content,
        }
    )
    console.say(stated.in_words(found.content))
    console.say(same.words)
    console.say(f"The signature holds. It was made with the key {found.key.hex()}.")
    if arguments.key is None:
        console.say("Compare that key with the one you noted on an earlier visit, or name it with --key.")
    if arguments.nonce is None:
        console.say("Nobody asked for a nonce with --nonce, so this may be an old statement.")
    console.say("A program speaks here of itself: to know that it did, look at its files on that machine.")
    return 0 if sealed else 1


def _read(context: Context) -> bytes:
    from policies.statement import MOST_BYTES

    path = context.arguments.file
    try:
        with path.open("rb") as file:
            return bytes(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise StatementRefused(f"{path} cannot be read: {error.strerror}.") from None
