"""What a clinic's policy forbids is refused before anything is made for it, since that could not be removed
behind the seal.

Only for commands that make something before the seal, and only where a policy is installed; that it is asked
again, at the one place of each rule, stays as it is.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from policies import place

if TYPE_CHECKING:
    from diary.settings import Settings


def require_allowed(arguments: argparse.Namespace, settings: Settings) -> None:
    """Refuse what is refused in any case.

    :raises diary.errors.PolicyRefused: when the policy may not be believed.
    :raises diary.errors.PolicyForbids: when it forbids what is to be written.
    """
    form = _form(arguments)
    if form is None or not place.is_there(place.FOLDER):
        return
    from diary import rules

    clinic = rules.under(settings, rules.read()).clinic
    if form:
        clinic.require_export(form)


def _form(arguments: argparse.Namespace) -> str | None:
    """What the command makes, as `policies.rules.EXPORTS` names it; "" for what no such rule is about; None
    when it makes nothing.
    """
    if getattr(arguments, "ics", None):
        return "ics"
    if getattr(arguments, "salvage", None):
        return "salvage"
    makes = arguments.command in ("init", "demo", "restore", "drill")
    return "" if makes or getattr(arguments, "new_key_file", None) or _checkpoint(arguments) else None


def _checkpoint(arguments: argparse.Namespace) -> bool:
    return arguments.command == "audit" and getattr(arguments, "file", None) is not None
