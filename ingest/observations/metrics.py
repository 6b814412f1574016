"""Well-known metrics, as data: the unit their numbers are compared in, plausible ranges, LOINC codes.

A key that is not here is a metric of the person's own: its unit is that of its values, the first kept wins.
LOINC codes are those of the observation a person makes at home, in the unit given: 93832-4 sleep duration,
72514-3 pain 0-10, 8480-6 and 8462-4 blood pressure, 8867-4 heart rate, 29463-7 body weight, 8302-2 height,
8280-0 waist, 39156-5 BMI, 8310-5 body temperature, 15074-8 glucose in blood, 14647-2 cholesterol, 59408-5
oxygen saturation by pulse oximetry, 41950-7 steps in 24 hours, 19935-6 peak flow, 9279-1 breaths a minute.

A plausible range is no judgement of health: it is wide enough for illness, and narrow enough to tell 74.2 kg
from 742 and a temperature in °C from one in °F. What lies outside is kept as written and can be asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ingest.observations.units import MINUTES, PERCENT


class Form(Enum):
    """How values of a metric are written."""

    AMOUNT = "amount"
    WHOLE = "whole number"
    DURATION = "duration"
    RATING = "rating"
    PRESSURE = "pressure"
    DOSE = "dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A well-known metric.

    :ivar keys: what diaries call it; the first is its usual key.
    :ivar unit: the unit its numbers are kept in; for a rating that of a number without one.
    :ivar bare: the units that a number without one may be in, tried in order until it is plausible.
    :ivar low, high: plausible values in `unit`, both included.
    :ivar loinc: codes by part; the part is "" for a metric without parts.
    :ivar molar_mass: g/mol, for what is measured by mass and by amount of substance.
    """

    keys: tuple[str, ...]
    form: Form = Form.AMOUNT
    unit: str = ""
    bare: tuple[str, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    loinc: tuple[tuple[str, str], ...] = ()
    molar_mass: float | None = None

    def plausible(self, value: float) -> bool:
        """Whether a value in the metric's unit lies in its range."""
        return self.low <= value <= self.high


def _metric(
    keys: str,
    unit: str,
    low: float,
    high: float,
    loinc: str = "",
    *,
    form: Form = Form.AMOUNT,
    bare: str = "",
) -> Metric:
    return Metric(
        keys=tuple(keys.split()),
        form=form,
        unit=unit,
        bare=tuple(bare.split()) or (unit,),
        low=low,
        high=high,
        loinc=(("", loinc),) if loinc else (),
    )


_RATINGS = (
    "mood stimmung|migraine migräne|headache headaches kopfschmerz kopfschmerzen|anxiety angst|stress|"
    "nausea übelkeit|fatigue tiredness müdigkeit|energy energie"
)

METRICS = (
    _metric("sleep slept schlaf nap", MINUTES, 0, 1440, "93832-4", form=Form.DURATION, bare="h min"),
    _metric("pain schmerz schmerzen", "/10", 0, 10, "72514-3", form=Form.RATING),
    *(_metric(keys, "/10", 0, 10, form=Form.RATING) for keys in _RATINGS.split("|")),
    Metric(
        keys=("bp", "blood_pressure", "bloodpressure", "blutdruck", "rr"),
        form=Form.PRESSURE,
        unit="mmHg",
        low=20,
        high=300,
        loinc=(("systolic", "8480-6"), ("diastolic", "8462-4")),
    ),
    _metric("pulse hr heart_rate heartrate puls", "bpm", 20, 250, "8867-4"),
    _metric("respiratory_rate breaths", "bpm", 4, 80, "9279-1"),
    _metric("weight gewicht", "kg", 1, 500, "29463-7"),
    _metric("height größe", "cm", 30, 260, "8302-2", bare="cm m"),
    _metric("waist taille", "cm", 30, 250, "8280-0"),
    _metric("bmi", "kg/m²", 8, 100, "39156-5"),
    _metric("temperature temp fever fieber temperatur", "°C", 30, 44, "8310-5", bare="°C °F"),
    Metric(
        keys=("glucose", "blood_glucose", "blood_sugar", "bg", "blutzucker"),
        unit="mmol/L",
        bare=("mmol/L", "mg/dL"),
        low=0.5,
        high=40,
        loinc=(("", "15074-8"),),
        molar_mass=180.156,
    ),
    Metric(
        keys=("cholesterol", "cholesterin"),
        unit="mmol/L",
        bare=("mmol/L", "mg/dL"),
        low=1,
        high=20,
        loinc=(("", "14647-2"),),
        molar_mass=386.65,
    ),
    _metric("spo2 oxygen oxygen_saturation", PERCENT, 40, 100, "59408-5"),
    _metric("peak_flow peakflow pef", "L/min", 30, 1000, "19935-6"),
    _metric("steps schritte", "steps", 0, 250_000, "41950-7", form=Form.WHOLE),
    Metric(keys=("med", "meds", "medication", "medicine", "medikament", "medikamente"), form=Form.DOSE),
)

_BY_KEY = {key: metric for metric in METRICS for key in metric.keys}


def metric_of(key: str) -> Metric | None:
    """The well-known metric of a key, or None for one of the person's own."""
    return _BY_KEY.get(key)


def plausible(key: str, value: float, unit: str) -> bool:
    """False when the value of a well-known metric, in its unit, lies outside of its range, and for a rating
    that fits no scale.
    """
    metric = metric_of(key)
    if metric is not None and metric.form is Form.RATING and not unit:
        return False
    return metric is None or unit != metric.unit or metric.plausible(value)


def lacks_number(key: str, value: float | None) -> bool:
    """True when no number was read for a well-known metric that is always one: it is never counted."""
    metric = metric_of(key)
    return value is None and metric is not None and metric.form is not Form.DOSE
