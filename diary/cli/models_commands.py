"""models: list, import, use, verify, remove, exam, bench.

Models come from a disk, never by name from a hub. Nothing here opens the vault or asks for the passphrase.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from diary.bootstrap import ModelChange, note_model
from diary.cli.context import Context
from diary.errors import DiaryError, ModelMissing
from diary.model_store import catalogue, exams, measuring
from diary.model_store.catalogue import Checked, Installed
from diary.model_store.exams import ExamResult
from diary.model_store.importing import import_model
from retrieval.exam.scoring import LEAST_ABSTENTION, LEAST_FORMAT, LEAST_GROUNDING

_FOR = {"embedder": "search", "language": "summaries", "speech": "speech"}
_WITHOUT = {
    "embedder": "No search model: entries can be written and read and numbers asked for, but nothing can be "
    "searched. The embedded one is installed by “make setup” in the program's folder.",
    "language": "No language model: answers are quotes and numbers, without a summary. Install a GGUF file "
    "with: diary models import FILE",
    "speech": "No speech model: recordings are kept and wait. Install a CTranslate2 Whisper folder "
    "with: diary models import DIR",
}
_UNITS = {
    "load_seconds": "s to load and answer first",
    "texts_per_second": "texts a second",
    "query_ms": "ms for one question",
    "prefill_tokens_per_second": "tokens a second read",
    "prompt_tokens": "tokens in that prompt",
    "decode_tokens_per_second": "tokens a second written",
    "seconds_of_sound_per_second": "seconds of sound a second",
}


def models(context: Context) -> int | None:
    """Run one action."""
    return _ACTIONS[context.arguments.action](context)


def _list(context: Context) -> None:
    whole, damaged = catalogue.listed(context.settings.models)
    context.console.document(
        {
            "models": [model_document(one) for one in whole],
            "damaged": [{"folder": str(one.folder), "why": one.why} for one in damaged],
        }
    )
    for one in whole:
        manifest = one.model.manifest
        mark = "in use" if one.in_use else ""
        context.console.raw(
            f"{_FOR[manifest.kind]:<10} {manifest.name:<28} {one.size_in_words:>7}  {mark:<6}  "
            f"{manifest.licence or 'licence not stated'}"
        )
        context.console.say(_details(one), indent=11)
    for broken in damaged:
        context.console.say(f"{broken.why} It is in {broken.folder}.")
    kinds = {one.model.manifest.kind for one in whole}
    for kind, words in _WITHOUT.items():
        if kind not in kinds:
            context.console.say(words)


def _details(one: Installed) -> str:
    parts = [f"takes up to {one.memory_in_words} of memory" if one.memory_in_words else ""]
    if one.model.manifest.kind == "language":
        parts.append(_exam_in_words(one.exam) if one.exam else "exam not taken yet")
    parts.append("installed with the program" if one.embedded else f"in {one.model.path}")
    if not one.allowed:
        parts.append("and not to be run, by the clinic's policy (models.sha256)")
    return ", ".join(part for part in parts if part)


def model_document(one: Installed) -> dict[str, Any]:
    """A model as the contract gives it. Sizes and memory in bytes; 0 when unknown."""
    manifest = one.model.manifest
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "folder": str(one.model.path),
        "identity": one.model.identity,
        "sha256": one.model.sha256,
        "size": one.model.size,
        "licence": manifest.licence,
        "peak_memory": manifest.peak_memory,
        "source": manifest.source,
        "imported": manifest.imported or None,
        "embedded": one.embedded,
        "in_use": one.in_use,
        "allowed": one.allowed,
        "exam": exam_document(one.exam) if one.exam else None,
    }


def exam_document(result: ExamResult) -> dict[str, Any]:
    """A result as the contract gives it; the scores are shares from 0 to 1."""
    return {
        "result": result.outcome.value,
        "grounding": round(result.grounding, 4),
        "abstention": round(result.abstention, 4),
        "format": round(result.format, 4),
        "answerable": result.answerable,
        "unanswerable": result.unanswerable,
        "manner": result.manner.value,
        "exam": result.exam,
        "taken": result.taken,
    }


def _import(context: Context) -> None:
    """Take a model in; a language model then sits the exam, unless that is not wanted."""
    roots, console = context.settings.models, context.console
    taken = import_model(
        context.arguments.path, roots[0], now=datetime.now().astimezone(), report=console.progress
    )
    manifest = taken.model.manifest
    if taken.new:
        note_model(context.settings, "imported", manifest.kind, taken.model.identity)
    else:
        console.say(f"{manifest.name} was installed already; nothing was copied.")
    one = _installed(context, taken.model.path.name)
    console.say(
        f"Installed {manifest.name} for {_FOR[manifest.kind]}: {one.size_in_words}, "
        f"{manifest.licence or 'licence not stated'}."
    )
    console.say(_details(one))
    if not one.in_use:
        console.say(f"Another is in use. To use this one: diary models use {taken.model.path.name}")
    elif manifest.kind == "embedder":
        console.say("Your entries are made searchable with it the next time you search.")
    elif manifest.kind == "speech":
        console.say("Write down the recordings that wait with: diary dictate --waiting")
        console.say("See how well it hears you with: diary voice test")
    if manifest.kind == "language" and one.exam is None and not context.arguments.no_exam:
        _examine_new(context, taken.model.path.name)
        one = _installed(context, taken.model.path.name)
    console.document({**model_document(one), "new": taken.new})


def _examine_new(context: Context, name: str) -> None:
    """An exam that fails to run takes nothing back: the model is installed."""
    context.console.say("It sits the exam now; Ctrl-C stops it, and the model stays.")
    try:
        _sit(context, name)
    except KeyboardInterrupt:
        context.console.say("The exam was stopped. Take it later with: diary models exam")
    except DiaryError as error:
        context.console.say(f"The exam could not be taken. {error.message}")


def _exam(context: Context) -> None:
    name = context.arguments.name
    result = _sit(context, name)
    one = _installed(context, name, "language")
    context.console.document({"name": one.model.manifest.name, "exam": exam_document(result)})


def _sit(context: Context, name: str | None) -> ExamResult:
    roots, console = context.settings.models, context.console
    model = _installed(context, name, "language").model
    result = exams.take(model, roots[0], now=datetime.now().astimezone(), report=console.progress)
    console.say(f"{model.manifest.name}: {_exam_in_words(result)}.")
    for what, share, least, meaning in (
        ("grounding", result.grounding, LEAST_GROUNDING, "answers what the notes answer"),
        ("abstention", result.abstention, LEAST_ABSTENTION, "says nothing where they do not"),
        ("format", result.format, LEAST_FORMAT, "writes one whole sentence"),
    ):
        console.raw(f"  {what:<11} {share:4.0%}  at least {least:.0%}: it {meaning}")
    if not result.scores.passed:
        console.say(
            "Quotes and numbers do not need it. A sentence it writes is still shown only when code finds it "
            'in the quote; with answers.compose = "examined" in the settings it writes none.'
        )
    return result


def _exam_in_words(result: ExamResult) -> str:
    return (
        f"exam {result.outcome.value} (grounding {result.grounding:.0%}, "
        f"abstention {result.abstention:.0%}, format {result.format:.0%})"
    )


def _use(context: Context) -> None:
    model = catalogue.use(context.settings.models, context.arguments.name)
    manifest = model.manifest
    note_model(context.settings, "used", manifest.kind, model.identity)
    context.console.document({"name": manifest.name, "kind": manifest.kind, "in_use": True})
    context.console.say(f"{manifest.name} is used for {_FOR[manifest.kind]} from now on.")
    if manifest.kind == "embedder":
        context.console.say("Your entries are made searchable with it the next time you search.")


def _verify(context: Context) -> int:
    """Hash everything again; 1 when something is not as it was installed."""
    checked = catalogue.check(
        context.settings.models, context.arguments.name, report=context.console.progress
    )
    _note_verified(context, checked)
    context.console.document(
        {
            "models": [
                {
                    "name": one.name,
                    "folder": str(one.folder),
                    "whole": not one.problems,
                    "problems": [{"file": problem.file, "what": problem.what} for problem in one.problems],
                }
                for one in checked
            ]
        }
    )
    if not checked:
        context.console.say("No model is installed.")
    for one in checked:
        context.console.say(f"{one.name}: {'damaged' if one.problems else 'whole, every hash is right'}")
        for problem in one.problems:
            context.console.say(f"{problem.file} was {problem.what}", indent=2)
    return 1 if any(one.problems for one in checked) else 0


def _note_verified(context: Context, checked: Sequence[Checked]) -> None:
    """One whose manifest cannot be read has no hash to be named by."""
    there = {one.model.path: one.model for one in catalogue.listed(context.settings.models)[0]}
    for one in checked:
        if one.folder in there:
            what: ModelChange = "damaged" if one.problems else "verified"
            model = there[one.folder]
            note_model(context.settings, what, model.manifest.kind, model.identity)


def _remove(context: Context) -> None:
    """Remove a model of the person's; asks on a terminal."""
    roots, name, console = context.settings.models, context.arguments.name, context.console
    model = catalogue.removable(roots, name)
    if sys.stdin.isatty() and not (context.arguments.yes or console.json):
        console.say(f"Remove {model.manifest.name} ({_FOR[model.manifest.kind]})? Type yes:")
        if sys.stdin.readline().strip().lower() != "yes":
            console.say("Kept.")
            return
    gone = catalogue.remove(roots, name)
    note_model(context.settings, "removed", model.manifest.kind, model.identity)
    console.document({"removed": gone.name, "kept_files": list(gone.kept), "instead": gone.instead or None})
    console.say(f"{gone.name} is removed.")
    if gone.kept:
        console.say(f"Files that were never part of it stay in {model.path}: {', '.join(gone.kept)}.")
    if gone.without:
        console.say(f"Until another is imported there is no {gone.without}.")
    else:
        console.say(f"{gone.instead} is used instead.")


