"""What every command works with: its arguments, a console, the proof that the wall stands, an open diary."""

from __future__ import annotations

import argparse
import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from diary.bootstrap import open_diary
from diary.cli.output import Console
from diary.cli.passphrase import PassphraseSource
from diary.errors import TimeNotUnderstood, UsageError, WrongPassphrase
from diary.model.answer import Question
from diary.model.time_range import TimeRange
from diary.session import Session
from diary.settings import Settings
from policies.enforcement import Enforced
from policies.policy import Policy
from retrieval.when import parse_moment, parse_range

_ATTEMPTS = 3
_MONTH_OR_YEAR = re.compile(r"(?P<year>[12]\d{3})(-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One run of the command line."""

    arguments: argparse.Namespace
    console: Console
    settings: Settings
    passphrase: PassphraseSource
    policy: Policy
    enforced: Enforced

    @property
    def now(self) -> datetime:
        """The aware local time; on the day of --as-of when it is given."""
        now = datetime.now().astimezone()
        if self.arguments.as_of is None:
            return now
        day = self.day(self.arguments.as_of, now)
        return datetime.combine(day, now.time()).astimezone()

    @property
    def as_of(self) -> date:
        """What “today” means."""
        return self.now.date()

    def day(self, text: str, now: datetime | None = None) -> date:
        """A day from ISO digits or words ("yesterday").

        :raises diary.errors.TimeNotUnderstood: when it names none.
        """
        try:
            return date.fromisoformat(text)
        except ValueError:
            return parse_moment(text, now or self.now).date()

    def range(self) -> TimeRange | None:
        """The range of --from and --to; either may be a day or a period ("last march")."""
        first, last = self.arguments.from_, self.arguments.to
        if first is None and last is None:
            return None
        start = self._bound(first).start if first else None
        end = self._bound(last).end if last else None
        if start and end and start > end:
            raise UsageError("--from lies after --to, so no day is meant.", hint="Exchange them.")
        return TimeRange(start, end)

    def _bound(self, text: str) -> TimeRange:
        bare = _MONTH_OR_YEAR.fullmatch(text.strip())
        if bare:
            year, month = int(bare["year"]), int(bare["month"] or 1)
            last = month if bare["month"] else 12
            return TimeRange(date(year, month, 1), date(year, last, monthrange(year, last)[1]))
        period = parse_range(text, self.as_of)
        if period is not None:
            return period
        try:
            day = self.day(text)
        except TimeNotUnderstood:
            raise TimeNotUnderstood(
                "The date after --from or --to was not understood, so nothing was looked up.",
                hint="Try 2025-03-04, 2025-03, 2025, “yesterday”, “last march”.",
            ) from None
        return TimeRange(day, day)

    def question(self, text: str, *, limit: int) -> Question:
        """A question with the options of the command line.

        :raises diary.errors.UsageError: when there are no words.
        """
        if not text.strip():
            raise UsageError("There is no question.", hint="Write it after the command.")
        return Question(text=text, as_of=self.as_of, limit=limit, range=self.range(), tag=self.arguments.tag)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The open diary; asks up to three times when the passphrase is typed."""
        session = self._unlock()
        try:
            yield session
        finally:
            session.close()

    def _unlock(self) -> Session:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return open_diary(self.enforced, self.settings, self.passphrase.ask(), now=lambda: self.now)
            except WrongPassphrase as error:
                if not self.passphrase.interactive or attempt == _ATTEMPTS:
                    raise
                self.console.say(error.message)
        raise AssertionError("the loop returns or raises")
