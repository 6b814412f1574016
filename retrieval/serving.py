"""Whose vectors serve search while the embedding model changes; pure.

A question must be embedded by the model that made the vectors it is compared with. So the model before goes
on serving, by its own embedder, until the vectors of the new one are complete. Where it is not installed any
more, the new one serves at once: full text finds everything meanwhile, and vectors come as they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retrieval.ports import Embedder

Former = Callable[[str], Embedder | None]
"""The embedder of a model by its name, when it is still installed."""


def none_before(_: str) -> None:
    """A Former that knows no other model."""


def serving(models: Sequence[str], embedder: Embedder, former: Former) -> Embedder:
    """The embedder whose vectors search uses.

    :param models: those there are vectors of, the one that serves before the one that follows it.
    :param embedder: of the model that is chosen now.
    """
    for model in models:
        found = embedder if model == embedder.model else former(model)
        if found is not None:
            return found
    return embedder
