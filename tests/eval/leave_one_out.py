"""Whether the weights of the search hold on a conversation that they were not chosen on.

    python -m tests.eval.leave_one_out [FOLDER] [--sets N]

Draws sets of weights from wide ranges; for each conversation takes the set that is best on the other ones,
by R@10 + nDCG@10 + multi-hop R@10, and scores it on the one left out. Beside it the weights as they are. The
questions of all conversations left out are then averaged, each scored by weights that did not see it.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from retrieval.weights import Weights
from tests.eval.__main__ import DEFAULT, show
from tests.eval.measures import mean
from tests.eval.workbench import Scored, of_kind, workbench

SEED = 1
KINDS = ("single-hop", "multi-hop", "temporal", "open-domain")


def drawn(generator: random.Random) -> Weights:
    """One set, each weight from about half to about double."""
    return Weights(
        text=generator.choice((0.3, 0.45, 0.6)),
        own=generator.choice((0.1, 0.2, 0.3)),
        window=generator.choice((0.15, 0.3, 0.4)),
        full_marks=generator.choice((0.8, 1.2, 1.6)),
        neighbours=generator.choice(((0.1, 0.05), (0.15, 0.08), (0.25, 0.12))),
        parent=generator.choice((0.15, 0.3, 0.45)),
        title=generator.choice((0.1, 0.2, 0.3)),
        asking=generator.choice((0.0, 0.1, 0.2)),
        late_interaction=generator.choice((0.4, 0.8, 1.2)),
        episode_interaction=generator.choice((0.0, 0.4, 0.8)),
    )


def worth(scored: Sequence[Scored]) -> float:
    """What a set is chosen by."""
    several = of_kind(scored, "multi-hop")
    return (
        mean([one.recall for one in scored])
        + mean([one.ndcg for one in scored])
        + mean([one.recall for one in several])
    )


def row(name: str, scored: Sequence[Scored]) -> str:
    """R@10 and nDCG@10 of all, and R@10 of each category."""
    figures = [mean([one.recall for one in scored]), mean([one.ndcg for one in scored])]
    figures += [mean([one.recall for one in of_kind(scored, kind)]) for kind in KINDS]
    return f"{name:<34}" + "".join(f"{figure:>12.3f}" for figure in figures)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.leave_one_out", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--sets", type=int, default=30)
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        show("There is no evaluation data beside the project (../shared/eval), so nothing was measured.")
        return 0
    generator = random.Random(SEED)
    sets = [Weights(), *(drawn(generator) for _ in range(given.sets))]
    with workbench(given.folder) as bench:
        names = [name for name in bench.diaries if name != "diary"]
        scores = [bench.score(weights, only=names) for weights in sets]
    show(f"{'left out':<34}" + "".join(f"{head:>12}" for head in ("R@10", "nDCG@10", *KINDS)))
    held_out: list[Scored] = []
    for name in names:
        others = [[one for key in names if key != name for one in found[key]] for found in scores]
        best = max(range(len(sets)), key=lambda place: worth(others[place]))
        held_out += scores[best][name]
        show(row(f"{name}, set {best}", scores[best][name]))
        show(row("   the weights as they are", scores[0][name]))
    show(row("all, each left out", held_out))
    show(row("all, the weights as they are", [one for name in names for one in scores[0][name]]))
    worths = sorted(worth([one for name in names for one in found[name]]) for found in scores[1:])
    spread = [mean([one.recall for name in names for one in found[name]]) for found in scores[1:]]
    show(f"R@10 of the {len(spread)} sets drawn: {min(spread):.3f} to {max(spread):.3f}")
    show(f"of them {sum(one > worth_as_is(scores[0], names) for one in worths)} are better than the weights")
    return 0


def worth_as_is(found: dict[str, list[Scored]], names: Sequence[str]) -> float:
    """The worth of one set on all conversations."""
    return worth([one for name in names for one in found[name]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
