"""Units: how they are spelt, and one in another by pint.

A unit is kept by one symbol, whatever it was written as ("lbs" is "lb"); pint is asked only when a value has
to be converted, because importing it takes about 0.2 s. Money is never converted. Units that
count things (tablets, puffs) are units of a dose; elsewhere such a word is the value's name.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import UnitRegistry

MINUTES = "min"
HOURS = "h"
PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    :ivar symbol: by which it is kept and shown.
    :ivar pint: what pint calls it; "" for what can be converted into nothing.
    :ivar spellings: how else it is written; found whatever their case, unless another unit differs by case.
    :ivar counts: whether it counts things, so that only a dose has it.
    """

    symbol: str
    pint: str
    spellings: tuple[str, ...] = ()
    counts: bool = False


def _unit(symbol: str, pint: str, spellings: str = "") -> Unit:
    return Unit(symbol, pint, tuple(spellings.split()))


_TIME = (
    _unit("s", "second", "sec secs second seconds sek sekunde sekunden"),
    _unit(MINUTES, "minute", "mins minute minutes minuten mn"),
    _unit(HOURS, "hour", "H hr hrs hour hours std stunde stunden heures horas"),
    _unit("d", "day", "day days tag tage"),
    _unit("wk", "week", "week weeks woche wochen"),
)
TIMES = {"s": 1.0, MINUTES: 60.0, HOURS: 3600.0, "d": 86400.0, "wk": 604800.0}
"""Seconds of each unit of time: so common that pint is not troubled."""

UNITS = (
    *_TIME,
    _unit("kg", "kilogram", "kgs kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm"),
    _unit("g", "gram", "gr gram grams gramme grammes gramm"),
    _unit("mg", "milligram", "milligram milligrams milligramm"),
    _unit("mcg", "microgram", "µg μg ug microgram micrograms mikrogramm"),
    _unit("ng", "nanogram"),
    _unit("lb", "pound", "lbs pound pounds"),
    _unit("st", "stone", "stone stones"),
    _unit("oz", "ounce", "ounce ounces"),
    _unit("km", "kilometer", "kms kilometre kilometres kilometer kilometers"),
    _unit("m", "meter", "metre metres meter meters"),
    _unit("cm", "centimeter", "centimetre centimetres centimeter centimeters zentimeter"),
    _unit("mm", "millimeter", "millimetre millimetres millimeter millimeters"),
    _unit("mi", "mile", "mile miles"),
    _unit("ft", "foot", "foot feet"),
    _unit("inch", "inch", "inches"),
    _unit("yd", "yard", "yard yards yds"),
    _unit("L", "liter", "l litre litres liter liters"),
    _unit("dl", "deciliter"),
    _unit("cl", "centiliter"),
    _unit("ml", "milliliter", "mls millilitre millilitres milliliter milliliters"),
    Unit("fl oz", "fluid_ounce", ("fl. oz", "floz")),
    _unit("kcal", "kilocalorie", "kcals"),
    _unit("kJ", "kilojoule"),
    _unit("°C", "degC", "ºC C celsius"),
    _unit("°F", "degF", "ºF F fahrenheit"),
    _unit("°", "degree", "deg degs degree degrees grad º"),
    _unit(PERCENT, "percent", "percent prozent"),
    _unit("mmHg", "mmHg", "mm_Hg"),
    _unit("kPa", "kilopascal"),
    _unit("mmol/L", "millimole/liter", "mmol/l"),
    _unit("µmol/L", "micromole/liter", "μmol/L umol/L µmol/l"),
    _unit("mmol/mol", "millimole/mole"),
    _unit("mg/dL", "milligram/deciliter", "mg/dl"),
    _unit("mg/L", "milligram/liter", "mg/l"),
    _unit("g/dL", "gram/deciliter", "g/dl"),
    _unit("g/L", "gram/liter", "g/l"),
    _unit("ng/mL", "nanogram/milliliter", "ng/ml"),
    _unit("L/min", "liter/minute", "l/min lpm"),
    _unit("bpm", "", "/min beats/min"),
    _unit("kg/m²", "kilogram/meter**2", "kg/m2 kg/m^2"),
    _unit("km/h", "kilometer/hour", "kph kmh"),
    _unit("mph", "mile/hour"),
    *(
        Unit(symbol, "", tuple(spellings.split()), counts=True)
        for symbol, spellings in (
            ("IU", "i.u. ie"),
            ("units", "unit einheiten"),
            ("tablet", "tablets tab tabs pill pills tablette tabletten"),
            ("capsule", "capsules caps kapsel kapseln"),
            ("puff", "puffs hub hübe"),
            ("drop", "drops tropfen"),
            ("spray", "sprays"),
            ("sachet", "sachets"),
        )
    ),
)
AMBIGUOUS = frozenset(("pound", "pounds"))
"""A weight only where a weight is meant; otherwise perhaps money."""

