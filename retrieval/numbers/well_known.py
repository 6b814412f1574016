"""The words by which people ask for well-known metrics, whatever key their diary has for them.

A metric of one's own needs no line here: it is asked for by the words of its key ("roof fund", `roof_fund`).
`HIGHER_IS_WORSE` tells "worst" and "7 or worse"; a rating out of ten that is not known counts as a complaint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    """Which way a metric is better."""

    HIGHER = 1
    LOWER = -1


@dataclass(frozen=True, slots=True)
class WellKnown:
    """One metric.

    :ivar keys: what diaries call it.
    :ivar phrases: what questions call it, with its verbs.
    :ivar weak: what may mean it when nothing else in the question names a metric ("nights" of sleep).
    :ivar state: a value is how things stand, so that adding values up says nothing unless it is asked for.
    :ivar happens: a value says how many times it happened, so that "how often" is their sum.
    """

    keys: tuple[str, ...]
    phrases: tuple[str, ...]
    weak: tuple[str, ...] = ()
    better: Better = Better.LOWER
    state: bool = True
    happens: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


WELL_KNOWN: tuple[WellKnown, ...] = (
    WellKnown(
        _words("sleep,slept,schlaf"),
        _words("sleep,slept,sleeping,asleep,schlaf,geschlafen,schlafe,schlief"),
        _words("night,nights,in bed,nacht,nächte"),
        better=Better.HIGHER,
    ),
    WellKnown(_words("mood,stimmung"), _words("mood,moods,spirits,stimmung"), better=Better.HIGHER),
    WellKnown(
        _words("weight,gewicht"),
        _words("weight,weigh,weighed,weighs,weighing,body weight,gewicht,wog,wiege,gewogen"),
        _words("kilos,kilograms,kg,pounds,heavier,lighter,heaviest,lightest,kilo,schwer"),
    ),
    WellKnown(
        _words("bp,blood_pressure,bloodpressure,blutdruck"),
        _words(
            "blood pressure,bp,systolic pressure,diastolic pressure,systolic blood pressure,"
            "diastolic blood pressure,systolic,diastolic,blutdruck,systolisch,diastolisch"
        ),
        _words("pressure"),
    ),
    WellKnown(
        _words("pulse,hr,heart_rate,heartrate,puls"),
        _words("pulse,heart rate,resting pulse,resting heart rate,heartbeat,puls"),
    ),
    WellKnown(
        _words("steps,schritte"),
        _words("steps,step,schritte"),
        _words("walked,walk"),
        better=Better.HIGHER,
        state=False,
    ),
    WellKnown(
        _words("glucose,blood_sugar,bg,sugar"),
        _words("glucose,blood glucose,blood sugar,sugar level,sugar levels,blutzucker"),
    ),
    WellKnown(
        _words("temp,temperature,fever"), _words("temperature,body temperature,fever,fieber,temperatur")
    ),
    WellKnown(_words("spo2,oxygen"), _words("spo2,oxygen,oxygen saturation,saturation")),
    WellKnown(
        _words("peak_flow,peakflow,pef"), _words("peak flow,peak flows,peakflow"), better=Better.HIGHER
    ),
    WellKnown(_words("pain,schmerz"), _words("pain,pains,painful,schmerz,schmerzen")),
    WellKnown(_words("migraine,migräne"), _words("migraine,migraines,migräne,migränen")),
    WellKnown(_words("headache,headaches"), _words("headache,headaches,kopfschmerzen")),
    WellKnown(_words("anxiety,anxious"), _words("anxiety,anxious")),
    WellKnown(_words("stress"), _words("stress,stressed")),
    WellKnown(
        _words("breath,breathless,breathlessness,dyspnoea,dyspnea,atemnot"),
        _words(
            "breathlessness,breathless,shortness of breath,short of breath,out of breath,breath,breathing,"
            "dyspnoea,dyspnea,atemnot"
        ),
    ),
    WellKnown(
        _words("falls,fall,stürze"),
        (),
        _words("falls,fall,fell,fallen,stürze,gestürzt"),
        state=False,
        happens=True,
    ),
    WellKnown(
        _words("seizures,seizure,fits"),
        _words("seizures,seizure,fits,epileptic fits"),
        state=False,
        happens=True,
    ),
    WellKnown(_words("hypos,hypo"), _words("hypos,hypo"), state=False, happens=True),
    WellKnown(_words("nausea"), _words("nausea,nauseous")),
    WellKnown(_words("fatigue,tiredness"), _words("fatigue,tiredness,exhaustion")),
    WellKnown(_words("energy"), _words("energy"), better=Better.HIGHER),
    WellKnown(
        _words("flexion,rom"),
        _words("flexion,bend,bending,bends,flex,range of motion"),
        better=Better.HIGHER,
    ),
    WellKnown(_words("water,fluid"), _words("water,fluid,fluids"), better=Better.HIGHER, state=False),
    WellKnown(_words("alcohol,drinks"), _words("alcohol,alcoholic drinks,units of alcohol"), state=False),
    WellKnown(
        _words("exercise,workout"), _words("exercise,exercised,workout"), better=Better.HIGHER, state=False
    ),
    WellKnown(
        _words("med,meds,medication,medicine,drug,medikament,medikamente"),
        _words("medication,medications,medicine,medicines,meds,medikament,medikamente"),
        _words("med,dose,doses,tablet,tablets,pill,pills,capsule,capsules,drug,drugs,tablette,tabletten"),
        state=False,
    ),
)

BY_KEY: dict[str, WellKnown] = {key: known for known in WELL_KNOWN for key in known.keys}
MEDICINES = frozenset(next(known.keys for known in WELL_KNOWN if "med" in known.keys))
PARTS = {
    "systolic": "systolic",
    "diastolic": "diastolic",
    "systolisch": "systolic",
    "diastolisch": "diastolic",
}
PRACTICE = frozenset(
    ("practice", "practise", "practised", "practiced", "practising", "practicing", "practices", "practises")
)
"""Words that mean whichever metric of one's own is a length of time, when there is one only."""


_BALANCES = frozenset(
    [
        "fund",
        "funds",
        "savings",
        "balance",
        "account",
        "debt",
        "loan",
        "pot",
        "level",
        "rate",
        "konto",
        "schulden",
    ]
)
"""Words of a key whose values say how much there is, not how much was added."""


def called_alike(key: str, keys: Iterable[str]) -> tuple[str, ...]:
    """The keys that mean the same metric as this one ("bp" and "blood_pressure"), this one first."""
    known = BY_KEY.get(key)
    return (key, *(other for other in keys if other != key and known is not None and other in known.keys))


def better(key: str) -> Better:
    """Which way a metric is better; an unknown one is taken for a complaint."""
    known = BY_KEY.get(key)
    return known.better if known else Better.LOWER


_SPEEDS = frozenset(["pulse", "hr", "rate", "heartrate", "puls", "speed", "cadence", "tempo"])


def is_speed(key: str) -> bool:
    """Whether larger values of the metric are faster; of a time or a pace the smaller ones are."""
    return not _SPEEDS.isdisjoint(re.split(r"[\W_]+", key))


def happens(key: str) -> bool:
    """Whether values of the metric say how many times it happened."""
    known = BY_KEY.get(key)
    return known is not None and known.happens


def is_state(key: str) -> bool:
    """Whether values of the metric say how things stand, so that their sum says nothing."""
    known = BY_KEY.get(key)
    return known.state if known else not _BALANCES.isdisjoint(re.split(r"[\W_]+", key))
