"""What each signal of a search weighs: one set of settings for every diary.

Chosen on the development conversations of LoCoMo and a fictional health diary together. The optimum is broad:
of 30 sets drawn from about half to double of each, R@10 lay between .78 and .83 on the conversations. Chosen
on four conversations and scored on the fifth, for each, they find .82 (`tests.eval.leave_one_out`); what each
one adds is told by `tests.eval.ablation`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The settings of `retrieval.search`; scores of the first three signals go from 0 to 1.

    :ivar text: full text. :ivar own: cosine with the vector of a passage and its header.
    :ivar window: cosine with the vector of a passage and the one before it.
    :ivar least_cosines: of a diary with more than one subject, cosines differ by about 0.6; differences
        below this are not stretched to 1.
    :ivar full_marks: a passage has full marks of full text when it scores this much times the sum of the
        rarity of all words asked for; a word in a passage of usual length scores about its rarity.
    :ivar neighbours: of the passages one and two places before and after in the episode.
    :ivar parent: of the mean of the episode's `parent_best` best passages.
    :ivar range: bonus inside a range that was read from the question's words.
    :ivar title: bonus where the question names the entry's title, by the share of the title's words.
    :ivar asking: taken from a passage that ends in a question: it asks, and seldom tells.
    :ivar late_interaction: of the idf-weighted MaxSim, 0 to 1. :ivar episode_interaction: of the same with
        the words of the whole episode, as far as it was read; with both 0 the tokens are not read.
    :ivar late: bonus for the latest of the best, or the earliest, where a question asks for that.
    """

    text: float = 0.4
    own: float = 0.2
    window: float = 0.35
    least_cosines: float = 0.3
    full_marks: float = 1.2
    neighbours: tuple[float, ...] = (0.15, 0.08)
    parent: float = 0.3
    parent_best: int = 3
    range: float = 0.3
    title: float = 0.2
    asking: float = 0.1
    late_interaction: float = 0.8
    episode_interaction: float = 0.3
    late: float = 0.6
