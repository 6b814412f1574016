"""Ordinary English words: those that PocketSphinx can hear, 126,000 of them (the CMU pronouncing dictionary).

The file lies in the wheel, is read as bytes when it is first asked for (3 MB, 2 ms) and is searched as it is,
because few words are ever looked up. The library is never imported. Without the file no word is ordinary.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

_FILE = Path("model/en-us/cmudict-en-us.dict")  # sorted lines: "word PH ON EM ES"


@functools.lru_cache(maxsize=1024)
def is_ordinary(word: str) -> bool:
    """Whether a word in lower case is in the dictionary; names and a few medicines are there too."""
    return bool(word) and f"\n{word} ".encode() in _lines()


@functools.cache
def _lines() -> bytes:
    package = find_spec("pocketsphinx")
    for folder in package.submodule_search_locations or () if package else ():
        try:
            return b"\n" + (Path(folder) / _FILE).read_bytes()
        except OSError:
            continue
    return b""
