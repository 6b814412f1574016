"""What is true in an hour of somebody's use, and what was refused.

What was acknowledged is noted as a fact: what, and its value. The facts are all that the diary holds
afterwards, no more and no less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from diary.errors import DiaryError
from diary.model.entry import EntryFilter
from diary.vault.spools import OpenSpool
from diary.vault.vault import Vault
from tests.faults.worlds import World

Fact = tuple[str, Any]
Facts = dict[Fact, Any]
"""None for what is gone."""


@dataclass(frozen=True)
class Refusal:
    """What a step said instead of being done.

    :ivar step: its name. :ivar about: the numbers and names it was about.
    """

    sentence: str
    step: str = "open"
    about: tuple[Any, ...] = ()

    def may_concern(self, fact: Fact, value: Any, *, new: bool) -> bool:
        """Whether the step would have changed this fact, or made it. A disk that fails while it is asked to
        make something last leaves it open whether it does: the step is told as not done, and may be done.
        """
        kind, name = fact
        if kind == "draft":
            return "draft" in self.step
        if self.step == "undo":
            return kind in ("entry", "deleted", "batch")
        belongs = kind == "attachment" and value is not None and value[0] in self.about
        return name in self.about or belongs or (new and kind in _MAKES.get(self.step, ()))


_MAKES = {
    "add": {"entry"},
    "write": {"entry"},
    "begin": {"unsaved"},
    "save": {"entry", "sound"},
    "import_some": {"entry", "batch"},
    "attach": {"attachment"},
    "term": {"term"},
}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


class Hour:
    """One sitting: what is true, and what was refused."""

    def __init__(self, world: World, facts: Facts) -> None:
        self.world, self.facts = world, facts
        self.refusals: list[Refusal] = []
        self.running: OpenSpool | None = None

    def step(self, act: partial[Facts]) -> bool:
        """Whether it was done."""
        try:
            changes = act()
        except DiaryError as refused:
            about = tuple(one for one in act.args if isinstance(one, int | str))
            self.refusals.append(Refusal(f"{refused.message} {refused.hint}", act.func.__name__, about))
            return False
        for fact, value in changes.items():
            if value is None:
                self._forget(fact)
            else:
                self.facts[fact] = value
        return True

    def _forget(self, fact: Fact) -> None:
        self.facts.pop(fact, None)
        if fact[0] == "entry":  # what belongs to it goes with it
            self.facts.pop(("sound", fact[1]), None)
            for other in [one for one, value in self.facts.items() if one[0] == "attachment"]:
                if self.facts[other][0] == fact[1]:
                    del self.facts[other]

    def opened(self) -> Vault | None:
        """The vault, or None when that was refused."""
        try:
            return self.world.opened()
        except DiaryError as refused:
            self.refusals.append(Refusal(f"{refused.message} {refused.hint}"))
            return None

    def known(self, what: str) -> list[Any]:
        """The numbers or names of what there is of this kind, oldest first."""
        return [fact[1] for fact in self.facts if fact[0] == what]


def facts_of(vault: Vault) -> Facts:
    """All that the diary holds; of words, drafts, recordings, files, terms and imports."""
    facts: Facts = {}
    for entry in vault.entries.list(EntryFilter()):
        facts["entry", entry.id] = (entry.text, entry.starred)
        if vault._database.row("SELECT 1 FROM recordings WHERE entry = ?", (entry.id,)):
            facts["sound", entry.id] = digest(vault.recordings.sound(entry.id))
    facts |= {("deleted", one.entry.id): True for one in vault.deleted.list()}
    for one in vault.attachments.of():
        facts["attachment", one.id] = (one.entry, digest(b"".join(vault.attachments.content(one.id))))
    facts |= {("draft", draft.slot): draft.text for draft in vault.drafts.list()}
    for spool in vault.spools.unfinished():
        facts["unsaved", spool.id] = digest(vault.spools.read(spool.id, 0, 2**31))
    facts |= {("term", term.id): term.text for term in vault.glossary.terms()}
    facts |= {("batch", batch.id): batch.added for batch in vault.imports.batches()}
    return facts


def require_facts(vault: Vault, facts: Facts, *, unsure: Sequence[Refusal] = ()) -> None:
    """These and no others, but for backups and the recovery code.

    :param unsure: steps that were refused and may have been done all the same.
    """
    found = facts_of(vault)
    wanted = {fact: value for fact, value in facts.items() if fact[0] not in ("backup", "code")}
    wrong = [
        f"{fact}: {found.get(fact)} not {wanted.get(fact)}"
        for fact in {**found, **wanted}
        if found.get(fact) != wanted.get(fact)
        and not any(one.may_concern(fact, wanted.get(fact), new=fact not in wanted) for one in unsure)
    ]
    assert not wrong, wrong
