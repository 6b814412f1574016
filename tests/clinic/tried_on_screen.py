"""What is tried against each rule by keys on the real screen, over a real diary of a clinic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.widgets._toast import Toast

from diary import bootstrap
from diary.engine import allowed
from diary.errors import ModelNotAllowed
from diary.model.retention import RetentionRules
from diary.settings import BackupHabit, Settings, Speech, load_settings
from diary.tui.app import DiaryApp
from diary.tui.context import Outcome, ScreenContext
from diary.tui.screens.attachments import AttachmentsScreen
from diary.tui.screens.journal import JournalScreen
from diary.vault.vault import Vault
from policies.enforcement import Enforced
from retrieval.composing import Trust
from tests.clinic.signed import effective, signed
from tests.clinic.tried import OLD, Clinic, none, tried
from tests.clinic.tried_by_command import backed_up_then
from tests.fakes.models import FakeEmbedder, FakeLanguageModel
from tests.tui.driving import Opened
from tests.tui.test_locking import Machine as Clocks

DAY = timedelta(days=1)
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Kernel:
    """What a wall says of itself."""

    landlock_abi: int
    sealed: bool = True


class Tried(Opened):
    """The real screen."""

    @property
    def notebook(self) -> Any:
        return self.app.notebook

    def said(self) -> str:
        """All that stands on the screen, that which floats over it too."""
        floating = [str(toast._notification.message) for toast in self.screen.query(Toast)]
        return " ".join([self.flat(), *(" ".join(one.split()) for one in floating)])

    async def refused(self, rules: str) -> None:
        """The sentence that names the clinic and the rule is seen."""

        def seen() -> bool:
            try:
                Clinic.says_why(self.said(), rules)
            except AssertionError:
                return False
            return True

        await self.until(lambda: "forbids this" in self.said() and seen(), "the refusal")

    async def answer(self, key: str, *replies: str) -> None:
        """Press a key, then answer the dialog that each of the others wants."""
        await self.press(key)
        for reply in replies:
            await self.until(lambda: isinstance(self.screen, ModalScreen), f"a dialog for {reply}")
            await self.press(reply)


@asynccontextmanager
async def screen(clinic: Clinic, rules: str, patch: Patch, **more: Any) -> AsyncIterator[Tried]:
    """The journal of the diary, opened with its recovery code.

    :param more: the person's own settings; `facts` of the screen's context.
    """
    facts = more.pop("facts", {})
    settings = Settings(
        vault=clinic.machine.home.vault,
        models=more.pop("models", (clinic.place / "models",)),
        cache=clinic.place / "cache",
        config=clinic.place / "config.toml",
        exchange=clinic.place / "exchange",
        **more,
    )
    patch.setattr("diary.rules.read", lambda: signed(rules))
    wall = cast("Enforced", Kernel(landlock_abi=4))
    tightened = bootstrap.under_policy(wall, settings)

    def now() -> datetime:
        return datetime.now().astimezone()

    context = ScreenContext(
        vault="vault", seal="sealed", now=now, lock_after=tightened.lock_after, exchange=settings.exchange
    )
    app = DiaryApp(
        lambda code, report: bootstrap.open_diary(wall, tightened, code, now=now, report=report),
        lambda: None,
        replace(context, **facts),
    )
    try:
        async with app.run_test(size=(110, 40), notifications=True) as pilot:
            await pilot.pause(0)
            diary = Tried(app, pilot, cast("Any", None))
            diary.screen.query_one(Input).value = clinic.code
            await diary.press("enter")
            await diary.until(lambda: isinstance(diary.screen, JournalScreen), "the journal")
            yield diary
            app._exit = True
    finally:
        if app.notebook is not None:
            app.notebook.close()
        allowed.only(None, ModelNotAllowed)


@asynccontextmanager
async def unchanged(clinic: Clinic, rules: str, patch: Patch, **more: Any) -> AsyncIterator[Tried]:
    """Likewise; nothing in the diary and beside it is another afterwards."""
    before, outside = clinic.facts(rules), clinic.outside()
    async with screen(clinic, rules, patch, **more) as diary:
        await diary.sees("Walked far.")
        yield diary
    assert clinic.facts(rules) == before and clinic.outside() == outside


@tried("lock.after_minutes", "screen")
async def leaving_it_open(clinic: Clinic, patch: Patch) -> None:
    """The person's settings never lock."""
    patch.setattr("diary.tui.app.LOOK_EVERY", 0.02)
    clocks = Clocks()
    rules, facts = "[lock]\nafter_minutes = 5", {"clocks": clocks.clocks}
    async with screen(clinic, rules, patch, lock_after=None, facts=facts) as diary:
        clocks.awake += 5 * 60 - 1
        await diary.pilot.pause(0.1)
        assert diary.app.return_value is None
        clocks.awake += 1
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK, "the lock")


