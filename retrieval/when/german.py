"""German: the plain forms, as a table."""

from __future__ import annotations

from retrieval.when.holidays import advent, fixed, from_easter, lasting, nth
from retrieval.when.joints import Joints, before_a_time, gap
from retrieval.when.lazy import Lazy
from retrieval.when.tongues import Tongue, all_rules, day_rules
from retrieval.when.words import listed

_NUMBERS = {
    word: number
    for number, word in enumerate(
        listed(
            "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
        )
    )
} | {
    "eine": 1,
    "einem": 1,
    "einer": 1,
    "ein paar": 3,
    "einigen": 3,
    "wenigen": 3,
    "zwanzig": 20,
    "dreißig": 30,
}
_UNITS = {
    form: unit
    for unit, forms in {
        "day": "tag tage tagen tages",
        "week": "woche wochen",
        "weekend": "wochenende wochenenden wochenendes",
        "month": "monat monate monaten monats",
        "quarter": "quartal quartals",
        "year": "jahr jahre jahren jahres",
    }.items()
    for form in listed(forms)
}
_THE = r"dem|den|der|die|das|des|im|am|in|vom|zum"

_MARKS = frozenset(
    listed(
        """
was war in so hat man an am wann wer wem wie wo warum wieso weshalb welche welcher welches welchen ich
mich mir mein meine meinen meinem meiner wir uns unser unsere der das den dem des ein eine einen einem
einer und oder aber nicht kein keine ist sind hatte habe haben hast gab gibt ging fühlte schlief
geschlafen gewesen gemacht im vom zum zur beim mit ohne für über unter zwischen seit nach vor bis als
während bei auf aus heute gestern vorgestern morgen letzte letzten letzter letztes letztem vorige vorigen
vorletzte diese diesen dieser dieses nächste nächsten montag dienstag mittwoch donnerstag freitag samstag
sonntag mai januar jänner februar märz juni juli oktober dezember frühling frühjahr sommer herbst woche wochen
monat monate monaten jahr jahre jahren tag tage tagen wochenende weihnachten ostern silvester anfang ende
mitte hälfte quartal halbjahr
"""
    )
)

