"""What is read of `key:: value`, and what is left as prose."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import pint
import pytest

from ingest.observations.fields import find_fields
from ingest.observations.metrics import METRICS, lacks_number, plausible
from ingest.observations.reading import KnownUnits, read_observations
from ingest.observations.units import TIMES, UNITS, in_unit

Read = tuple[str, float | None, str, str]


def read(text: str, known: KnownUnits | None = None) -> list[Read]:
    """(key with its part, value, unit, name) of each observation."""
    return [
        (".".join(filter(None, (one.key, one.part))), one.value, one.unit, one.name)
        for one in read_observations(text, known)
    ]


def only(text: str, known: KnownUnits | None = None) -> tuple[float | None, str, str]:
    (one,) = read(text, known)
    return one[1:]


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("7h20m", 440),
        ("7h", 420),
        ("7h 05m", 425),
        ("7h05", 425),
        ("7:20", 440),
        ("7:20 h", 440),
        ("440 min", 440),
        ("440m", 440),
        ("7 hours and 20 minutes", 440),
        ("7 Stunden 20 Minuten", 440),
        ("7.5h", 450),
        ("7,5 h", 450),
        ("7½h", 450),
        ("~7h", 420),
        ("about 7 hrs", 420),
        ("8", 480),
        ("480", 480),
    ],
)
def test_a_length_of_sleep_is_in_minutes(written: str, minutes: float) -> None:
    assert only(f"sleep:: {written}") == (minutes, "min", "")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("glucose:: 7.1 mmol/L", 7.1, "mmol/L"),
        ("glucose:: 7,1", 7.1, "mmol/L"),
        ("weight:: 68.4 kg", 68.4, "kg"),
        ("weight:: 68.4kg", 68.4, "kg"),
        ("weight:: 68,400 kg", 68.4, "kg"),
        ("temp:: 38,2 °C", 38.2, "°C"),
        ("temp:: 38.2", 38.2, "°C"),
        ("spo2:: 96%", 96, "%"),
        ("battery:: 50 percent", 50, "%"),
        ("steps:: 9,500", 9500, "steps"),
        ("steps:: 9.500", 9500, "steps"),
        ("steps:: 9500 steps", 9500, "steps"),
        ("steps:: 12’345", 12345, "steps"),
        ("boat:: £2,350", 2350, "GBP"),
        ("boat:: 12,50 €", 12.5, "EUR"),
        ("boat:: 1.234,56 €", 1234.56, "EUR"),
        ("boat:: -$20", -20, "USD"),
        ("boat:: 20 CHF", 20, "CHF"),
        ("drift:: −3.25", -3.25, ""),
        ("bend:: 110°", 110, "°"),
        ("length:: 1,234,567.5 m", 1234567.5, "m"),
        ("pulse:: 61 bpm", 61, "bpm"),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    assert only(text) == (value, unit, "")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("weight:: 150 lb", 68.0388555, "kg"),
        ("weight:: 150 pounds", 68.0388555, "kg"),
        ("weight:: 10 st 10 lb", 68.0388555, "kg"),
        ("temp:: 101.3 °F", 38.5, "°C"),
        ("temp:: 101.3", 38.5, "°C"),
        ("height:: 1.8", 180, "cm"),
        ("height:: 5 ft 10 inches", 177.8, "cm"),
        ("glucose:: 180 mg/dL", 9.9913408379, "mmol/L"),
        ("glucose:: 180", 9.9913408379, "mmol/L"),
    ],
)
def test_a_well_known_metric_is_kept_in_its_own_unit(text: str, value: float, unit: str) -> None:
    found, found_unit, _ = only(text)
    assert found == pytest.approx(value, rel=1e-9)
    assert found_unit == unit


def test_a_blood_pressure_is_two_observations_of_one_span() -> None:
    for written in ("131/84", "131 / 84 mmHg", "131 over 84"):
        upper, lower = read_observations(f"bp:: {written}")
        assert (upper.part, upper.value, lower.part, lower.value) == ("systolic", 131, "diastolic", 84)
        assert upper.unit == lower.unit == "mmHg"
        assert (upper.start, upper.end, upper.written) == (lower.start, lower.end, written)
    assert read("bp:: not taken") == [("bp", None, "", "not taken")]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("naproxen 250 mg", (250, "mg", "naproxen")),
        ("Naproxen 250mg after food", (250, "mg", "naproxen")),
        ("250 mg of naproxen", (250, "mg", "naproxen")),
        ("2 x naproxen 250 mg", (500, "mg", "naproxen")),
        ("naproxen 2x250 mg", (500, "mg", "naproxen")),
        ("naproxen 250 mg x 2", (500, "mg", "naproxen")),
        ("nicotine patch 10.5 µg", (10.5, "mcg", "nicotine patch")),
        ("insulin 6 units", (6, "units", "insulin")),
        ("salbutamol 2 puffs", (2, "puff", "salbutamol")),
        ("vitamin B12", (None, "", "vitamin b12")),
        ("naproxen", (None, "", "naproxen")),
        ("co-dydramol 10/500 mg", (None, "", "co-dydramol 10/500 mg")),
    ],
)
def test_a_medicine_is_a_name_and_a_dose(written: str, amount: tuple[float | None, str, str]) -> None:
    assert only(f"med:: {written}") == amount


def test_several_medicines_stand_between_commas() -> None:
    text = "med:: naproxen 250 mg, omeprazole 20 mg and zinc 15 mg"
    first, second, third = read_observations(text)
    assert [(one.name, one.value) for one in (first, second, third)] == [
        ("naproxen", 250),
        ("omeprazole", 20),
        ("zinc", 15),
    ]
    assert second.written == "omeprazole 20 mg"
    assert text[: second.end].endswith(second.written)
    assert only("med:: naproxen 250 mg, after breakfast") == (250, "mg", "naproxen")


def test_the_doses_of_each_medicine_have_a_unit_of_their_own() -> None:
    known = KnownUnits()
    assert only("med:: naproxen 250 mg", known) == (250, "mg", "naproxen")
    assert only("med:: naproxen 0.5 g", known) == (500, "mg", "naproxen")
    assert only("med:: thyroxine 75 mcg", known) == (75, "mcg", "thyroxine")


def test_a_rating_keeps_its_scale() -> None:
    assert only("pain:: 3/10, left shoulder") == (3, "/10", "left shoulder")
    assert only("pain:: 3 out of 10") == (3, "/10", "")
    assert only("pain:: 3") == (3, "/10", "")
    assert only("dizzy:: 3/10") == (3, "/10", "")
    assert read("mood:: 2/5; mood:: 4") == [("mood", 2, "/5", ""), ("mood", 4, "/5", "")]
    assert only("pain:: 14") == (14, "", "")


def test_the_unit_of_ones_own_metric_is_the_first_it_had() -> None:
    known = KnownUnits()
    assert only("swim:: 1.5 km", known) == (1.5, "km", "")
    assert only("swim:: 1 mi", known) == (1.609344, "km", "")
    assert only("swim:: 40 min", known) == (40, "min", "")
    assert only("swim:: 1h10m", known) == (70, "min", "")
    assert only("swim:: 30", known) == (30, "", "")
    assert only("fast:: 16 h", known) == (16, "h", "")
    assert only("fast:: 16h30m", known) == (16.5, "h", "")


@pytest.mark.parametrize(
    "value",
    [
        *("met 3 friends", "3-4", "3–4", "<5", "3rd", "3 pm", "7:20", "2024-05-03", "03/05/2024", "1.2.3"),
        *("0170 1234567", "131/84", "1/2", "v2", "12e5x", "9" * 400, "2 - 3 days", "[[3 friends]]"),
    ],
)
def test_what_is_no_single_number_stays_words(value: str) -> None:
    number, unit, name = only(f"thing:: {value}")
    assert (number, unit) == (None, "")
    assert name


def test_words_beside_a_number_are_its_name() -> None:
    assert only("coffee:: 2 flat whites") == (2, "", "flat whites")
    assert only("thing:: walked 5 km with Ruth") == (5, "km", "walked")
    assert only("saved:: 20 pounds") == (20, "", "pounds")
    assert only("pain:: 5 in the morning") == (5, "/10", "in the morning")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "std::vector",
            "a::b",
            "Foo::bar()",
            "x::y::z",
            "http://[fe80::1]/",
            "fe80::1",
            "sleep:: ",
            "sleep::",
        ),
        *("https://example.org/?q=sleep:: 6h", "`sleep:: 6h`", "``a ` sleep:: 6h``", "12:: 30", ":: 6h"),
        *(
            "```\nsleep:: 6h\n```",
            "~~~\nsleep:: 6h",
            "C:\\sleep:: 6h",
            "a/sleep:: 6h",
            "sleep:::6h",
            "sleep::\n6h",
        ),
        *("sleep: : 6h", "sleep:: ; mood", "x" * 65 + ":: 5"),
    ],
)
def test_code_addresses_and_bare_colons_are_no_fields(text: str) -> None:
    assert find_fields(text) == []


def test_a_value_ends_where_its_line_bracket_or_neighbour_says() -> None:
    text = (
        "Woke early (sleep:: 5h10m), then [pain:: 3/10 (hip)].\r\nmood:: 6; steps:: 4,200 | pulse:: 61\n"
        "weight:: 68 kg bend:: 95\u2028**water:: 2 L**.\n`a` energy::7"
    )
    found = [(one.key, one.written) for one in read_observations(text)]
    assert found == [
        ("sleep", "5h10m"),
        ("pain", "3/10 (hip)"),
        ("mood", "6"),
        ("steps", "4,200"),
        ("pulse", "61"),
        ("weight", "68 kg"),
        ("bend", "95"),
        ("water", "2 L"),
        ("energy", "7"),
    ]


def test_a_key_is_of_any_script_with_its_case_folded() -> None:
    assert [
        field.key for field in find_fields("Übelkeit:: 2\nMIGRA\u0308NE-links:: 3\n頭痛:: 4\n5-htp:: 1")
    ] == [
        "übelkeit",
        "migräne-links",
        "頭痛",
        "5-htp",
    ]


def test_an_implausible_value_is_kept_and_told() -> None:
    value, unit, _ = only("weight:: 742 kg")
    assert (value, unit) == (742, "kg")
    assert value is not None
    assert not plausible("weight", value, unit)
    assert plausible("weight", 74.2, unit)
    assert plausible("anything", 1e9, "km")


def test_a_rating_that_fits_no_scale_is_implausible() -> None:
    (mood,) = read_observations("mood:: 14")
    assert (mood.value, mood.unit) == (14, "")
    assert not plausible("mood", 14, mood.unit)
    assert plausible("mood", 60, "/100")


@pytest.mark.parametrize("written", ["mood:: 14/10", "sleep:: six hours", "bp:: 120", "steps:: 10k"])
def test_words_where_a_well_known_metric_has_a_number_lack_one(written: str) -> None:
    (one,) = read_observations(written)
    assert lacks_number(one.key, one.value)


@pytest.mark.parametrize("written", ["mood:: 4/10", "sleep:: 6h", "med:: zinc", "weather:: grey"])
def test_a_number_a_medicine_and_a_metric_of_ones_own_lack_none(written: str) -> None:
    (one,) = read_observations(written)
    assert not lacks_number(one.key, one.value)


def test_every_unit_of_a_well_known_metric_is_a_unit_and_every_code_has_the_form_of_one() -> None:
    symbols = {unit.symbol for unit in UNITS} | {"/10", "steps", ""}
    for metric in METRICS:
        assert {metric.unit, *metric.bare} <= symbols
        for _, code in metric.loinc:
            number, check = code.split("-")
            assert number.isdigit()
            assert luhn(number) == int(check), code
    keys = [key for metric in METRICS for key in metric.keys]
    assert len(keys) == len(set(keys))


def luhn(number: str) -> int:
    """The mod 10 check digit that LOINC codes carry."""
    doubled = [2 * int(digit) for digit in number[::-1][::2]]
    plain = [int(digit) for digit in number[::-1][1::2]]
    return -sum(digit // 10 + digit % 10 for digit in [*doubled, *plain]) % 10


def test_our_units_are_pints_own() -> None:
    """Whatever can be converted into a unit of the same kind comes out as by pint's whole table."""
    registry = pint.UnitRegistry()
    compared = 0
    for unit, other in combinations([unit for unit in UNITS if unit.pint], 2):
        quantity = registry.Quantity(37.5, unit.pint)
        converted = in_unit(37.5, unit.symbol, other.symbol)
        if quantity.is_compatible_with(other.pint):
            assert converted == pytest.approx(quantity.to(other.pint).magnitude, rel=1e-9), unit.symbol
            compared += 1
        else:
            assert converted is None
    assert compared > 50
    for symbol, seconds in TIMES.items():
        assert registry.Quantity(1.0, symbol.replace("wk", "week")).to("second").magnitude == seconds


