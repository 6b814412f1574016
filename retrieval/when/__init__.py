"""Times in words → ranges of days and moments; pure.

`parse_range` reads the time a question names; `parse_moment` reads the time `--at` names.

Rules:
- the past is preferred: in June "March" is this year's, in February last year's; "Friday" is the last one
  before today; a future time must say so ("tomorrow", "next week", a full date);
- weeks run from Monday to Sunday; seasons are the meteorological ones of the northern hemisphere;
- an ambiguous 3/4/2024 is the third of April; 4/13/2024, which can only be April, is understood too;
- a range keeps the words it was read from in `phrase`;
- a time told by an event ("since I started physio") is no range: the event must be found first.

Rooms: `words` (names and numbers), `periods` (calendar arithmetic), `holidays`, `days` and `spans` (the
grammar: one table of rules each), `german` (the common phrases of German), `ranges` (from … to, since,
before, after), `moments` (a day and a time of day).

General date libraries were measured and not taken: of 60 phrases of a diary the best read 77 % exactly, and
none but that one read "last spring" or "first half of 2023".
"""

from retrieval.when.events import EventReference, Relation, parse_event, parse_events
from retrieval.when.moments import parse_moment
from retrieval.when.ranges import parse_range, parse_ranges

__all__ = [
    "EventReference",
    "Relation",
    "parse_event",
    "parse_events",
    "parse_moment",
    "parse_range",
    "parse_ranges",
]
