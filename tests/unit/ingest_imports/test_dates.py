from datetime import datetime, timedelta, timezone

import pytest

from ingest.importers.dates import Zone, has_date_shape, moment
from ingest.importers.unusable import Unusable
from tests.unit.ingest_imports.importer import NOW, ZONE

HERE = Zone(NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05T21:10:00+09:00", "2024-01-05T21:10:00+09:00"),
        ("2024-01-05T21:10:00Z", "2024-01-05T21:10:00+00:00"),
        ("2024-01-05 21:10:07.250 -0530", "2024-01-05T21:10:07.250000-05:30"),
        ("2024-01-05 21:10", "2024-01-05T21:10:00+01:00"),
        ("2024-07-05 21:10", "2024-07-05T21:10:00+02:00"),
        ("2024-01-05", "2024-01-05T12:00:00+01:00"),
        ("2024-1-5", "2024-01-05T12:00:00+01:00"),
        ("2024/01/05", "2024-01-05T12:00:00+01:00"),
        ("20240105T211000", "2024-01-05T21:10:00+01:00"),
        ("20240105", "2024-01-05T12:00:00+01:00"),
        ("2024-W01-5", "2024-01-05T12:00:00+01:00"),
        ("2024-01-05 09:10 PM", "2024-01-05T21:10:00+01:00"),
        ("2024-01-05 12:00 a.m.", "2024-01-05T00:00:00+01:00"),
        ("05.01.2024 21:10", "2024-01-05T21:10:00+01:00"),
        ("Fri 5 Jan 2024 21:10", "2024-01-05T21:10:00+01:00"),
        ("January 5th, 2024 at 9:10 pm", "2024-01-05T21:10:00+01:00"),
        ("31/01/2024", None),
        ("2024-02-30", None),
        ("2024-01-05 25:00", None),
        ("2024-01-05 13:00 PM", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01", None),
        ("2024-01-05T00:00:00+23:59", None),
        ("2024-01-05T00:00:00+01:00:30", None),
        ("2024-13-05", None),
        ("5 Foo 2024", None),
        ("tomorrow", None),
        ("", None),
        ("\u0662\u0660\u0662\u0664-01-05", None),
        ("2" * 5_000, None),
    ],
)
def test_a_date_is_read_as_written_or_refused(text, expected):
    if expected is None:
        with pytest.raises(Unusable):
            moment(text, HERE)
    else:
        assert moment(text, HERE).isoformat() == expected


def test_the_year_out_of_bounds_is_named():
    with pytest.raises(Unusable, match="the year 9999 is outside 1000 to 2199"):
        moment("9999-01-01", HERE)


def test_slashed_dates_follow_the_order_that_is_given():
    assert moment("05/06/2024", HERE, day_first=True).date().isoformat() == "2024-06-05"
    assert moment("05/06/2024", HERE, day_first=False).date().isoformat() == "2024-05-06"


def test_an_old_local_time_has_an_offset_in_whole_minutes():
    old = moment("1850-06-01 10:00", HERE)
    assert old.hour == 10
    assert old.utcoffset() == timedelta(minutes=53)  # Berlin's local mean time was +0:53:28


def test_a_clock_with_the_machines_fixed_offset_uses_the_machines_zone():
    machine = Zone(datetime.now().astimezone())
    for month in (1, 7):
        naive = datetime(2024, month, 5, 12, 0)
        assert machine.local(naive).utcoffset() == naive.astimezone().utcoffset()


def test_a_clock_of_another_fixed_offset_keeps_it():
    away = timezone(timedelta(hours=5, minutes=45))
    assert Zone(NOW.astimezone(away)).local(datetime(2024, 1, 5)).utcoffset() == timedelta(
        hours=5, minutes=45
    )


def test_a_file_time_out_of_range_is_refused():
    assert HERE.changed(0.0) == datetime(1970, 1, 1, 1, 0, tzinfo=ZONE)
    for seconds in (1e18, -1e12, float("nan"), float("inf")):
        with pytest.raises(Unusable):
            HERE.changed(seconds)


@pytest.mark.parametrize("text", ["2024-13-45 21:10", "5 January 2024", "05/06/2024"])
def test_a_date_shape_is_seen_whether_or_not_the_date_exists(text):
    assert has_date_shape(text)


@pytest.mark.parametrize("text", ["x", "5 Potatoes 2024", "2024", "note 2024-01-05", "2024-01-05 call mum"])
def test_other_text_has_no_date_shape(text):
    assert not has_date_shape(text)
