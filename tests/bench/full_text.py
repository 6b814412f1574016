"""Full text in the vault beside stock SQLite, not encrypted: the same passages, the same expressions.

The plain side is Python's own sqlite3 with FTS5, the same tokenizer, in memory, ranking whatever matches any
of the words. Ours is encrypted on the disk and ranks passages with one of the rarer words, where words are
common.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from diary.vault.passages import Passages
from diary.vault.vault import Vault
from retrieval.full_text import ranked_among
from retrieval.stop_words import content_words, match_expression_of
from tests.bench.corpus import PASSPHRASE, days
from tests.bench.table import Figure, middle_and_95, percentile, times_ms

QUESTIONS = 120
MATCHES = 1000
_TABLE = (
    "CREATE VIRTUAL TABLE words USING fts5(body, context, tokenize='porter unicode61 remove_diacritics 2')"
)
_RANKED = (
    "SELECT rowid, -rank FROM words WHERE words MATCH ? AND rank MATCH 'bm25(1.0, 0.3)' ORDER BY rank LIMIT ?"
)


def figures(folder: Path, size: int) -> Iterator[Figure]:
    """Both sides over the vault in this folder."""
    asked = [words for words in map(content_words, some_questions()) if words]
    with Vault.unlock(folder, PASSPHRASE) as vault:
        plain = _plain(vault)
        index = vault.passages
        for words in asked[:20]:
            _ranked(index, words)
        ours, others, shared = [], [], []
        for words in asked:
            ours += times_ms(lambda words=words: _ranked(index, words), 1)  # type: ignore[misc]
            given = (match_expression_of(words), MATCHES)
            others += times_ms(lambda given=given: plain.execute(_RANKED, given).fetchall(), 1)  # type: ignore[misc]
            best = [row[0] for row in plain.execute(_RANKED, given).fetchall()[:10]]
            shared.append(len(set(best) & {one for one, _ in _ranked(index, words)[:10]}) / max(1, len(best)))
        plain.close()
    met = percentile(ours, 0.95) < 50
    yield Figure(
        what=f"{size:,}: full text alone, p50 / p95",
        ours=middle_and_95(ours),
        plain=middle_and_95(others),
        ratio=statistics.median(others) / statistics.median(ours),
        goal="p95 < 50 ms",
        met=met if size == 60_000 else None,
    )
    yield Figure(what=f"{size:,}: of the ten best the same", ours=f"{statistics.mean(shared):.1%}")


def _ranked(index: Passages, words: Sequence[str]) -> list[tuple[int, float]]:
    """As search asks for them, frequencies included."""
    among = ranked_among({word: index.frequency(word) for word in words})
    return [*index.matches(match_expression_of(words), limit=MATCHES, among=among)]


def _plain(vault: Vault) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(_TABLE)
    rows = vault._database.rows("SELECT id, body, context FROM passages_text")
    connection.executemany("INSERT INTO words(rowid, body, context) VALUES (?, ?, ?)", rows)
    connection.commit()
    return connection


def some_questions(count: int = QUESTIONS) -> list[str]:
    """Runs of 4 to 8 words of the diary itself: words as common as they are in it."""
    dice = random.Random(1666)
    texts = [text.split() for (_, text), _ in zip(days(), range(2000), strict=False)]
    found = []
    while len(found) < count:
        words, length = dice.choice(texts), dice.randrange(4, 9)
        start = dice.randrange(max(1, len(words) - length))
        found.append(" ".join(words[start : start + length]))
    return found
