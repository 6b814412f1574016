"""Which passages full text ranks."""

from __future__ import annotations

from retrieval.full_text import MOST_RANKED, ranked_among


def test_a_small_diary_is_ranked_whole_however_common_the_words_are():
    assert ranked_among({"rain": 90, "garden": 100, "tea": MOST_RANKED - 190}) is None


def test_of_common_words_the_rarest_choose_what_is_ranked():
    assert ranked_among({"house": 20_000, "kiln": 12, "garden": 5_000, "dog": 3_000}) == '"kiln" OR "dog"'


def test_where_no_word_is_rare_two_of_them_must_be_there():
    among = ranked_among({"house": 30_000, "day": 20_000, "home": 40_000})
    assert among == '"day" AND ("house" OR "home")'


def test_one_word_alone_is_ranked_wherever_it_stands():
    assert ranked_among({"house": 50_000}) is None
    assert ranked_among({}) is None
