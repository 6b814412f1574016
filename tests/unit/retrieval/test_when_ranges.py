"""Times in questions, read on Wednesday 14 June 2023."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.when import parse_range

AS_OF = date(2023, 6, 14)

# question · first day · last day ("-" open) · the words it was read from, when they are not the whole
TABLE = """
today | 2023-06-14 | 2023-06-14
What happened yesterday? | 2023-06-13 | 2023-06-13 | yesterday
the day before yesterday | 2023-06-12 | 2023-06-12
last night | 2023-06-13 | 2023-06-13
three days ago | 2023-06-11 | 2023-06-11
twenty-one days ago | 2023-05-24 | 2023-05-24
three weeks ago | 2023-05-22 | 2023-05-28
a couple of months ago | 2023-04-01 | 2023-04-30
half a year ago | 2022-12-01 | 2022-12-31
two years ago | 2021-01-01 | 2021-12-31
a year ago today | 2022-06-14 | 2022-06-14
last Sunday | 2023-06-11 | 2023-06-11
on Wednesday | 2023-06-07 | 2023-06-07
this Friday | 2023-06-16 | 2023-06-16
what did I do on Friday last week? | 2023-06-09 | 2023-06-09 | on Friday last week
last week | 2023-06-05 | 2023-06-11
this week | 2023-06-12 | 2023-06-18
the week before last | 2023-05-29 | 2023-06-04
last weekend | 2023-06-10 | 2023-06-11
last month | 2023-05-01 | 2023-05-31
this month | 2023-06-01 | 2023-06-30
last year | 2022-01-01 | 2022-12-31
last quarter | 2023-01-01 | 2023-03-31
in the last two weeks | 2023-05-31 | 2023-06-14
over the past three months | 2023-03-14 | 2023-06-14
the past month | 2023-05-14 | 2023-06-14
the last ten days | 2023-06-04 | 2023-06-14
How was I in March? | 2023-03-01 | 2023-03-31 | in March
in October | 2022-10-01 | 2022-10-31
last June | 2022-06-01 | 2022-06-30
October 2024 | 2024-10-01 | 2024-10-31
March last year | 2022-03-01 | 2022-03-31
how did I sleep in mid-May? | 2023-05-11 | 2023-05-20 | in mid-May
early June | 2023-06-01 | 2023-06-10
at the end of last month | 2023-05-21 | 2023-05-31
late 2022 | 2022-09-01 | 2022-12-31
the first week of May | 2023-05-01 | 2023-05-07
the last weekend of April | 2023-04-29 | 2023-04-30
the second Tuesday of May | 2023-05-09 | 2023-05-09
first half of 2023 | 2023-01-01 | 2023-06-30
second half of May | 2023-05-16 | 2023-05-31
Q2 2022 | 2022-04-01 | 2022-06-30
the third quarter of 2021 | 2021-07-01 | 2021-09-30
last spring | 2023-03-01 | 2023-05-31
this summer | 2023-06-01 | 2023-08-31
last winter | 2022-12-01 | 2023-02-28
winter 2021 | 2021-12-01 | 2022-02-28
in autumn 2022 | 2022-09-01 | 2022-11-30
in 2021 | 2021-01-01 | 2021-12-31
the 90s | 1990-01-01 | 1999-12-31
the 1980s | 1980-01-01 | 1989-12-31
week 12 of 2023 | 2023-03-20 | 2023-03-26
3 March | 2023-03-03 | 2023-03-03
the 3rd of December | 2022-12-03 | 2022-12-03
on March 3rd, 2021 | 2021-03-03 | 2021-03-03
twenty-first of May | 2023-05-21 | 2023-05-21
29 February | 2020-02-29 | 2020-02-29
2023-05-01 | 2023-05-01 | 2023-05-01
12/05/2023 | 2023-05-12 | 2023-05-12
5/13/2023 | 2023-05-13 | 2023-05-13
3.4.2023 | 2023-04-03 | 2023-04-03
3 to 5 May | 2023-05-03 | 2023-05-05
May 3-5 | 2023-05-03 | 2023-05-05
from 3 May to 10 June | 2023-05-03 | 2023-06-10
between May and July 2022 | 2022-05-01 | 2022-07-31
from November to February | 2022-11-01 | 2023-02-28
from 12 June to 9 June | 2022-06-12 | 2023-06-09
from 2023-06-12 to 2023-06-09 | 2023-06-09 | 2023-06-12
from May 2023 to March 2023 | 2023-03-01 | 2023-05-31
29 February 2024 | 2024-02-29 | 2024-02-29
2023-05-01 to 2023-05-07 | 2023-05-01 | 2023-05-07
2019 to 2021 | 2019-01-01 | 2021-12-31
since March | 2023-03-01 | 2023-06-14
since last summer | 2022-06-01 | 2023-06-14
from January on | 2023-01-01 | 2023-06-14
before Christmas 2022 | - | 2022-12-24
until the end of April | - | 2023-04-30
before 2022 | - | 2021-12-31
after February | 2023-03-01 | 2023-06-14
two days after Christmas 2022 | 2022-12-27 | 2022-12-27
the week before Easter | 2023-04-02 | 2023-04-08
the Saturday before Easter | 2023-04-08 | 2023-04-08
What happened on the Tuesday after Easter 2022? | 2022-04-19 | 2022-04-19 | on the Tuesday after Easter 2022
the Monday before 3 May | 2023-05-01 | 2023-05-01
Friday after Christmas | 2022-12-30 | 2022-12-30
the Saturday before last | 2023-06-03 | 2023-06-03
what did I eat on Saturday before work? | 2023-06-10 | 2023-06-10 | on Saturday
over Easter | 2023-04-07 | 2023-04-10
at Easter 2022 | 2022-04-15 | 2022-04-18
since Easter | 2023-04-09 | 2023-06-14
What did I do last fall? | 2022-09-01 | 2022-11-30 | last fall
week of May 3 | 2023-05-01 | 2023-05-07
the month after June 2022 | 2022-07-01 | 2022-07-31
at Christmas | 2022-12-25 | 2022-12-25
New Year's Eve 2021 | 2021-12-31 | 2021-12-31
Good Friday | 2023-04-07 | 2023-04-07
around Valentine's day | 2023-02-11 | 2023-02-17
Compare May with June | 2023-05-01 | 2023-06-30 | May with June
was my mood better in January than in February? | 2023-01-01 | 2023-02-28 | in January than in February
last week after my therapy | 2023-06-05 | 2023-06-11 | last week
the past fortnight | 2023-05-31 | 2023-06-14
in the last 36 hours | 2023-06-12 | 2023-06-14
in recent weeks | 2023-05-17 | 2023-06-14
how have I slept lately? | 2023-05-15 | 2023-06-14 | lately
the other day | 2023-06-07 | 2023-06-13
this time last year | 2022-06-07 | 2022-06-21
the same month last year | 2022-06-01 | 2022-06-30
a week last Tuesday | 2023-06-06 | 2023-06-06
on the 3rd | 2023-06-03 | 2023-06-03
the 28th of last month | 2023-05-28 | 2023-05-28
the summer before last | 2021-06-01 | 2021-08-31
the first two weeks of May | 2023-05-01 | 2023-05-14
the last three days of 2022 | 2022-12-29 | 2022-12-31
early last week | 2023-06-05 | 2023-06-06
late summer 2022 | 2022-08-01 | 2022-08-31
the early 1990s | 1990-01-01 | 1993-04-30
the nineties | 1990-01-01 | 1999-12-31
the 17th century | 1601-01-01 | 1700-12-31
winter 2021/22 | 2021-12-01 | 2022-02-28
January 1660 | 1660-01-01 | 1660-01-31
3 March 1712 | 1712-03-03 | 1712-03-03
in 1660? | 1660-01-01 | 1660-12-31 | in 1660
June 2150 | 2150-06-01 | 2150-06-30
week 14 | 2023-04-03 | 2023-04-09
week 50 | 2022-12-12 | 2022-12-18
by the end of May | - | 2023-05-31
up to 3 May | - | 2023-05-03
around March | 2023-02-19 | 2023-04-10
around 3 May | 2023-04-30 | 2023-05-06
the weekend before Christmas | 2022-12-17 | 2022-12-18
the weekend after Easter | 2023-04-15 | 2023-04-16
three weeks after Easter | 2023-04-27 | 2023-05-03
in the two weeks after Christmas | 2022-12-26 | 2023-01-08
since the week before Easter | 2023-04-02 | 2023-06-14
in 2022, to the end of May | 2022-01-01 | 2022-05-31
Monday to Wednesday | 2023-06-05 | 2023-06-07
Shrove Tuesday | 2023-02-21 | 2023-02-21
Easter weekend | 2023-04-07 | 2023-04-10
Mothering Sunday | 2023-03-19 | 2023-03-19
Father's Day 2022 | 2022-06-19 | 2022-06-19
the early May bank holiday | 2023-05-01 | 2023-05-01
the August bank holiday weekend | 2022-08-27 | 2022-08-29
over the Christmas holidays | 2022-12-24 | 2023-01-01
Thanksgiving 2022 | 2022-11-24 | 2022-11-24
the first Sunday in Advent | 2022-11-27 | 2022-11-27 | first Sunday in Advent
between the deposit in March and the end of May 2023 | 2023-03-01 | 2023-05-31
on Saturday 13 May | 2023-05-13 | 2023-05-13
on Friday 13 May | 2022-05-13 | 2022-05-13
Friday, March 3rd, 2023 | 2023-03-03 | 2023-03-03
Wednesday the 3rd of May | 2023-05-03 | 2023-05-03
tomorrow | 2023-06-15 | 2023-06-15
next week | 2023-06-19 | 2023-06-25
gestern | 2023-06-13 | 2023-06-13
vor drei Wochen | 2023-05-22 | 2023-05-28
letzten Monat | 2023-05-01 | 2023-05-31
im Mai | 2023-05-01 | 2023-05-31
am 3. März | 2023-03-03 | 2023-03-03
im Sommer 2022 | 2022-06-01 | 2022-08-31
in den letzten zwei Wochen | 2023-05-31 | 2023-06-14
"""

CASES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]

NO_TIME = """
How do I sleep?
since I started physio
before my surgery in March
after we moved
may I go
Did I march on?
What did I write about August the cat
how was the fall on the ice
When did Ottilie last fall?
When did I last fall?
how did it go since I started this notebook?
where are my winter boots
how do I feel on Sundays
every Friday
each May
on a Friday
What did the Christmas tree cost?
16,400 steps
more than 2000 calories
take 1500 mg
from 2000 to 2500 steps
how did I sleep on 2023-02-30?
since 2023-04-31
on 31 April 2023
the 31st of June
June 31
29 February 2023
in 1500 metres
a loan of £2000
May 5 times
Mother's Day
when I was 12
in my early thirties
in week 14 of the course
knee pain between the fall (18 January 2023) and the day before the operation
31 February
the second time I saw her
What is my sun cream called?
99999 years ago
""".strip().splitlines()


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def test_the_table_is_long_enough_to_mean_something():
    assert len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_time_is_read_past_preferring(case: list[str]):
    question, start, end, *phrase = case
    found = parse_range(question, AS_OF)
    assert found is not None
    assert (found.start, found.end) == (day(start), day(end))
    assert found.phrase == (phrase[0] if phrase else question)


@pytest.mark.parametrize("question", NO_TIME)
def test_what_names_no_time_of_the_calendar_gives_none(question: str):
    assert parse_range(question, AS_OF) is None


def test_the_phrase_is_cut_from_the_question_as_it_was_typed():
    found = parse_range("İs LAST  week\u2019s pain worse than in “May 2022”?", AS_OF)
    assert found is not None
    assert found.phrase in "İs LAST  week\u2019s pain worse than in “May 2022”?"


@pytest.mark.parametrize(
    ("as_of", "start"),
    [("2024-02-10", "2023-03-01"), ("2024-03-10", "2024-03-01"), ("2024-04-10", "2024-03-01")],
)
def test_a_month_alone_is_the_latest_that_has_begun(as_of: str, start: str):
    found = parse_range("in March", date.fromisoformat(as_of))
    assert found is not None
    assert found.start == date.fromisoformat(start)