# How long things are kept


@tried("audio.keep_days", "screen")
async def keeping_sound(clinic: Clinic, patch: Patch) -> None:
    rules, own = "[audio]\nkeep_days = 30", Speech(keep_audio=None)
    async with screen(clinic, rules, patch, speech=own) as diary:
        recordings = diary.notebook._stores.recordings
        await diary.until(lambda: not recordings.kept_before(datetime.now().astimezone()), "no sound")
    assert clinic.facts(rules).sounds == ()


@tried("retention.entries_days", "screen")
async def keeping_entries(clinic: Clinic, patch: Patch) -> None:
    rules, own = f"[retention]\nentries_days = {OLD}", RetentionRules(entries=36_000 * DAY)
    async with screen(clinic, rules, patch, retention=own) as diary:
        await diary.until(lambda: not diary.notebook.entries(), "no entry")
        await diary.until(lambda: "went for good" in diary.said(), "a sentence")
    assert clinic.facts(rules).entries == {}


@tried("retention.condense_days", "screen")
async def keeping_words(clinic: Clinic, patch: Patch) -> None:
    rules, own = f"[retention]\ncondense_days = {OLD}", RetentionRules(condense=36_000 * DAY)
    async with screen(clinic, rules, patch, retention=own) as diary:
        await diary.until(lambda: "badly" not in diary.notebook.entry(1).text, "no words")
        await diary.until(lambda: "condensed" in diary.said(), "a sentence")
    assert "badly" not in clinic.facts(rules).entries[1][0]


@tried("retention.revisions_days", "screen")
async def keeping_versions(clinic: Clinic, patch: Patch) -> None:
    rules, own = f"[retention]\nrevisions_days = {OLD}", RetentionRules(revisions=36_000 * DAY)
    async with screen(clinic, rules, patch, retention=own) as diary:
        await diary.until(lambda: len(diary.notebook.history(1)) == 1, "one version")
    assert clinic.facts(rules).entries[1] == ("Slept badly, and late.", 1)


@tried("retention.deleted_days", "screen")
async def keeping_what_is_deleted(clinic: Clinic, patch: Patch) -> None:
    rules, own = "[retention]\ndeleted_days = 0", RetentionRules(deleted=300 * DAY)
    before = clinic.facts()
    async with screen(clinic, rules, patch, retention=own) as diary:
        await diary.sees("Walked far.")
        await diary.press("d")
        await diary.sees("Delete this entry for good?")
        await diary.press("y")
        await diary.until(lambda: "erased for good" in diary.said(), "a sentence")
        await diary.press("ctrl+z")
        await diary.until(lambda: "Nothing was deleted since" in diary.said(), "a sentence")
    after = clinic.facts(rules)
    assert len(after.entries) == len(before.entries) - 1 and after.deleted == before.deleted


@tried("retention.legal_hold", "screen")
async def erasing(clinic: Clinic, patch: Patch) -> None:
    """A deleted entry, and a file, which has no undoing."""
    rules = "[retention]\nlegal_hold = true"
    async with unchanged(clinic, rules, patch) as diary:
        await diary.answer("x", "d")
        await diary.refused(rules)
        await diary.press("escape")
    async with unchanged(clinic, rules, patch) as diary:
        await at_files(diary)
        await diary.press("d")
        await diary.refused(rules)


# What comes and goes


async def at_files(diary: Tried) -> None:
    await diary.press("down", "f")
    await diary.until(lambda: isinstance(diary.screen, AttachmentsScreen), "the files")
    await diary.sees("letter.txt")


