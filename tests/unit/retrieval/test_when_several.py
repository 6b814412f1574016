"""Questions that name more than one time, read on Saturday 1 November 2025."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.when import parse_range, parse_ranges

AS_OF = date(2025, 11, 1)

# question · first day · last day · words, for each range in the order named
TABLE = """
compare May with June | 2025-05-01 2025-05-31 May | 2025-06-01 2025-06-30 June
compare May and June | 2025-05-01 2025-05-31 May | 2025-06-01 2025-06-30 June
the difference between April and July | 2025-04-01 2025-04-30 April | 2025-07-01 2025-07-31 July
How was I in May and June? | 2025-05-01 2025-06-30 in May and June
Did I walk more in May to August 2025 than in September to December 2024? |\
 2025-05-01 2025-08-31 in May to August 2025 | 2024-09-01 2024-12-31 in September to December 2024
sleep in the flat (3 May to 9 June 2025) and in the house (10 July 2025 to 2 August 2025) |\
 2025-05-03 2025-06-09 3 May to 9 June 2025 | 2025-07-10 2025-08-02 10 July 2025 to 2 August 2025
better in August and September 2025 than in the same months of 2023? |\
 2025-08-01 2025-09-30 in August and September 2025 | 2023-08-01 2023-09-30 in the same months of 2023
this week vs last | 2025-10-27 2025-11-02 this week | 2025-10-20 2025-10-26 last
worse this month than the month before? | 2025-11-01 2025-11-30 this month |\
 2025-10-01 2025-10-31 the month before
this summer compared to last | 2025-06-01 2025-08-31 this summer | 2024-06-01 2024-08-31 last
in March 2025 than a year earlier | 2025-03-01 2025-03-31 in March 2025 | 2024-03-01 2024-03-31 a year earlier
since 4 August than before it? | 2025-08-04 2025-11-01 since 4 August | - 2025-08-03 before it
in spring and summer before the move (1 April to 9 August 2025) |\
 2025-04-01 2025-08-09 1 April to 9 August 2025
October 2024 to February 2025 against March to June 2025 |\
 2024-10-01 2025-02-28 October 2024 to February 2025 |\
 2025-03-01 2025-06-30 March to June 2025
in 2025, to the end of August | 2025-01-01 2025-08-31 in 2025, to the end of August
was it April or May 2024? | 2024-04-01 2024-04-30 April | 2024-05-01 2024-05-31 May 2024
on 2 May 2025, 3 June 2025 and 7 July 2025 | 2025-05-02 2025-05-02 on 2 May 2025 |\
 2025-06-03 2025-06-03 3 June 2025 | 2025-07-07 2025-07-07 7 July 2025
How do I sleep? |
every May and every June |
"""
ROWS = [line.split("|") for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip() for row in ROWS])
def test_each_time_is_read_in_the_order_named(row: list[str]):
    expected = [cell.strip().split(maxsplit=2) for cell in row[1:] if cell.strip()]
    found = parse_ranges(row[0].strip(), AS_OF)
    assert [[str(one.start or "-"), str(one.end), one.phrase] for one in found] == expected


def test_the_one_range_of_a_comparison_reaches_from_the_first_to_the_last_of_its_times():
    found = parse_range("Was March 2024 better than June 2023?", AS_OF)
    assert found is not None
    assert (found.start, found.end) == (date(2023, 6, 1), date(2024, 3, 31))
    assert found.phrase == "March 2024 better than June 2023"


def test_of_times_that_are_not_compared_the_one_range_is_the_first():
    found = parse_range("What did I write last week about Christmas 2020?", AS_OF)
    assert found is not None
    assert found.phrase == "last week"