GERMAN = Tongue(
    name="German",
    marks=_MARKS,
    months={
        "januar": 1,
        "jänner": 1,
        "jan": 1,
        "februar": 2,
        "feber": 2,
        "feb": 2,
        "märz": 3,
        "maerz": 3,
        "april": 4,
        "apr": 4,
        "mai": 5,
        "juni": 6,
        "jun": 6,
        "juli": 7,
        "jul": 7,
        "august": 8,
        "aug": 8,
        "september": 9,
        "sept": 9,
        "sep": 9,
        "oktober": 10,
        "okt": 10,
        "november": 11,
        "nov": 11,
        "dezember": 12,
        "dez": 12,
    },
    weekdays={
        name: number
        for number, names in enumerate(
            ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag sonnabend", "sonntag"]
        )
        for name in listed(names)
    },
    numbers=_NUMBERS,
    units=_UNITS,
    seasons={
        "frühling": "spring",
        "frühjahr": "spring",
        "sommer": "summer",
        "sommers": "summer",
        "herbst": "autumn",
        "winter": "winter",
        "winters": "winter",
    },
    days={
        "vorgestern": -2,
        "gestern(?: abend| nacht| früh| morgen| nachmittag| mittag)?": -1,
        "(?:letzte|vergangene|vorige) nacht": -1,
        "heute(?: früh| morgen| abend| nacht| nachmittag| mittag)?": 0,
        "übermorgen": 2,
        "(?<!heute )(?<!gestern )(?<!am )(?<!jeden )(?<!guten )morgen": 1,
    },
    places={
        form: place
        for place, forms in {
            1: "erste ersten erstes 1.",
            2: "zweite zweiten zweites 2.",
            3: "dritte dritten drittes 3.",
            4: "vierte vierten viertes 4.",
        }.items()
        for form in listed(forms)
    },
    holidays=(
        (r"heiligabend|heiliger abend|heiligen abend", fixed(12, 24)),
        (r"(?:erster |ersten )weihnachtstag|weihnachten", fixed(12, 25)),
        (r"(?:zweiter |zweiten )weihnachtstag", fixed(12, 26)),
        (r"weihnachtsfeiertage[n]?", lasting(12, 25, 2)),
        (r"silvester", fixed(12, 31)),
        (r"neujahr(?:stag)?", fixed(1, 1)),
        (r"heilige[n]? drei könige", fixed(1, 6)),
        (r"rosenmontag", from_easter(-48)),
        (r"fasching|fastnacht", from_easter(-47)),
        (r"aschermittwoch", from_easter(-46)),
        (r"palmsonntag", from_easter(-7)),
        (r"gründonnerstag", from_easter(-3)),
        (r"karfreitag", from_easter(-2)),
        (r"ostermontag", from_easter(1)),
        (r"ostersonntag|ostern", from_easter(0)),
        (r"(?:christi )?himmelfahrt", from_easter(39)),
        (r"pfingstmontag", from_easter(50)),
        (r"pfingstsonntag|pfingsten", from_easter(49)),
        (r"fronleichnam", from_easter(60)),
        (r"muttertag", nth(5, 6, 2)),
        (r"tag der arbeit", fixed(5, 1)),
        (r"tag der deutschen einheit", fixed(10, 3)),
        (r"reformationstag", fixed(10, 31)),
        (r"allerheiligen", fixed(11, 1)),
        (r"(?:erster |ersten )advent", advent),
        (r"nikolaus(?:tag)?", fixed(12, 6)),
        (r"valentinstag", fixed(2, 14)),
    ),
    date=(r"{day} ?{month}(?:,? {year})?",),
    date_span=(r"{first} ?(?:bis|-|und)(?: zum)? ?{last} ?{month}(?: {year})?",),
    month_year=(r"{month},? (?:des jahres )?{year}",),
    season_year=(r"{season}(?: des jahres)? {year}(?:/\d\d)?",),
    last=(r"(?:letzte|vorige|vergangene)[rnsm]? {thing}",),
    before_last=(r"vorletzte[rnsm]? {thing}",),
    this=(r"diese[rnsm]? {thing}",),
    next=(r"(?:nächste|kommende)[rnsm]? {thing}",),
    ago=(r"vor {count} {unit}",),
    window=(
        r"(?:der |die |den |dieser )?(?:letzten|vergangenen|vorigen) {count} {unit}",
        r"seit {count} {unit}",
    ),
    weekday=(r"(?:am |letzten |vorigen |letzte |vorige )?{weekday}(?=\W*\Z)", r"(?P<lead>am ){weekday}(?!s)"),
    half=(
        r"{place} (?:jahres)?hälfte (?:des jahres |von |vom )?{year}",
        r"{place} hälfte (?:des |vom |im )?{month}(?: {year})?",
        r"{place} halbjahr(?:es)?(?: {year})?",
    ),
    quarter=(r"{place} quartal(?:s)?(?: (?:von |des jahres )?{year})?",),
    early="anfang|beginn",
    middle="mitte",
    late="ende",
    lone="im|in|seit|bis|vor|nach|ab|jahr|jahre|diesen|den|dem|und|als|mit|von|zwischen|gegen|zu|oder|ganzen",
    joints=Joints(
        to=gap(r"bis|bis zum|-", _THE),
        both=gap(r"und", _THE),
        between=before_a_time(r"zwischen|von|vom|ab|seit", _THE),
        halfway=Lazy(r"(?<!\w)zwischen (?:(?! und )[^,;:?!])+\Z"),
        since=before_a_time(r"seit|ab", _THE),
        onwards=Lazy(r" an(?=\W*\Z|[?.!,;:)])"),
        starting=before_a_time(r"von|vom", _THE),
        until=before_a_time(r"bis(?: zu| zum)?", _THE),
        before=before_a_time(r"vor", _THE),
        after=before_a_time(r"nach", _THE),
        around=before_a_time(r"um|gegen|rund um|ungefähr", _THE),
        offset=before_a_time(
            rf"(?P<lead>(?:in |während )?(?:den|der|die) )?(?:(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)}) )?"
            rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
            r" (?:(?P<back>vor)|(?P<forward>nach)|(?P<within>(?!)))",
            _THE,
        ),
        preposition=before_a_time(r"im|in|am|an|zu|zur|um|vom|während|über|jahr|im jahr", _THE),
        recurring=before_a_time(r"jede[nrsm]?|alle", r"einzelne[nrsm]?"),
        comparing=Lazy(r"\b(?:vergleich\w*|verglichen|unterschied\w*)\b"),
        versus=Lazy(r"\b(?:als|gegen|gegenüber|mit|vergleich\w*|verglichen|statt|vs)\b"),
        anchored=Lazy(
            r"\b(?:(?:vor|nach|seit|bis) (?:mein|unser|sein|ihr|dein)\w*|(?:seit|bevor|nachdem|bis)"
            r" (?:ich|wir|er|sie|es|mein\w*))\b.*?(?=[(),;:?!.]|\b(?:als|gegen)\b|\Z)"
        ),
        counts=_NUMBERS,
        units=_UNITS,
    ),
)

GERMAN_DAY_RULES = day_rules(GERMAN)
GERMAN_RULES = all_rules(GERMAN)
