"""init: making a vault."""

from __future__ import annotations

from diary.bootstrap import KeyRing, about_the_place, create_vault, open_keys, require_no_vault
from diary.cli.context import Context
from diary.errors import DiaryError
from diary.model.key import KeyKind


class CodeNotShown(DiaryError):
    """A recovery code was made, and nobody can have read it."""

    code = "code-not-shown"


def init(context: Context) -> None:
    """Make a new vault and print the recovery code, once."""
    require_no_vault(context.settings)
    passphrase = context.ask_new(context.passphrase)
    code, told = create_vault(context.enforced, context.settings, passphrase)
    try:
        _say_made(context, code, told)
    except OSError:
        with open_keys(context.enforced, context.settings, passphrase) as ring:
            raise code_not_shown(ring, "The vault is made, and your passphrase opens it.") from None


def code_not_shown(ring: KeyRing, done: str) -> CodeNotShown:
    """Take the recovery code away that nobody has read: somebody else might find it where the output went.

    :param ring: of which it is the only one. :param done: what was done, as a sentence.
    """
    try:
        for key in [one for one in ring.all() if one.kind == KeyKind.RECOVERY_CODE]:
            ring.remove(key.id)
    except DiaryError:
        return CodeNotShown(
            f"{done} Its recovery code could not be shown, and is one of its keys all the same.",
            hint="See which, and take it away: diary keys list, then diary keys remove NUMBER",
        )
    return CodeNotShown(
        f"{done} Its recovery code could not be shown, so it was taken away again.",
        hint="Make another code, with the output on a terminal: diary keys add --recovery",
    )


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
