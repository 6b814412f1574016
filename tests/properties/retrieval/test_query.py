"""Properties of the query grammar."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from retrieval.query import read_query

PIECES = st.sampled_from(
    [
        *(
            '"',
            "“",
            "”",
            "„",
            "«",
            "»",
            "-",
            "#",
            "tag:",
            "kind:",
            "is:",
            "from:",
            "to:",
            " ",
            "?",
            "\n",
            "_",
        ),
        *("voice", "starred", "2024-02-30", "yesterday", "99999", "knee", "é", "last march", "to:0000-00"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))
DAYS = st.dates()


@given(TEXTS, DAYS)
def test_any_text_is_read_and_nothing_is_made_up(text: str, as_of: date) -> None:
    query = read_query(text, as_of)
    for said in (*query.phrases, *query.without):
        assert said in " ".join(text.split())
        assert any(letter.isalnum() for letter in said)
    assert all(word in text for word in query.text.split())
    assert query.range is None or query.range.start is not None or query.range.end is not None
    assert all(problem.message for problem in query.problems)


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"])), DAYS)
def test_letters_digits_and_spaces_are_words(text: str, as_of: date) -> None:
    plain = " ".join(text.split())
    query = read_query(text, as_of)
    assert (query.text, query.words, query.phrases, query.without) == (plain, plain, (), ())
