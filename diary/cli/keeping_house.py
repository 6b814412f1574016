"""init, policy: making a vault, seeing what the wall is."""

from __future__ import annotations

import sys
from typing import Any

from diary.bootstrap import about_the_place, create_vault
from diary.cli.context import Context
from diary.errors import DiaryError
from policies import report


class CodeNotShown(DiaryError):
    """A recovery code was made, and nobody can have read it."""

    code = "code-not-shown"


def init(context: Context) -> None:
    """Make a new vault and print the recovery code, once."""
    code = create_vault(context.enforced, context.settings, context.passphrase.ask_new())
    try:
        _say_made(context, code)
    except OSError:
        raise CodeNotShown(
            "The vault is made and its recovery code could not be shown. Your passphrase opens it.",
            hint="Make another code, with the output on a terminal: diary keys add --recovery",
        ) from None


def _say_made(context: Context, code: str) -> None:
    console, warnings = context.console, about_the_place(context.settings)
    console.document({"vault": str(context.settings.vault), "recovery_code": code, "warnings": warnings})
    console.say(f"A new vault is ready in {context.settings.vault}.")
    for sentence in warnings:
        console.note(f"{sentence}.")
    console.say()
    console.say("Your recovery code:")
    console.say()
    console.raw(f"    {code}")
    console.say()
    console.say(
        "Write it on paper and keep it safe. It opens the vault when the passphrase is forgotten. It is "
        "shown only now, and nobody can make it again; without the passphrase and without it, everything is "
        "lost."
    )


def _granted(context: Context) -> dict[str, Any]:
    policy, enforced = context.policy, context.enforced
    return {
        "profile": policy.profile.value,
        "landlock_abi": enforced.landlock_abi,
        "governed": list(enforced.handled),
        "standing": enforced.standing,
        "seal_ms": round(enforced.seconds * 1000, 2),
        "closed_descriptors": enforced.closed_descriptors,
        "read": [str(path) for path in policy.read],
        "write": [str(path) for path in policy.write],
        "findings": list(enforced.findings),
    }


def policy(context: Context) -> int:
    """Show what the kernel enforces, or try every way out."""
    if context.arguments.action == "show":
        context.console.document(_granted(context))
        context.console.raw(report.show(context.policy, context.enforced))
        return 0
    checked = report.check(context.enforced)
    context.console.document(
        {
            "sealed": checked.sealed,
            "routes": [
                {"name": route.name, "blocked": route.blocked, "by": route.by} for route in checked.routes
            ],
            "findings": list(checked.findings),
        }
    )
    context.console.raw(report.describe(checked))
    sys.stdout.flush()
    return 0 if checked.sealed else 1
