"""The JSON shapes of the contract: fields are added, never renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diary.model.answer import Answer, Hit, Quote, SearchResult, Summary
from diary.model.deleted import DeletedEntry
from diary.model.entry import Entry, ImportBatch, Revision
from diary.model.number import Number
from diary.model.observation import Observation, ObservationDraft
from diary.model.plan import Plan, PlanItem
from diary.model.resolved_range import EventDate
from diary.model.review import Review
from diary.model.speech import Dictation, Segment
from diary.model.time_range import TimeRange

if TYPE_CHECKING:
    from ingest.importing import ImportReport
    from retrieval.planning.checklist import ChecklistItem

_PLACES = 6
"""Decimal places of a number in JSON: beyond what is measured, short of the noise of binary fractions."""


def range_document(used: TimeRange | None) -> dict[str, Any] | None:
    """`{"from", "to"}` with ISO dates, null for an open side; null when any time was meant."""
    if used is None:
        return None
    return {
        "from": used.start.isoformat() if used.start else None,
        "to": used.end.isoformat() if used.end else None,
    }


def event_document(event: EventDate) -> dict[str, Any]:
    """The day of an event that a range rests on, and what tells it; `entry` null when the question did."""
    return {
        "event": event.event,
        "date": event.day.isoformat(),
        "entry": event.entry,
        "source_id": event.source_id,
        "text": event.quote,
        "start": event.start,
        "end": event.end,
        "confidence": round(event.confidence, 3),
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """An entry with its three times."""
    return {
        "entry": entry.id,
        "source_id": entry.source_id,
        "date": entry.happened.isoformat(),
        "title": entry.title,
        "text": entry.text,
        "tags": list(entry.tags),
        "starred": entry.starred,
        "kind": entry.kind.value,
        "written_at": entry.written.isoformat(),
        "recorded_at": entry.recorded.isoformat(),
        "revision": entry.revision,
        "batch": entry.batch,
        "status": entry.transcript.value if entry.transcript else None,
    }


def deleted_document(deleted: DeletedEntry) -> dict[str, Any]:
    """A deleted entry that can be brought back until then."""
    return {
        **entry_document(deleted.entry),
        "deleted_at": deleted.removed.isoformat(),
        "until": deleted.until.isoformat(),
    }


def revision_document(revision: Revision) -> dict[str, Any]:
    """One version of an entry."""
    return {
        "revision": revision.number,
        "made_at": revision.made.isoformat(),
        "date": revision.happened.isoformat(),
        "title": revision.title,
        "text": revision.text,
        "tags": list(revision.tags),
        "starred": revision.starred,
    }


def batch_document(batch: ImportBatch) -> dict[str, Any]:
    """One import that can be taken back."""
    return {
        "batch": batch.id,
        "format": batch.format,
        "source": batch.source,
        "made_at": batch.made.isoformat(),
        "added": batch.added,
    }


def import_document(report: ImportReport) -> dict[str, Any]:
    """What an import did."""
    return {
        "batch": report.batch,
        "format": report.format,
        "added": report.added,
        "duplicates": report.duplicates,
        "skipped": report.skipped,
        "errors": [{"where": error.where, "why": error.why} for error in report.errors],
        "notes": [{"where": note.where, "why": note.why} for note in report.notes],
        "dry_run": report.dry_run,
    }


def segment_document(segment: Segment) -> dict[str, Any]:
    """Words heard, with times in seconds; `words` one by one, if the engine tells them apart."""
    return {
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "confidence": segment.confidence,
        "words": [
            {"start": word.start, "end": word.end, "text": word.text, "confidence": word.confidence}
            for word in segment.words
        ],
    }


def dictation_document(dictation: Dictation) -> dict[str, Any]:
    """A recording that became an entry."""
    return {
        "entry": dictation.entry,
        "engine": dictation.engine,
        "segments": [segment_document(segment) for segment in dictation.segments],
        "status": dictation.status.value,
        "seconds": dictation.seconds,
    }


def hit_document(hit: Hit) -> dict[str, Any]:
    """An entry found, with its best passage."""
    return {
        "entry": hit.entry,
        "source_id": hit.source_id,
        "date": hit.day.isoformat(),
        "title": hit.title,
        "text": hit.text,
        "score": round(hit.score, 6),
        "start": hit.start,
        "end": hit.end,
        "rough": hit.rough,
    }


def search_document(result: SearchResult) -> dict[str, Any]:
    """What `find` found."""
    return {
        "hits": [hit_document(hit) for hit in result.hits],
        "range": range_document(result.range),
        "events": [event_document(event) for event in result.events],
        "ms": round(result.milliseconds, 1),
        "pending": result.pending,
    }


def quote_document(quote: Quote) -> dict[str, Any]:
    """A verbatim span of an entry."""
    return {
        "id": quote.id,
        "entry": quote.entry,
        "source_id": quote.source_id,
        "date": quote.day.isoformat(),
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "score": round(quote.score, 6),
        "rough": quote.rough,
    }


def _summary(summary: Summary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    return {
        "sentences": [{"text": kept.text, "quotes": list(kept.quotes)} for kept in summary.sentences],
        "dropped": summary.dropped,
        "model": summary.model,
        "exam": summary.exam.value,
        "failure": summary.failure,
    }


def number_document(number: Number) -> dict[str, Any]:
    """A number with what it rests on; `rows` are the observations, `entries` their ids, each once."""
    used = number.range
    return {
        "metric": number.metric,
        "fn": number.function.value,
        "value": None if number.value is None else round(number.value, _PLACES),
        "unit": number.unit,
        "n": number.n,
        "missing_days": number.missing_days,
        "from": used.start.isoformat() if used and used.start else None,
        "to": used.end.isoformat() if used and used.end else None,
        "entries": list(dict.fromkeys(row.entry for row in number.rows)),
        "source_ids": list(dict.fromkeys(row.source_id for row in number.rows if row.source_id)),
        "rows": [row_document(row) for row in number.rows],
        "label": number.label,
        "why": number.why,
        "caution": number.caution,
        "left_out": number.left_out,
        "among": number.among,
        "latest": number.latest,
    }


def observation_document(read: ObservationDraft) -> dict[str, Any]:
    """What was read as `key:: value`, and where it stands in the text."""
    return {
        "key": read.key,
        "part": read.part,
        "value": read.value,
        "unit": read.unit,
        "name": read.name,
        "written": read.written,
        "start": read.start,
        "end": read.end,
    }


def row_document(row: Observation) -> dict[str, Any]:
    """An observation: its day, its value in the metric's unit, and where it stands."""
    return {
        "entry": row.entry,
        "source_id": row.source_id,
        "date": row.day.isoformat(),
        "value": row.value,
        "unit": row.unit,
        "name": row.name,
        "written": row.written,
        "start": row.start,
        "end": row.end,
    }


