"""Keeps the rules of how long things are kept: says a week ahead what will go or be condensed, and does it.

In this order at each run: an erasure that was cut short is finished; deleted entries go when it was said at
their deletion; of entries and older versions go, or are condensed, those that were announced `NOTICE` ago
under the same rule. What comes within `NOTICE` is announced, once a day at most, and what was announced is
remembered in the diary: nothing goes because a clock, or a setting, was changed yesterday. By the clock of
the machine, never by `--as-of`. Under a clinic's legal hold, and while the clock may be wrong, nothing goes
for its age and nothing is announced: what was deleted yesterday would be a year old by a clock set forward.

Not here: the words for it (`retention_words`), the sound of recordings (`voice.writing_down`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from diary.model.entry import EntryId
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.retention import NOTICE, Aged, Going, RetentionDone, RetentionRules, Rule
from diary.ports import AgeingStore, DeletedStore
from ingest.ports import Preferences

_ANNOUNCED = "retention.announced"
_ONCE_IN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Announced:
    """What a rule of so many days will take until `through` was announced at `at`."""

    rule: str
    days: int
    at: datetime
    through: datetime


class Retention:
    """The rules of one open diary.

    :param now: the clock of the machine; aware.
    :param clock_in_doubt: why that may be wrong, as a sentence without a full stop.
    """

    def __init__(
        self,
        ageing: AgeingStore,
        deleted: DeletedStore,
        preferences: Preferences,
        rules: RetentionRules,
        *,
        now: Callable[[], datetime],
        clock_in_doubt: Callable[[], str | None],
    ) -> None:
        self.rules = rules
        self.clock_in_doubt = clock_in_doubt
        self._ageing = ageing
        self._deleted = deleted
        self._preferences = preferences
        self._now = now

    def outlook(self) -> list[Going]:
        """What goes within `NOTICE`, or is overdue, by rule; nothing is announced or erased."""
        if self.rules.hold:
            return []
        now = self._now()
        announced = self._announced()
        found = [self._going(rule, length, announced, now) for rule, length in self._lengths()]
        soon = [one for one in self._deleted.list() if one.until <= now + NOTICE]
        if soon:
            entries = tuple(one.entry.id for one in soon)
            at = max(now, min(one.until for one in soon))
            found.append(Going(rule=Rule.DELETED, count=len(soon), at=at, entries=entries))
        return [one for one in found if one is not None]

    def due(self) -> list[Going]:
        """What `run(at_once=True)` would take now, announced or not, by rule; nothing is erased."""
        if self._nothing_goes():
            return []
        now = self._now()
        over = tuple(self._deleted.over(now))
        found = [Going(rule=Rule.DELETED, count=len(over), entries=over)] if over else []
        for rule, length in self._lengths():
            aged = self._aged(rule, now - length)
            if aged:
                found.append(Going(rule=rule, count=len(aged), entries=_whose(aged)))
        return found

    def run(
        self, *, at_once: bool = False, report: Report = silent, cancelled: Cancelled = never
    ) -> RetentionDone:
        """Keep the rules as of now; what went, and what is announced anew.

        :param at_once: what is old enough goes though it was not announced: the person was shown `due`, and
            asked.
        """
        now = self._now()
        self._ageing.finish(report=report, cancelled=cancelled)
        if self._nothing_goes():
            return RetentionDone()
        went: list[Going] = []
        over = self._deleted.over(now)
        if over:
            count = self._deleted.erase(over, by="retention")
            went.append(Going(rule=Rule.DELETED, count=count, entries=tuple(over)))
        announced = self._announced()
        for rule, length in self._lengths():
            through = now if at_once else _covered(announced, rule, length, now)
            due = () if through is None else self._aged(rule, min(through, now) - length)
            if due and not cancelled():
                went.append(Going(rule=rule, count=self._take(rule, due), entries=_whose(due)))
        return RetentionDone(went=went, announced=self._announce(announced, now))

    def _nothing_goes(self) -> bool:
        return self.rules.hold or self.clock_in_doubt() is not None

    def _announce(self, announced: Sequence[_Announced], now: datetime) -> list[Going]:
        """Announce what comes, and remember that; what was announced, for telling."""
        kept, told = list(announced), []
        for rule, length in self._lengths():
            ours = [one for one in kept if (one.rule, one.days) == (rule, length.days)]
            if any(now - _ONCE_IN < one.at <= now for one in ours):
                continue
            if self._aged(rule, now + NOTICE - length):
                kept.append(_Announced(rule, length.days, now, now + NOTICE))
                going = self._going(rule, length, kept, now)
                told += [going] if going else []
        kept = [one for one in kept if now - one.at <= 2 * NOTICE and one.at <= now]
        if kept != list(announced):
            self._remember(kept)
        return told

    def _going(
        self, rule: Rule, length: timedelta, announced: Sequence[_Announced], now: datetime
    ) -> Going | None:
        aged = self._aged(rule, now + NOTICE - length)
        if not aged:
            return None
        due = aged[0].since + length
        ours = [one for one in announced if (one.rule, one.days) == (rule, length.days)]
        since = min((one.at for one in ours if one.through >= due), default=now)
        return Going(
            rule=rule,
            count=len(aged),
            at=max(due, since + NOTICE).astimezone(now.tzinfo),
            entries=_whose(aged),
        )

    def _take(self, rule: Rule, due: Sequence[Aged]) -> int:
        if rule is not Rule.CONDENSE:
            return self._ageing.erase(due)
        from ingest.observations.condensed import (
            condensed,
        )  # a diary without such a rule need not wait for it

        return self._ageing.condense(due, condensed)

    def _aged(self, rule: Rule, before: datetime) -> Sequence[Aged]:
        match rule:
            case Rule.ENTRIES:
                return self._ageing.entries(before)
            case Rule.CONDENSE:
                return self._ageing.to_condense(before)
            case _:
                return self._ageing.versions(before)

    def _lengths(self) -> list[tuple[Rule, timedelta]]:
        """In this order: what goes wholly need not be condensed first."""
        lengths = (
            (Rule.ENTRIES, self.rules.entries),
            (Rule.CONDENSE, self.rules.condense),
            (Rule.REVISIONS, self.rules.revisions),
        )
        return [(rule, length) for rule, length in lengths if length is not None]

    def _announced(self) -> list[_Announced]:
        import msgspec  # a diary without such rules need not wait for it

        kept = self._preferences.get(_ANNOUNCED)
        return [] if kept is None else msgspec.json.decode(kept, type=list[_Announced])

    def _remember(self, kept: Sequence[_Announced]) -> None:
        import msgspec

        self._preferences.set(_ANNOUNCED, msgspec.json.encode(kept).decode() if kept else None)


def _whose(aged: Sequence[Aged]) -> tuple[EntryId, ...]:
    """The entries, each once."""
    return tuple(dict.fromkeys(one.entry for one in aged))


def _covered(
    announced: Sequence[_Announced], rule: Rule, length: timedelta, now: datetime
) -> datetime | None:
    """Until when what is due was announced long enough ago; None when nothing was."""
    ours = (one for one in announced if (one.rule, one.days) == (rule, length.days))
    return max((one.through for one in ours if one.at <= now - NOTICE), default=None)
