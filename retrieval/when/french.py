"""French: the plain forms, as a table."""

from __future__ import annotations

from retrieval.when.holidays import fixed, from_easter
from retrieval.when.joints import Joints, before_a_time, gap
from retrieval.when.lazy import Lazy
from retrieval.when.tongues import Tongue, all_rules
from retrieval.when.words import listed

_NUMBERS = {
    word: number
    for number, word in enumerate(
        listed("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze")
    )
} | {"une": 1, "quelques": 3, "vingt": 20, "trente": 30}
_UNITS = {
    form: unit
    for unit, forms in {
        "day": "jour jours",
        "week": "semaine semaines",
        "weekend": "week-end weekend week-ends weekends",
        "month": "mois",
        "quarter": "trimestre trimestres",
        "year": "an ans année années annee annees",
    }.items()
    for form in listed(forms)
}
_THE = r"le|la|les|en|du|au|l'"

_MARKS = frozenset(
    listed(
        """
a on me si quand comment pourquoi combien quel quelle quels quelles qui que quoi où est ce je j'ai mon mes
ma nous notre nos le la les du des de un une et ou pas avec sans pour dans sur en au aux était étais avais
suis dormi depuis jusqu'à jusqu'au jusqu'en avant après entre pendant durant hier avant-hier aujourd'hui
demain semaine semaines mois année années jour jours dernier dernière derniers dernières passé passée
cette cet prochain prochaine lundi mardi mercredi jeudi vendredi samedi dimanche mai janvier février avril
juin juillet août septembre octobre novembre décembre printemps été automne hiver noël pâques début milieu
fin trimestre semestre moitié week-end il y
"""
    )
)

FRENCH = Tongue(
    name="French",
    marks=_MARKS,
    months={
        "janvier": 1,
        "février": 2,
        "fevrier": 2,
        "mars": 3,
        "avril": 4,
        "mai": 5,
        "juin": 6,
        "juillet": 7,
        "août": 8,
        "aout": 8,
        "septembre": 9,
        "octobre": 10,
        "novembre": 11,
        "décembre": 12,
        "decembre": 12,
    },
    weekdays={
        name: number
        for number, name in enumerate(listed("lundi mardi mercredi jeudi vendredi samedi dimanche"))
    },
    numbers=_NUMBERS,
    units=_UNITS,
    seasons={"printemps": "spring", "été": "summer", "automne": "autumn", "hiver": "winter"},
    days={
        "avant-hier|avant hier": -2,
        "hier(?: soir| matin| après-midi)?|la nuit dernière": -1,
        "aujourd'hui|ce (?:matin|soir)|cet après-midi|cette nuit": 0,
        "après-demain": 2,
        "demain": 1,
    },
    places={
        form: place
        for place, forms in {
            1: "premier première 1er 1ère",
            2: "deuxième second seconde 2e",
            3: "troisième 3e",
            4: "quatrième 4e",
            -1: "dernier dernière",
        }.items()
        for form in listed(forms)
    },
    holidays=(
        (r"(?:la )?veille de noël|réveillon de noël", fixed(12, 24)),
        (r"(?:le )?jour de noël|noël|noel", fixed(12, 25)),
        (r"(?:la )?saint-sylvestre|(?:le )?réveillon(?: du nouvel an)?", fixed(12, 31)),
        (r"(?:le )?jour de l'an|nouvel an", fixed(1, 1)),
        (r"épiphanie", fixed(1, 6)),
        (r"chandeleur", fixed(2, 2)),
        (r"saint-valentin", fixed(2, 14)),
        (r"mardi gras", from_easter(-47)),
        (r"mercredi des cendres", from_easter(-46)),
        (r"vendredi saint", from_easter(-2)),
        (r"lundi de pâques", from_easter(1)),
        (r"dimanche de pâques|pâques", from_easter(0)),
        (r"ascension", from_easter(39)),
        (r"lundi de pentecôte", from_easter(50)),
        (r"pentecôte", from_easter(49)),
        (r"fête du travail", fixed(5, 1)),
        (r"(?:le )?14 juillet|fête nationale", fixed(7, 14)),
        (r"assomption", fixed(8, 15)),
        (r"toussaint", fixed(11, 1)),
    ),
    date=(r"{day} {month}(?:,? {year})?",),
    date_span=(r"{first} (?:au|et le|jusqu'au|-) {last} {month}(?: {year})?",),
    month_year=(r"{month},? (?:de l'année )?{year}",),
    season_year=(r"{season} (?:de )?{year}",),
    last=(r"{thing} (?:derni(?:er|ère)|passée?)",),
    before_last=(r"avant-derni(?:er|ère) {unit}",),
    this=(r"(?:ce|cet|cette) {thing}(?! derni)(?! pass)",),
    next=(r"{thing} prochaine?",),
    ago=(r"il y a {count} {unit}",),
    window=(
        r"(?:les |ces |des )?{count} derni(?:ers|ères) {unit}",
        r"depuis {count} {unit}",
    ),
    weekday=(r"(?P<lead>(?:le|ce) ){weekday}", r"{weekday}(?=\W*\Z)"),
    half=(
        r"{place} (?:moitié|semestre)(?: (?:de|de l'année) {year})?",
        r"{place} (?:moitié|quinzaine) (?:de |d'|du mois de |du mois d')?{month}(?: {year})?",
    ),
    quarter=(r"{place} trimestre(?: (?:de )?{year})?",),
    early="début",
    middle="mi-|milieu",
    late="fin",
    lone="en|au|à l'|depuis|depuis l'|depuis le|jusqu'en|avant|avant l'|après|de l'|de|"
    "du|l'|cet|ce|et|que|entre|cette|année|l'année|pendant l'|tout l'",
    joints=Joints(
        to=gap(r"à|a|au|jusqu'à|jusqu'au|jusqu'en|-", _THE),
        both=gap(r"et", _THE),
        between=before_a_time(r"entre|de|du|d'|depuis", _THE),
        halfway=Lazy(r"(?<!\w)entre (?:(?! et )[^,;:?!])+\Z"),
        since=before_a_time(r"depuis|à partir de|à partir du|dès", _THE),
        onwards=Lazy(r"(?!)"),
        starting=before_a_time(r"(?!)", _THE),
        until=before_a_time(r"jusqu'à|jusqu'au|jusqu'en|jusque", _THE),
        before=before_a_time(r"avant", _THE),
        after=before_a_time(r"après", _THE),
        around=before_a_time(r"vers|autour de|autour du|aux environs de", _THE),
        offset=before_a_time(
            r"(?P<lead>(?:dans |pendant )?(?:les|la|le|l') ?)?"
            rf"(?:(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)}) )?"
            rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
            r" (?:(?P<back>avant)|(?P<forward>après)|(?P<within>(?!)))",
            _THE,
        ),
        preposition=before_a_time(r"en|au|à|pendant|durant|dans|le|la|l'|les|du", _THE),
        recurring=before_a_time(r"chaque|tous les|toutes les", r"deux"),
        comparing=Lazy(r"\b(?:compar\w+|différence)\b"),
        versus=Lazy(r"\b(?:que|qu'en|contre|comparé\w*|compare|avec|vs)\b"),
        anchored=Lazy(
            r"\b(?:(?:depuis|avant|après|jusqu'à) (?:mon|ma|mes|notre|nos|son|sa)"
            r"|(?:depuis|avant|après|jusqu'à ce) (?:que|qu'))\b.*?(?=[(),;:?!.]|\Z)"
        ),
        counts=_NUMBERS,
        units=_UNITS,
    ),
)

FRENCH_RULES = all_rules(FRENCH)
