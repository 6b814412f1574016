"""What an import says that it did."""

from __future__ import annotations

import pytest

from diary.cli.words_in import outcome_words
from ingest.importers.staging import ItemError
from ingest.importing import ImportReport


@pytest.mark.parametrize(
    ("added", "duplicates", "skipped", "errors", "says"),
    [
        (1, 0, 0, 0, "1 entry added (format: jsonl)."),
        (0, 1, 2, 0, "0 entries added, 1 was here already, 2 were left out (format: jsonl)."),
        (0, 0, 0, 1, "0 entries added (format: jsonl)."),
        (0, 0, 0, 0, "There is no entry in it, so nothing was added (format: jsonl)."),
    ],
)
def test_an_import_says_how_many_came_in(
    added: int, duplicates: int, skipped: int, errors: int, says: str
) -> None:
    report = ImportReport(
        batch=None,
        format="jsonl",
        added=added,
        duplicates=duplicates,
        skipped=skipped,
        errors=(ItemError("line 1", "its JSON is damaged"),) * errors,
        dry_run=False,
    )
    assert outcome_words(report) == says
