"""The rules of how long things are kept: announced a week before, kept then, never sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from diary.letting_go import LettingGo
from diary.model.entry import EntryChanges, EntryFilter, EntryId
from diary.model.retention import NOTICE, RetentionRules, Rule
from diary.retention import Retention
from diary.retention_words import sentences
from tests.fakes.stores import FakeStores, fake_stores
from tests.unit.vault.fresh import MORNING, words

YEAR, DAY = timedelta(days=365), timedelta(days=1)
RULES = RetentionRules(entries=YEAR)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
def stores(clock: Clock) -> FakeStores:
    return fake_stores(now=clock)


def rules(stores: FakeStores, clock: Clock, rules: RetentionRules) -> Retention:
    return LettingGo(stores, rules, clock).retention  # type: ignore[arg-type]  # the fakes are these stores


def counted(stores: FakeStores) -> int:
    return len(stores.entries.list(EntryFilter()))


def test_without_rules_nothing_ever_goes(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words())
    kept = rules(stores, clock, RetentionRules())
    clock.now += 100 * YEAR
    assert kept.outlook() == []
    assert sentences(kept.run()) == []
    assert counted(stores) == 1


def test_an_entry_is_announced_a_week_before_and_goes_then(stores: FakeStores, clock: Clock) -> None:
    entry = stores.entries.add(words()).id
    kept = rules(stores, clock, RULES)
    clock.now = MORNING + YEAR - NOTICE - DAY
    assert kept.run().announced == []
    clock.now = MORNING + YEAR - NOTICE
    (going,) = kept.run().announced
    assert (going.rule, going.count, going.entries, going.at) == (Rule.ENTRIES, 1, (entry,), MORNING + YEAR)
    clock.now = MORNING + YEAR - DAY
    assert kept.run().went == []
    clock.now = MORNING + YEAR
    (went,) = kept.run().went
    assert (went.rule, went.count, went.entries, went.at) == (Rule.ENTRIES, 1, (entry,), None)
    assert counted(stores) == 0
    assert kept.run().went == []


def test_an_entry_is_condensed_after_it_was_announced_and_erased_later(
    stores: FakeStores, clock: Clock
) -> None:
    story = "A long day, and the knee again. pain:: 6/10, mood:: low. He said that it would pass."
    entry = stores.entries.add(words(story, title="Stairs", tags=("knee",))).id
    kept = rules(stores, clock, RetentionRules(condense=YEAR, entries=3 * YEAR))
    clock.now = MORNING + YEAR - NOTICE
    done = kept.run()
    assert [(one.rule, one.count) for one in done.announced] == [(Rule.CONDENSE, 1)]
    assert "1 entry will be condensed on" in sentences(done)[0] and "condense_days" in sentences(done)[0]
    assert stores.entries.get(entry).text == story
    clock.now = MORNING + YEAR
    done = kept.run()
    assert [(one.rule, one.count, one.entries) for one in done.went] == [(Rule.CONDENSE, 1, (entry,))]
    assert sentences(done) == [
        "1 entry was condensed, as the rule retention.condense_days says: figures, tags and days stay, "
        "all other words go for good."
    ]
    assert stores.entries.get(entry).text == "pain:: 6/10\nmood:: low\n[…]"
    clock.now += YEAR
    assert kept.run().went == [] and kept.outlook() == []
    clock.now = MORNING + 3 * YEAR - NOTICE
    kept.run()
    clock.now += NOTICE
    assert [one.rule for one in kept.run().went] == [Rule.ENTRIES]
    assert counted(stores) == 0


def test_nothing_is_condensed_under_a_legal_hold(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words("kept"))
    clock.now += 9 * YEAR
    assert rules(stores, clock, RetentionRules(condense=YEAR, hold=True)).run(at_once=True).went == ()
    assert [one.text for one in stores.entries.list(EntryFilter())] == ["kept"]


def test_what_is_overdue_when_a_rule_is_made_still_has_a_week(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words())
    clock.now = MORNING + 5 * YEAR
    kept = rules(stores, clock, RULES)
    (soon,) = kept.outlook()
    assert soon.at == clock.now + NOTICE
    (going,) = kept.run().announced
    assert going.at == clock.now + NOTICE
    for _ in range(6):
        clock.now += DAY
        assert kept.run().went == []
    assert counted(stores) == 1
    clock.now += DAY
    assert [one.count for one in kept.run().went] == [1]


def test_a_stricter_rule_has_to_be_announced_anew(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words())
    clock.now = MORNING + 2 * YEAR
    rules(stores, clock, RULES).run()
    clock.now += NOTICE
    stricter = rules(stores, clock, RetentionRules(entries=YEAR / 2))
    assert stricter.run().went == []
    assert counted(stores) == 1


def test_what_comes_later_is_announced_for_itself(stores: FakeStores, clock: Clock) -> None:
    kept = rules(stores, clock, RULES)
    stores.entries.add(words())
    clock.now += 10 * DAY
    later = stores.entries.add(words(days=10)).id
    clock.now = MORNING + YEAR - NOTICE
    kept.run()
    clock.now = MORNING + YEAR + 9 * DAY  # nobody opened the diary meanwhile
    done = kept.run()
    assert [one.count for one in done.went] == [1]
    assert [one.entries for one in done.announced] == [(later,)]
    clock.now += 2 * DAY
    assert kept.run().went == []
    clock.now += NOTICE
    assert [one.entries for one in kept.run().went] == [(later,)]


def test_it_is_announced_once_a_day(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words())
    clock.now += 2 * YEAR
    kept = rules(stores, clock, RULES)
    assert len(kept.run().announced) == 1
    assert kept.run().announced == []
    clock.now += DAY
    assert len(kept.run().announced) == 1


def test_a_clock_that_was_ahead_takes_nothing_when_it_is_right_again(
    stores: FakeStores, clock: Clock
) -> None:
    stores.entries.add(words())
    kept = rules(stores, clock, RULES)
    clock.now = MORNING + 2 * YEAR
    kept.run()
    clock.now = MORNING + DAY
    assert kept.run().went == []
    clock.now = MORNING + 2 * YEAR + DAY
    done = kept.run()
    assert (done.went, len(done.announced), counted(stores)) == ([], 1, 1)


def test_older_versions_go_and_the_newest_stays(stores: FakeStores, clock: Clock) -> None:
    entry = stores.entries.add(words("one")).id
    clock.now += DAY
    stores.entries.revise(entry, EntryChanges(text="two"))
    kept = rules(stores, clock, RetentionRules(revisions=30 * DAY))
    clock.now = MORNING + DAY + 30 * DAY - NOTICE
    (going,) = kept.run().announced
    assert (going.rule, going.count, going.at) == (Rule.REVISIONS, 1, MORNING + 31 * DAY)
    clock.now = MORNING + 31 * DAY
    assert [(one.rule, one.count) for one in kept.run().went] == [(Rule.REVISIONS, 1)]
    assert [version.text for version in stores.entries.history(entry)] == ["two"]


def test_what_was_deleted_goes_when_it_was_said_and_is_told(stores: FakeStores, clock: Clock) -> None:
    entry = stores.entries.add(words()).id
    stores.deleted.take_out(entry, kept_for=30 * DAY)
    kept = rules(stores, clock, RetentionRules(deleted=DAY))  # shortened since
    clock.now = MORNING + 29 * DAY
    assert [one.rule for one in kept.outlook()] == [Rule.DELETED]
    assert kept.run().went == []
    clock.now = MORNING + 30 * DAY
    assert sentences(kept.run()) == ["1 deleted entry went for good: its time was over."]
    assert stores.deleted.list() == []


def test_at_once_takes_what_is_due_and_nothing_that_is_not(stores: FakeStores, clock: Clock) -> None:
    stores.entries.add(words())
    clock.now += YEAR - DAY
    stores.entries.add(words())
    kept = rules(stores, clock, RULES)
    assert kept.due() == []
    assert kept.run(at_once=True).went == []
    clock.now += DAY
    assert [(one.rule, one.count, one.entries) for one in kept.due()] == [(Rule.ENTRIES, 1, (EntryId(1),))]
    assert kept.run().went == []
    assert [one.count for one in kept.run(at_once=True).went] == [1]
    assert counted(stores) == 1


def test_the_sentences_say_how_many_and_when(stores: FakeStores, clock: Clock) -> None:
    for _ in range(2):
        stores.entries.add(words())
    clock.now += YEAR
    assert sentences(rules(stores, clock, RULES).run()) == [
        "2 entries go for good, the first of them on 15 May 2027. The rule retention.entries_days says so; "
        "see: diary retention"
    ]


def test_what_was_not_announced_stays_though_something_older_was(stores: FakeStores, clock: Clock) -> None:
    kept = rules(stores, clock, RULES)
    first = stores.entries.add(words()).id
    clock.now += 8 * DAY
    later = stores.entries.add(words(days=8)).id
    clock.now = MORNING + YEAR - NOTICE
    assert [one.entries for one in kept.run().announced] == [(first,)]
    clock.now = MORNING + YEAR + 9 * DAY  # both are old enough
    done = kept.run()
    assert [one.entries for one in done.went] == [(first,)]
    assert [one.entries for one in done.announced] == [(later,)]


def test_what_was_announced_by_a_clock_that_was_ahead_has_to_be_announced_anew(
    stores: FakeStores, clock: Clock
) -> None:
    kept = rules(stores, clock, RULES)
    stores.entries.add(words())
    clock.now = MORNING + YEAR
    assert len(kept.run().announced) == 1
    clock.now = MORNING + YEAR - 30 * DAY  # it is set right
    kept.run()
    clock.now = MORNING + YEAR + NOTICE  # and nobody opened the diary until then
    done = kept.run()
    assert (list(done.went), len(done.announced)) == ([], 1)


DOUBT = "The clock of this machine says 2031"


@pytest.mark.parametrize("at_once", [False, True])
def test_nothing_goes_for_its_age_while_the_clock_is_in_doubt(
    stores: FakeStores, clock: Clock, at_once: bool
) -> None:
    """What was announced long ago, and what was deleted, whose time a clock set forward makes over."""
    kept, gone = (stores.entries.add(words(text)).id for text in ("kept", "gone"))
    clock.now = MORNING + YEAR - NOTICE
    first = rules(stores, clock, RULES)
    assert [one.count for one in first.run().announced] == [2]
    stores.deleted.take_out(gone, kept_for=30 * DAY)
    clock.now += 5 * YEAR
    doubted = rules(replace(stores, clock_in_doubt=lambda: DOUBT), clock, RULES)
    assert doubted.clock_in_doubt() == DOUBT
    assert doubted.due() == []
    done = doubted.run(at_once=at_once)
    assert (list(done.went), list(done.announced)) == ([], [])
    assert [one.entry.id for one in stores.deleted.list()] == [gone]
    assert [one.id for one in stores.entries.list(EntryFilter())] == [kept]
    assert [one.rule for one in rules(stores, clock, RULES).run().went] == [Rule.DELETED, Rule.ENTRIES]
