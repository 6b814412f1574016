"""The tables behind full-text search, where FTS5 leaves something of words it has deleted.

With `secure-delete` FTS5 takes a word out of its pages. But the page's entry in its list of pages, a prefix
of the first word that stood there, long enough to tell it from the word before, stays what it was
(`passages_fts_idx`; SQLite 3.53). It may say any word up to the first that is there now, so it is made that.
The layout of a page belongs to FTS5 (fts5_index.c, "Segment leaf"); what cannot be read so is indexed again.
"""

from __future__ import annotations

from diary.vault.connection import Database

_PAGE_BITS = 37
_VOCABULARY = "CREATE VIRTUAL TABLE temp.words_indexed USING fts5vocab('main', 'passages_fts', 'row')"
_NEXT_WORD = "SELECT term FROM temp.words_indexed WHERE term >= ? ORDER BY term LIMIT 1"
_INSERT = "INSERT INTO passages_fts_idx(segid, term, pgno) VALUES (?, ?, ?)"


def forget_separators(database: Database) -> None:
    """Write the list of pages anew, with nothing of words that are indexed no longer; inside the transaction
    that is going on.
    """
    rows = database.rows("SELECT segid, term, pgno FROM passages_fts_idx ORDER BY segid, term")
    database.run(_VOCABULARY)
    try:
        kept = [(part, _living(database, part, bytes(term), page), page) for part, term, page in rows]
    finally:
        database.run("DROP TABLE temp.words_indexed")
    if any(term is None for _, term, _ in kept):
        database.run("INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')")
        rows = database.rows("SELECT segid, term, pgno FROM passages_fts_idx ORDER BY segid, term")
        kept = [(segment, bytes(term), page) for segment, term, page in rows]
    database.run("DELETE FROM passages_fts_idx")
    database.run_many(_INSERT, kept)


def _living(database: Database, segment: int, term: bytes, page: int) -> bytes | None:
    """The separator, if it is the beginning of a word that is indexed, or one that is; None: not known."""
    beginning = term[1:].decode("utf-8", "ignore")
    following = database.row(_NEXT_WORD, (beginning,))
    if following is not None and str(following[0]).encode().startswith(term[1:]):
        return term
    stored = database.row(
        "SELECT block FROM passages_fts_data WHERE id = ?", ((segment << _PAGE_BITS) + page // 2,)
    )
    return None if stored is None else _first_word(bytes(stored[0]))


def _first_word(page: bytes) -> bytes | None:
    """The first whole word on a page of a segment."""
    end = int.from_bytes(page[2:4], "big")
    if not 4 <= end < len(page):
        return None
    place, _ = _varint(page, end)
    length, start = _varint(page, place)
    word = page[start : start + length]
    return word if 0 < length == len(word) and start + length <= end else None


def _varint(page: bytes, place: int) -> tuple[int, int]:
    value = 0
    for step in range(min(8, len(page) - place)):
        byte = page[place + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + step + 1
    return 0, len(page)
