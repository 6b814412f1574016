"""Times in words → ranges of days, events and moments; pure.

`parse_ranges` reads the times a question names, in order; `parse_range` the one range it is about;
`parse_events` the events it tells a time by ("since I moved"), whose day `retrieval.events` finds in the
notes; `parse_moment` the time `--at` names.

Rules:
- the past is preferred: in June "March" is this year's, in February last year's; "Friday" is the last one
  before today; a future time must say so ("tomorrow", "next week", a full date);
- weeks run from Monday to Sunday; seasons are the meteorological ones of the northern hemisphere;
- an ambiguous 3/4/2024 is the third of April; 4/13/2024, which can only be April, is understood too;
  "Saturday 13 May" is in the nearest year in which it fits;
- a range keeps the words it was read from in `phrase`;
- ranges are about when it *happened*; that is what an entry's day is;
- "three weeks after Easter" has three days to each side, "around 3 May" too: nobody counts to the day;
- four digits are a year from 1000 to 2199 beside a month or after "in" and the like, unless things are
  counted by them ("2000 steps", "1500 mg");
- what recurs ("every Friday", "on Sundays", "each May") is no range, nor is a time of day;
- a question is read in the language most of whose words it has; what German, Spanish and French know is in
  their tables, the elliptical seconds of comparisons ("than last") and ages are English only.

Rooms: `words` (names and numbers), `periods` (calendar arithmetic), `holidays`; `days`, `spans` and `bare`
(the grammar of English: tables of rules, each tried in its order); `german`, `spanish`, `french` (tables) and
`tongues` (the rules made of them); `languages` (which it is); `joints` (the words between times, one table a
language), `joining` (from … to, since, before, after) and `comparing` (the same months of 2024, this week vs
last); `ages`; `no_days`; `ranges`; `happenings` (tables) and `events`; `moments`.

General date libraries were measured and not taken: of 60 phrases of a diary the best read 77 % exactly, and
none but that one read "last spring" or "first half of 2023".
"""

from retrieval.when.events import EventReference, Relation, parse_events
from retrieval.when.moments import parse_moment
from retrieval.when.ranges import parse_range, parse_ranges

__all__ = [
    "EventReference",
    "Relation",
    "parse_events",
    "parse_moment",
    "parse_range",
    "parse_ranges",
]
