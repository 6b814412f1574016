"""What every command works with: its arguments, a console, the proof that the wall stands, an open diary."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from diary.bootstrap import open_diary
from diary.cli.emergency import Emergency
from diary.cli.output import Console
from diary.cli.passphrase import PassphraseSource
from diary.cli.questions import range_between
from diary.errors import DiaryError, TimeNotUnderstood, WrongPassphrase
from diary.model.key import KeyFile, Secret
from diary.model.progress import Progress, Report
from diary.model.time_range import TimeRange
from diary.session import Session
from diary.settings import Settings
from policies.enforcement import Enforced
from policies.policy import Policy

_ATTEMPTS = 3
_ONCE = (
    "This vault is of an older diary: what every entry is has to be listed once, so that a change behind "
    "your back can be told. If it is stopped, nothing is lost, and it begins anew at the next opening."
)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One run of the command line."""

    arguments: argparse.Namespace
    console: Console
    settings: Settings
    passphrase: PassphraseSource
    policy: Policy
    enforced: Enforced
    new_passphrase: PassphraseSource = field(default_factory=lambda: PassphraseSource(None))
    key_file: KeyFile | None = None
    emergency: Emergency | None = None

    def require_strong(self, passphrase: str) -> None:
        """:raises diary.errors.WeakPassphrase: when it is too easily guessed for anything of the person's."""
        from diary.bootstrap import require_strong_passphrase

        require_strong_passphrase(self.settings, passphrase)

    def ask_new(self, source: PassphraseSource) -> str:
        """A new passphrase that is strong enough; asked for up to three times where somebody types it."""
        again = None if self.console.json else self.console.error
        return source.ask_new(self.require_strong, again=again)

    @property
    def now(self) -> datetime:
        """The aware local time; on the day of --as-of when it is given."""
        now = datetime.now().astimezone()
        if self.arguments.as_of is None:
            return now
        try:
            day = self.day(self.arguments.as_of, now)
        except TimeNotUnderstood:
            raise TimeNotUnderstood(
                f"The date “{self.arguments.as_of}” of --as-of was not understood, so nothing was done.",
                hint="Try 2025-03-04, “yesterday” or “last Tuesday”.",
            ) from None
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
            from retrieval.when import parse_moment

            return parse_moment(text, now or self.now).date()

    def range(self) -> TimeRange | None:
        """The range of --from and --to; either may be a day or a period ("last march")."""
        return range_between(self.arguments.from_, self.arguments.to, self.as_of)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The open diary; asks up to three times when the passphrase is typed."""
        session = self.unlocked(
            lambda secret: open_diary(
                self.enforced, self.settings, secret, now=lambda: self.now, report=self._opening()
            )
        )
        self.console.warn(session.warnings)
        try:
            self._tell_of_emergencies(session)
            if self.arguments.command != "retention" and self.emergency is None:
                self._keep_rules(session)
            yield session
            self._remind(session)
        finally:
            told = tuple(session.warnings)
            session.close()
            self.console.warn([sentence for sentence in session.warnings if sentence not in told])

    def _opening(self) -> Report:
        """Tells what takes long in opening, and first why it does."""
        told = False

        def report(progress: Progress) -> None:
            nonlocal told
            if not told:
                self.console.note(_ONCE)
                told = True
            self.console.progress(progress)

        return report

    def _tell_of_emergencies(self, session: Session) -> None:
        """On stderr, under --json too, until it was told where somebody sees it."""
        notices = session.emergency_notices()
        self.console.warn(notices)
        if notices and sys.stderr.isatty():
            session.emergencies_told()

    def _remind(self, session: Session) -> None:
        """Once a day, on stderr, that a backup is due. Not under --json, and not on an assumed day."""
        if self.console.json or self.arguments.as_of is not None or self.emergency is not None:
            return
        with suppress(DiaryError):  # what was asked for is done
            due = session.backups.due_today()
            if due is not None:
                where = "" if due.folder else " FOLDER"
                self.console.note(f"{due.words[0].upper()}{due.words[1:]}: diary backup{where}")

    def _keep_rules(self, session: Session) -> None:
        """Never silently, and never in the way of what was asked for; by no assumed day."""
        try:
            if self.settings.speech.keep_audio is not None and self.arguments.as_of is None:
                session.voice.forget_old_sound()
            done = session.keep_rules(report=self.console.progress)
        except DiaryError as error:
            self.console.note(error.message)
            return
        if done.went or done.announced:
            from diary.cli.retention_commands import tell

            tell(self.console, done)

    def unlocked(self, open_with: Callable[[Secret], Result]) -> Result:
        """What `open_with` opens with the emergency key, or the key file, or else with the passphrase."""
        if self.emergency is not None:
            return open_with(self.emergency.opened(self.passphrase))
        if self.key_file is not None:
            return open_with(self.key_file)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return open_with(self.passphrase.ask())
            except WrongPassphrase as error:
                if not self.passphrase.interactive or attempt == _ATTEMPTS:
                    raise
                self.console.say(error.message)
        raise AssertionError("the loop returns or raises")