def answer_document(answer: Answer) -> dict[str, Any]:
    """The whole answer; `nearest` only when nothing was found."""
    timing = answer.timing
    document: dict[str, Any] = {
        "answered": answer.answered,
        "kind": answer.kind.value,
        "question": answer.question.text,
        "range": range_document(answer.range),
        "events": [event_document(event) for event in answer.events],
        "quotes": [quote_document(quote) for quote in answer.quotes],
        "numbers": [number_document(number) for number in answer.numbers],
        "summary": _summary(answer.summary),
        "timing": {
            "search_ms": round(timing.search_ms, 1),
            "first_token_ms": None if timing.first_token_ms is None else round(timing.first_token_ms, 1),
            "total_ms": round(timing.total_ms, 1),
        },
    }
    if not answer.answered:
        document["nearest"] = [quote_document(quote) for quote in answer.nearest]
    return document


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan; `since` is the first day of a longer time, `for_goal` whether it is about the goal."""
    return {
        "kind": "plan",
        "goal": plan.goal,
        "as_of": plan.as_of.isoformat(),
        "range": range_document(plan.range),
        "items": [
            plan_item_document(item)
            | {"for_goal": item.for_goal, "quotes": [quote_document(quote) for quote in item.quotes]}
            for item in plan.items
        ],
    }


def plan_item_document(item: PlanItem | ChecklistItem) -> dict[str, Any]:
    """What an item of a plan and one of a saved checklist have in common."""
    return {
        "kind": item.kind.value,
        "text": item.text,
        "since": item.since.isoformat() if item.since else None,
        "due": item.due.isoformat() if item.due else None,
        "at": f"{item.at:%H:%M}" if item.at else None,
        "done": item.done,
    }


def review_document(review: Review) -> dict[str, Any]:
    """A review; an empty list means that the notes do not say."""
    return {
        "kind": "review",
        "range": range_document(review.range),
        "entries": review.entries,
        "days": review.days,
        "few_notes": review.few_notes,
        "happened": [quote_document(quote) for quote in review.happened],
        "intentions": [
            {
                "said": quote_document(intention.said),
                "outcome": intention.outcome.value,
                "evidence": [quote_document(quote) for quote in intention.evidence],
            }
            for intention in review.intentions
        ],
        "numbers": [number_document(number) for number in review.numbers],
        "themes": [
            {
                "words": list(theme.words),
                "entries": theme.entries,
                "quotes": [quote_document(quote) for quote in theme.quotes],
            }
            for theme in review.themes
        ],
    }
