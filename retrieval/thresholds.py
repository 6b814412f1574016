"""How near is near: the thresholds of `retrieval.sufficiency`, fitted for each embedding model.

A cosine of .35 means one thing of one model and something else of another, so the thresholds belong to the
model that made the index. They are fitted by `tests.eval.gate`, which writes `thresholds.json` with what it
measured. A model that none were fitted for is judged by words, names, times and kinds alone: its answers are
given more readily, which a person can tell from the quotes; a made-up threshold would hide good ones.

Not here: what the thresholds decide (`retrieval.sufficiency`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

_FILE = "thresholds.json"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults decide nothing by nearness.

    :ivar near_topic: cosine of the best passage from which the notes speak of the topic.
    :ivar nowhere_near: cosine below which nothing is near.
    :ivar nowhere_near_without_words: the same where no word of the question stands in what was found.
    :ivar covered_for_one_missing: share of the question's words that stand in the best passage, from which
        one word that stands nowhere is what was asked about.
    :ivar on_topic_share: share of the best coverage from which a passage is on the topic.
    :ivar said_otherwise: similarity of a word and the nearest word of what was found, from which the word is
        said in other words.
    :ivar several_missing: mean similarity below which several words that stand nowhere are not meant.
    """

    near_topic: float = -1.0
    nowhere_near: float = -1.0
    nowhere_near_without_words: float = -1.0
    covered_for_one_missing: float = 2.0
    on_topic_share: float = 0.5
    said_otherwise: float = 0.0
    several_missing: float = -1.0


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds with the model they belong to and what they did on the questions they were fitted on.

    :ivar model: name of the embedding model, without the hash of its files: exported on another machine it
        has other bytes and the same vectors, to a cosine that set-up checks.
    :ivar answered: share of the answerable questions that were answered; `declined`: of the unanswerable
        that were declined; `held_out`: both for a diary that was left out of the fit.
    """

    model: str
    questions: int
    answered: float
    declined: float
    held_out: tuple[float, float]
    thresholds: Thresholds


UNFITTED = Thresholds()


def thresholds_for(model: str) -> Thresholds:
    """The thresholds of an embedding model, by its identity "name@hash"; `UNFITTED` when it has none."""
    name = model.rpartition("@")[0] or model
    return next((fitted.thresholds for fitted in all_fitted() if fitted.model == name), UNFITTED)


@cache
def all_fitted() -> tuple[Fitted, ...]:
    """What the package carries."""
    return msgspec.json.decode(files(__package__).joinpath(_FILE).read_bytes(), type=tuple[Fitted, ...])
