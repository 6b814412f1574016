"""Results of the exam, kept in the person's models folder, one file for each model: they hold figures and no
word of the person's.

A result belongs to the SHA-256 of the model's main file and to the version of the exam, which changes with
its items, its prompts and its rules: of another model, or another exam, it says nothing. Whether the scores
are enough is judged anew whenever a result is read.

Whoever can write into the models folder can write a result there too. It keeps a person from trusting a model
too far, not an attacker from lying.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec

from diary.durable import sync
from diary.engine.choosing import in_use
from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import ModelFolder, ModelKind
from diary.errors import StorageFailed
from diary.model.answer import Exam
from diary.model.progress import Cancelled, Report, never, silent
from retrieval.composing import Trust
from retrieval.exam.items import the_exam
from retrieval.exam.scoring import Sat, Scores, may_still_pass, score
from retrieval.exam.sitting import sit
from retrieval.ports import LanguageModel
from retrieval.prompting import Manner

FOLDER = "exams"
_LONGEST = 65536  # bytes
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class ExamResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a model did.

    :ivar model: SHA-256 of its main file. :ivar exam: version of the exam. :ivar manner: how it was asked.
    :ivar taken: when, in ISO 8601 with offset. The rest as in `retrieval.exam.scoring.Scores`.
    """

    model: str
    exam: str
    manner: Manner
    taken: str
    grounding: _Share
    abstention: _Share
    format: _Share
    answerable: _Count
    unanswerable: _Count
    written: _Count

    @property
    def scores(self) -> Scores:
        """The shares."""
        return Scores(
            grounding=self.grounding,
            abstention=self.abstention,
            format=self.format,
            answerable=self.answerable,
            unanswerable=self.unanswerable,
            written=self.written,
        )

    @property
    def outcome(self) -> Exam:
        """Passed or failed."""
        return Exam.PASSED if self.scores.passed else Exam.FAILED


def take(
    model: ModelFolder, own: Path, *, now: datetime, report: Report = silent, cancelled: Cancelled = never
) -> ExamResult:
    """Let an installed language model sit the exam, and keep the result.

    :param own: the person's models folder.
    :raises diary.errors.Stopped: when `cancelled` said so; EngineFailed, ModelDamaged; StorageFailed.
    """
    language_model = EngineLanguageModel(model)
    try:
        manner, scores = examined(language_model, report=report, cancelled=cancelled)
    finally:
        language_model.close()
    result = ExamResult(
        model=_key(model),
        exam=the_exam().version,
        manner=manner,
        taken=now.isoformat(timespec="seconds"),
        grounding=scores.grounding,
        abstention=scores.abstention,
        format=scores.format,
        answerable=scores.answerable,
        unanswerable=scores.unanswerable,
        written=scores.written,
    )
    _keep(result, own)
    return result


def examined(
    model: LanguageModel, *, report: Report = silent, cancelled: Cancelled = never
) -> tuple[Manner, Scores]:
    """How the model is to be asked, and how it does then: with a way out when it passes so, else without, as
    the diary asks every model that has not passed.
    """
    items = the_exam().items

    def hopeless(sat: Sequence[Sat]) -> bool:
        return not may_still_pass(sat, items)

    with_way_out = sit(
        items, model, manner=Manner.MAY_DECLINE, report=report, cancelled=cancelled, enough=hopeless
    )
    if len(with_way_out) == len(items) and (scores := score(with_way_out)).passed:
        return Manner.MAY_DECLINE, scores
    return Manner.RETELL, score(sit(items, model, report=report, cancelled=cancelled))


def result_of(model: ModelFolder, own: Path) -> ExamResult | None:
    """The result of this model in this exam; None when it has not sat it."""
    try:
        with _path(own, _key(model)).open("rb") as file:
            result = msgspec.json.decode(file.read(_LONGEST), type=ExamResult)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return result if (result.model, result.exam) == (_key(model), the_exam().version) else None


def trust_in(model: ModelFolder | None, own: Path, *, examined_only: bool) -> Trust:
    """How far a model is trusted to write."""
    result = result_of(model, own) if model is not None else None
    if result is None:
        return Trust(examined_only=examined_only)
    return Trust(exam=result.outcome, manner=result.manner, examined_only=examined_only)


def installed_words(roots: Sequence[Path]) -> list[str]:
    """The models in use, for a reader, one line for each kind; of the language model also how it did.

    :param roots: folders of models; the first is the person's own.
    """
    said = []
    for kind, does in _DOES.items():
        model = in_use(roots, kind)
        name = model.manifest.name if model else "none installed"
        if model is not None and kind == "language":
            result = result_of(model, roots[0])
            exam = {Exam.PASSED: "passed the exam", Exam.FAILED: "failed the exam"}
            name += f", {exam[result.outcome]}" if result else ", exam not taken yet"
        said.append(f"{does}: {name}")
    return said


_DOES: Final[dict[ModelKind, str]] = {"embedder": "search", "language": "summaries", "speech": "speech"}


def forget(model: ModelFolder, own: Path) -> None:
    """Remove the result of a model that goes.

    :raises OSError: when the disk refuses.
    """
    _path(own, _key(model)).unlink(missing_ok=True)


def _key(model: ModelFolder) -> str:
    return model.manifest.files[0].sha256


def _path(own: Path, key: str) -> Path:
    return own / FOLDER / f"{key}.json"


def _keep(result: ExamResult, own: Path) -> None:
    path = _path(own, result.model)
    unfinished = path.with_name(f".unfinished-{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageFailed(
            f"The result of the exam could not be kept: {error.strerror or 'disk error'}.",
            hint="Make room, and run the exam again: diary models exam",
        ) from error