@tried("export.formats", "screen")
async def writing_out(clinic: Clinic, patch: Patch) -> None:
    rules = '[export]\nformats = ["ics"]'
    async with unchanged(clinic, rules, patch) as diary:
        await at_files(diary)
        await diary.press("x")
        await diary.refused(rules)


@tried("backup.folders", "screen")
async def backing_up_elsewhere(clinic: Clinic, patch: Patch) -> None:
    rules = f'[backup]\nfolders = ["{clinic.place}/in"]'
    async with unchanged(clinic, rules, patch, backup=BackupHabit(folder=clinic.place / "out")) as diary:
        await diary.press("b")
        await diary.refused(rules)


@tried("backup.every_days", "screen")
async def never_asking_for_a_backup(clinic: Clinic, patch: Patch) -> None:
    backed_up_then(clinic)
    with_an_embedder(patch)
    async with screen(clinic, "[backup]\nevery_days = 7", patch, backup=BackupHabit(every=None)) as diary:
        await diary.sees("last backup 100 days ago")


# Models


def with_an_embedder(patch: Patch) -> None:
    embedder = FakeEmbedder()
    patch.setattr(embedder, "close", lambda: None, raising=False)
    patch.setattr(bootstrap, "_embedder", lambda _: embedder)


@tried("models.sha256", "screen")
async def searching_with_any_model(clinic: Clinic, patch: Patch) -> None:
    """Those that came with the program."""
    rules, installed = "[models]\nsha256 = []", load_settings(config=clinic.place / "none.toml").models
    async with unchanged(clinic, rules, patch, models=installed) as diary:
        await diary.press("slash")
        await diary.until(lambda: not isinstance(diary.screen, JournalScreen), "the search")
        await diary.type("sleep")
        await diary.press("enter")
        await diary.refused(rules)


@tried("answers.compose", "screen")
async def having_sentences_written(clinic: Clinic, patch: Patch) -> None:
    written = FakeLanguageModel(["You slept badly [1].\n"])
    patch.setattr(written, "close", lambda: None, raising=False)
    with_an_embedder(patch)
    patch.setattr(bootstrap, "in_use", lambda *_: object())
    patch.setattr(bootstrap, "EngineLanguageModel", lambda _: written)
    patch.setattr("diary.model_store.exams.trust_in", lambda *_, **__: Trust())
    again = clinic.copied(clinic.place.parent.parent / "again")
    await ask(clinic, "[lock]\nafter_minutes = 9", patch)
    assert written.asked
    written.asked.clear()
    await ask(again, '[answers]\ncompose = "never"', patch)
    assert not written.asked


async def ask(clinic: Clinic, rules: str, patch: Patch) -> None:
    """Ask a question on the screen, and wait for all of the answer."""
    async with screen(clinic, rules, patch) as diary:
        await diary.sees("Walked far.")
        await diary.press("a")
        await diary.until(lambda: not isinstance(diary.screen, JournalScreen), "the question")
        await diary.type("slept badly")
        await diary.press("enter")
        await diary.sees("Slept badly, and late.")
        await diary.until(lambda: not diary.screen._busy, "the end of the answer")


# The log


@tried("audit.keep", "screen")
async def shortening_the_log(clinic: Clinic, patch: Patch) -> None:
    await not_shortened(clinic, "[audit]\nkeep = true", patch)


@tried("audit.days", "screen")
async def shortening_the_log_early(clinic: Clinic, patch: Patch) -> None:
    await not_shortened(clinic, "[audit]\ndays = 400", patch)


async def not_shortened(clinic: Clinic, rules: str, patch: Patch) -> None:
    """The person's settings say fifty days, and the diary is twice as old."""
    async with screen(clinic, rules, patch, log_kept=50 * DAY) as diary:
        await diary.sees("Walked far.")
    with Vault.unlock(clinic.machine.home.vault, clinic.code, policy=effective(rules)) as vault:
        assert None not in [one.details for one in vault.audit.events()]


none("passphrase.guesses", "the screen changes no ways in", "screen")
none("people.break_glass", "the screen changes no ways in", "screen")
none("import.formats", "the screen imports nothing: a file that is attached is no entry", "screen")
