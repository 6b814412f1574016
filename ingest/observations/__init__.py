"""Observations: `key:: value` in an entry, read by code.

Rooms: `fields` (where a key and its value stand), `numbers` (digits to a number), `units` (spellings and
conversion), `metrics` (what is known of well-known keys), `amounts` (a value to an amount), `doses`
(medicines), `reading` (an entry's text to observations), `pending` (all entries that wait to be read),
`at_once` (the one just written), `spoken` (numbers told in words, offered as fields; with `spoken_numbers`,
`spoken_forms` and `spoken_whose`).
"""

MARK = "::"
"""A text without this holds no observation: whoever looks for it first need not import any of the rooms."""