def test_what_is_of_another_kind_is_not_converted() -> None:
    assert in_unit(1.0, "lb", "min") is None
    assert in_unit(1.0, "GBP", "EUR") is None
    assert in_unit(1.0, "tablet", "mg") is None
    assert in_unit(1.0, "lb", "g") == pytest.approx(453.59237)


@pytest.mark.parametrize(
    "text", ["nothing", "sleep:: 6h40m, pain:: 4/10, weight:: 70 kg; med:: naproxen 250 mg; bp:: 124/79"]
)
def test_pint_is_not_imported_until_something_has_to_be_converted(text: str) -> None:
    script = (
        "import sys\nfrom ingest.observations.reading import read_observations\n"
        f"read_observations({text!r})\nsys.exit('pint' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("knee:: 3/10. Walked to the weir and saw the heron", ("knee", 3.0, "/10", "")),
        ("sleep:: 4h30m She asked about it", ("sleep", 270.0, "min", "")),
        ("weight:: 70 kg. He said 5 mg", ("weight", 70.0, "kg", "")),
        ("tea:: 5 km I'm tired", ("tea", 5.0, "km", "")),
        ("pain:: 4/10 Left knee", ("pain", 4.0, "/10", "left knee")),
        ("walk:: 3 miles in St. Albans", ("walk", 3.0, "mi", "in st. albans")),
        ("run:: 5 km Hampstead Heath", ("run", 5.0, "km", "hampstead heath")),
    ],
)
def test_the_sentence_after_an_amount_is_no_name_of_it(text: str, expected: Read) -> None:
    assert read(text) == [expected]