def _bench(context: Context) -> None:
    """Time the models in use, or one."""
    name, roots = context.arguments.name, context.settings.models
    whole, _ = catalogue.listed(roots)
    chosen = [_installed(context, name)] if name else [one for one in whole if one.in_use]
    if not chosen:
        context.console.say("No model is installed.")
    measured = []
    for one in chosen:
        speed = measuring.measure(one.model, report=context.console.progress)
        manifest = one.model.manifest
        rounded = {key: round(value, 3) for key, value in speed.figures.items()}
        measured.append(
            {"name": manifest.name, "kind": manifest.kind, **rounded, "peak_memory": speed.peak_memory}
        )
        context.console.say(f"{manifest.name} ({_FOR[manifest.kind]})")
        for key, value in speed.figures.items():
            context.console.raw(f"  {value:10.2f}  {_UNITS[key]}")
        context.console.raw(f"  {speed.peak_memory / 1e6:10.0f}  MB of memory at most")
    context.console.document({"models": measured})


def _installed(context: Context, name: str | None, kind: str | None = None) -> Installed:
    """The listed model of this name; without a name, the one of its kind that is in use."""
    whole, _ = catalogue.listed(context.settings.models)
    if name is None:
        for one in whole:
            if one.in_use and one.model.manifest.kind == kind:
                return one
        raise ModelMissing(
            "No language model is installed, so none can sit the exam.",
            hint="Import a GGUF file with: diary models import FILE",
        )
    model = catalogue.named(context.settings.models, name, "language" if kind == "language" else None)
    return next(one for one in whole if one.model.path == model.path)


_ACTIONS = {
    "list": _list,
    "import": _import,
    "use": _use,
    "verify": _verify,
    "remove": _remove,
    "exam": _exam,
    "bench": _bench,
}
