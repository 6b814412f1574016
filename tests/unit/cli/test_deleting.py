"""What is said of a deleted entry while a legal hold stands, and while none does."""

from __future__ import annotations

import pytest

from diary.cli.deleting import delete, deleted
from diary.model.retention import KEPT_ALWAYS, RetentionRules
from tests.unit.cli.desk import SpokenSession, run
from tests.unit.vault.fresh import words


@pytest.mark.parametrize("hold", [True, False])
def test_no_day_is_named_on_which_something_would_go_while_nothing_may_be_erased(
    hold: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    session, rules = SpokenSession(), RetentionRules(hold=True) if hold else KEPT_ALWAYS
    session.add(words("Third visit."))
    said = run(delete, capsys, "delete", "1", session=session, rules=rules)
    listed = run(deleted, capsys, "deleted", session=session, rules=rules)
    assert "diary deleted restore 1" in said.words
    assert ("Until" in said.words, "goes for good on" in listed.words) == (not hold, not hold)
    assert ("nothing is erased" in listed.words) == hold
