"""people: the names of the diaries that lie beside this one, on a machine that several people share.

Refused unless a clinic's policy allows it. Nothing else in the program looks at what lies beside a vault, and
the wall lets only this command read the names there, and no file. No vault is opened.
"""

from __future__ import annotations

from diary.bootstrap import vaults_beside
from diary.cli.context import Context


def people(context: Context) -> None:
    """List them; the one that would be opened here is marked."""
    found, console, own = vaults_beside(context.enforced, context.settings), context.console, context.settings
    console.document(
        {
            "folder": str(own.vault.parent),
            "people": [{"name": name, "own": name == own.vault.name} for name in found],
        }
    )
    for name in found:
        console.raw(f"{'*' if name == own.vault.name else ' '} {name}")
    if not found:
        console.say(f"There is no diary in {own.vault.parent}.")
