"""Imports into an empty fake diary, in one zone with daylight saving time wherever the tests run."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from diary.model.progress import Cancelled, Report, never, silent
from ingest.importers.staging import Limits
from ingest.importing import ImportReport, ImportRequest, run_import
from tests.fakes.stores import FakeStores, fake_stores

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=ZONE)


class Importer:
    """A fake diary and the imports into it."""

    def __init__(self) -> None:
        self.stores: FakeStores = fake_stores()

    def run(
        self,
        *paths: Path,
        format: str | None = None,
        dry_run: bool = False,
        limits: Limits | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> ImportReport:
        request = ImportRequest(paths=paths, format=format, dry_run=dry_run, now=NOW)
        return run_import(request, self.stores.imports, report=report, cancelled=cancelled, limits=limits)


def jsonl(path: Path, *items: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def item(**fields: object) -> dict[str, object]:
    return {"date": "2025-03-02T17:20:00+01:00", "text": "Peas in."} | fields