_CODES = ("GBP", "EUR", "USD", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "NZD")
CURRENCIES = {
    **{"£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY"},
    **dict(zip(_CODES, _CODES, strict=True)),
}

_BY_SYMBOL = {unit.symbol: unit for unit in UNITS}
_EXACT = {spelling: unit for unit in UNITS for spelling in (unit.symbol, *unit.spellings)}
_FOLDED = {spelling.casefold(): unit for spelling, unit in _EXACT.items() if len(spelling) > 1}


def _any_of(spellings: list[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True))


UNIT = rf"(?:(?i:{_any_of(list(_FOLDED))})|{_any_of([one for one in _EXACT if len(one) == 1])})(?![^\W\d_])"
"""A regular expression, without groups, for a unit that is not the beginning of another word."""

CURRENCY = (
    rf"(?:{_any_of([one for one in CURRENCIES if len(one) == 1])}|(?:{_any_of(list(CURRENCIES))})(?!\w))"
)
"""Likewise for money."""


def unit_named(written: str) -> Unit | None:
    """The unit of this spelling, or None."""
    return _EXACT.get(written) or _FOLDED.get(written.casefold())


def in_unit(value: float, unit: str, wanted: str, *, molar_mass: float | None = None) -> float | None:
    """The value in another unit, or None when it has no such value.

    :param molar_mass: g/mol of the substance, by which a mass in a litre is a number of moles.
    """
    if unit == wanted:
        return value
    if unit in TIMES and wanted in TIMES:
        return value * TIMES[unit] / TIMES[wanted]
    known, target = _BY_SYMBOL.get(unit), _BY_SYMBOL.get(wanted)
    if known is None or target is None or not known.pint or not target.pint:
        return None
    return _by_pint(value, known.pint, target.pint, molar_mass)


def _by_pint(value: float, unit: str, wanted: str, molar_mass: float | None) -> float | None:
    from pint import DimensionalityError, OffsetUnitCalculusError

    registry = _registry()
    quantity = registry.Quantity(value, unit)
    try:
        if molar_mass is not None and not quantity.is_compatible_with(wanted):
            quantity = quantity / registry.Quantity(molar_mass, "gram/mole")
        # 12 places are the noise of binary fractions, far below what anybody measures.
        return round(float(quantity.to(wanted).magnitude), 12)
    except (DimensionalityError, OffsetUnitCalculusError):  # the latter: a temperature over a molar mass
        return None


# In pint's own language: what our units are made of, and no more, so that no word of a diary is a unit by
# surprise. Its whole table is 40 times as long and takes 0.2 s to load; a test compares the two.
_DEFINITIONS = """
    second = [time]
    meter = [length]
    gram = [mass]
    mole = [substance]
    radian = []
    percent = 0.01
    kelvin = [temperature]; offset: 0
    degC = kelvin; offset: 273.15
    degF = 5 / 9 * kelvin; offset: 233.15 + 200 / 9
    kilo- = 1e3
    deci- = 1e-1
    centi- = 1e-2
    milli- = 1e-3
    micro- = 1e-6
    nano- = 1e-9
    minute = 60 * second
    hour = 3600 * second
    day = 24 * hour
    week = 7 * day
    pound = 453.59237 * gram
    stone = 14 * pound
    ounce = pound / 16
    inch = 2.54 * centimeter
    foot = 12 * inch
    yard = 3 * foot
    mile = 5280 * foot
    liter = 1e-3 * meter ** 3
    fluid_ounce = 231 * inch ** 3 / 128
    joule = kilogram * meter ** 2 / second ** 2
    calorie = 4.184 * joule
    pascal = kilogram / meter / second ** 2
    mmHg = 133.322387415 * pascal
    degree = 3.141592653589793 / 180 * radian
"""


@functools.cache
def _registry() -> UnitRegistry[float]:
    from pint import UnitRegistry

    registry: UnitRegistry[float] = UnitRegistry(None)
    registry.load_definitions([line.strip() for line in _DEFINITIONS.strip().splitlines()])
    return registry
