"""A language model sits the exam, through the very code that writes summaries (`retrieval.composing`).

Not here: where results are kept (`diary.model_store`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diary.errors import EngineFailed
from diary.model.progress import Cancelled, Progress, Report, never, silent
from retrieval.composing import Composer
from retrieval.exam.items import Item
from retrieval.exam.scoring import Sat
from retrieval.ports import LanguageModel
from retrieval.prompting import Manner, addresses_a_model


def sit(
    items: Sequence[Item],
    model: LanguageModel,
    *,
    manner: Manner = Manner.RETELL,
    report: Report = silent,
    cancelled: Cancelled = never,
    enough: Callable[[Sequence[Sat]], bool] = lambda _sat: False,
) -> list[Sat]:
    """What the model writes for each item, asked in this manner.

    :param enough: asked after each item; True ends the sitting there.
    :raises diary.errors.Stopped: when `cancelled` said so, within a tenth of a second.
    :raises diary.errors.EngineFailed: when the model's process failed.
    """
    sat: list[Sat] = []
    for done, item in enumerate(items):
        report(Progress(f"exam ({manner})", done, len(items)))
        sat.append(_one(item, Composer(model, cancelled, manner=manner)))
        if enough(sat):
            break
    report(Progress(f"exam ({manner})", len(items), len(items)))
    return sat


def _one(item: Item, composer: Composer) -> Sat:
    quotes = [quote for quote in item.quotes() if not addresses_a_model(quote.text)]
    attempts = tuple(composer.attempts(item.question, quotes))
    if composer.failure is not None:
        raise EngineFailed(composer.failure, hint="Run the exam again with: diary models exam")
    return Sat(item, attempts)
