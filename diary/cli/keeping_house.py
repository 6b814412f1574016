"""init: making a vault."""

from __future__ import annotations

from diary.bootstrap import about_the_place, create_vault
from diary.cli.context import Context
from diary.errors import DiaryError


class CodeNotShown(DiaryError):
    """A recovery code was made, and nobody can have read it."""

    code = "code-not-shown"


def init(context: Context) -> None:
    """Make a new vault and print the recovery code, once."""
    passphrase = context.passphrase.ask_new(context.require_strong)
    code, told = create_vault(context.enforced, context.settings, passphrase)
    try:
        _say_made(context, code, told)
    except OSError:
        raise CodeNotShown(
            "The vault is made and its recovery code could not be shown. Your passphrase opens it.",
            hint="Make another code, with the output on a terminal: diary keys add --recovery",
        ) from None


def _say_made(context: Context, code: str, told: list[str]) -> None:
    console = context.console
    warnings = list(dict.fromkeys([*about_the_place(context.settings), *told]))
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
