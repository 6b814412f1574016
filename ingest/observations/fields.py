"""Where `key:: value` stands in a text, in the manner of Dataview; pure.

The rule for a key: letters of any script, digits, `_` and `-`, at most 64 of them and one a letter, not in
the middle of a word, a path or an address, followed by two colons and no third. After the colons comes a
space and the value; without a space only what begins like an amount (`sleep::6h`), and then the key has no
digit. So `std::vector`, `a::b`, `http://` and `fe80::1` are no fields; nor is anything inside `code`, a
fenced block or a web address.

The rule for a value: it ends at the line's end, at `;` or `|`, at a bracket that it did not open, or where
the next key begins. One that begins like an amount ends where a new sentence begins too: behind `. ` and a
capital, and, where no point was set, before a word that begins one and no name (`4h30m She asked`). What only
closes a sentence or an emphasis (`. , ! * _`) is not of it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from ingest.observations import MARK

_LETTERS = r"\w\u0300-\u036f-"
_AMOUNT = r"[\d+\-−~≈£€$¥½¼¾⅓⅔]"
_KEY = re.compile(
    rf"(?<![^\W_])(?<![:/\\@$]) (?P<key>[^\W_][{_LETTERS}]{{0,63}})::(?!:)"
    rf"(?: [^\S\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+(?=\S) | (?={_AMOUNT})(?<![\d]::) )",
    re.VERBOSE,
)
_LINE_END = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NOT_PROSE = re.compile(
    r"""^[ ]{0,3}(?P<fence>`{3,}|~{3,}).*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)  # a fenced block
    | (?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)                       # code inside a line
    | (?<![^\W_])[A-Za-z][A-Za-z0-9+.-]{0,30}://\S*                        # an address
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_SENTENCE = re.compile(
    r"(?<!\b[A-Z][a-z])(?<!\bMrs)(?<!\bProf)[.!?…]+[)\]\"'”’»]*\s+(?=[^\W\d_])"  # not behind Dr. and St.
)
_BEGINS_A_SENTENCE = re.compile(
    r"\s+(?=(?:I|I['’]m|She|He|It|We|They|You|This|That|There|My|Then|But|And|So|When|Because|After"
    r"|Ich|Sie|Er|Es|Wir|Dann|Aber|Und|Je|J['’]ai|Elle|Il|Nous|Puis|Mais|Ella|Pero|Luego)\s)"
)
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_ENDS = ";|"
_CLOSING = " \t\u00a0\u202f\u2009.,!*_~`"
_BEFORE_A_KEY = _CLOSING + "([{-–—"


@dataclass(frozen=True, slots=True)
class Field:
    """A key and its value: `text[start:end]` is the whole, `text[value:end]` the value.

    :ivar key: with its case folded and its accents composed.
    """

    key: str
    start: int
    value: int
    end: int


def find_fields(text: str) -> list[Field]:
    """The fields of a text, in order; they do not overlap."""
    if MARK not in text:
        return []
    hidden = [(match.start(), match.end()) for match in _NOT_PROSE.finditer(text)]
    starts = [start for start, _ in hidden]

    def is_hidden(place: int) -> bool:
        before = bisect_right(starts, place) - 1
        return before >= 0 and place < hidden[before][1]

    keys = [match for match in _KEY.finditer(text) if _is_key(match) and not is_hidden(match.start())]
    limits = [match.start() for match in keys] + [len(text)]
    fields = []
    for match, limit in zip(keys, limits[1:], strict=True):
        end = _value_end(text, match.end(), limit)
        if end > match.end():
            fields.append(Field(_folded(match["key"]), match.start(), match.end(), end))
    return fields


def keys_of(text: str) -> list[str]:
    """The keys of a text's fields, each once."""
    return list(dict.fromkeys(field.key for field in find_fields(text)))


def _is_key(match: re.Match[str]) -> bool:
    key = match["key"]
    spaced = match.end() > match.end("key") + len(MARK)
    return any(letter.isalpha() for letter in key) and (spaced or not any(map(str.isdigit, key)))


def _folded(key: str) -> str:
    return unicodedata.normalize("NFC", key.casefold())


def _sentence_end(text: str, start: int, end: int) -> int:
    """Where a sentence begins that is not of the amount; `end` where none does."""
    for closed in _SENTENCE.finditer(text, start, end):
        if text[closed.end()].isupper():
            end = closed.start() + 1
            break
    found = _BEGINS_A_SENTENCE.search(text, start, end)
    return found.start() if found else end


def _value_end(text: str, start: int, limit: int) -> int:
    line_end = _LINE_END.search(text, start, limit)
    end = line_end.start() if line_end else limit
    end = _sentence_end(text, start, end) if re.match(_AMOUNT, text[start]) else end
    closing = _BEFORE_A_KEY if end == limit < len(text) else _CLOSING
    opened: list[str] = []
    for place in range(start, end):
        character = text[place]
        if character in _BRACKETS.values():
            opened.append(character)
        elif character in _BRACKETS:
            if not opened or opened.pop() != _BRACKETS[character]:
                end, closing = place, _CLOSING
                break
        elif character in _ENDS:
            end, closing = place, _CLOSING
            break
    return start + len(text[start:end].rstrip(closing))
