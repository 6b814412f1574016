"""Spanish: the plain forms, as a table."""

from __future__ import annotations

from retrieval.when.holidays import fixed, from_easter
from retrieval.when.joints import Joints, before_a_time, gap
from retrieval.when.lazy import Lazy
from retrieval.when.tongues import Tongue, all_rules
from retrieval.when.words import listed

_NUMBERS = {
    word: number
    for number, word in enumerate(
        listed("cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince")
    )
} | {"una": 1, "uno": 1, "unos": 3, "unas": 3, "un par de": 2, "veinte": 20, "treinta": 30}
_UNITS = {
    form: unit
    for unit, forms in {
        "day": "día días dia dias",
        "week": "semana semanas",
        "month": "mes meses",
        "quarter": "trimestre trimestres",
        "year": "año años ano anos",
    }.items()
    for form in listed(forms)
} | {"fin de semana": "weekend", "fines de semana": "weekend"}
_THE = r"el|la|los|las|en|del|al"

_MARKS = frozenset(
    listed(
        """
me a no más cuándo cuando cuánto cuanto cuántas cuántos cómo como qué que quién quien dónde donde por para
con sin el la los las un una unos unas del al de en mi mis nuestro nuestra yo nosotros fue era estaba
estuve tuve hice dormí sentí desde hasta hace entre antes después durante sobre hoy ayer anteayer mañana
semana semanas mes meses año años día días pasado pasada último última últimos últimas este esta próximo
próxima lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril junio julio agosto
septiembre setiembre octubre noviembre diciembre primavera verano otoño invierno navidad nochebuena
nochevieja principios mediados finales trimestre y
"""
    )
)

SPANISH = Tongue(
    name="Spanish",
    marks=_MARKS,
    months={
        "enero": 1,
        "febrero": 2,
        "marzo": 3,
        "abril": 4,
        "mayo": 5,
        "junio": 6,
        "julio": 7,
        "agosto": 8,
        "septiembre": 9,
        "setiembre": 9,
        "octubre": 10,
        "noviembre": 11,
        "diciembre": 12,
    },
    weekdays={
        name: number
        for number, names in enumerate(
            ["lunes", "martes", "miércoles miercoles", "jueves", "viernes", "sábado sabado", "domingo"]
        )
        for name in listed(names)
    },
    numbers=_NUMBERS,
    units=_UNITS,
    seasons={
        "primavera": "spring",
        "verano": "summer",
        "otoño": "autumn",
        "otono": "autumn",
        "invierno": "winter",
    },
    days={
        "anteayer|antes de ayer": -2,
        "anoche": -1,
        "ayer(?: por la (?:mañana|tarde|noche))?": -1,
        "hoy|esta (?:mañana|tarde|noche)": 0,
        "pasado mañana": 2,
        "(?<!la )(?<!de )(?<!esta )mañana": 1,
    },
    places={
        form: place
        for place, forms in {
            1: "primer primera primero 1er 1.º",
            2: "segundo segunda 2.º",
            3: "tercer tercera tercero 3.º",
            4: "cuarto cuarta 4.º",
            -1: "último última",
        }.items()
        for form in listed(forms)
    },
    holidays=(
        (r"nochebuena", fixed(12, 24)),
        (r"(?:el )?día de navidad|navidad", fixed(12, 25)),
        (r"nochevieja|fin de año", fixed(12, 31)),
        (r"año nuevo", fixed(1, 1)),
        (r"(?:el )?día de reyes|reyes magos", fixed(1, 6)),
        (r"san valentín", fixed(2, 14)),
        (r"miércoles de ceniza", from_easter(-46)),
        (r"domingo de ramos", from_easter(-7)),
        (r"semana santa", from_easter(-7, 0)),
        (r"jueves santo", from_easter(-3)),
        (r"viernes santo", from_easter(-2)),
        (r"lunes de pascua", from_easter(1)),
        (r"domingo de (?:pascua|resurrección)|pascua", from_easter(0)),
        (r"pentecostés", from_easter(49)),
        (r"corpus christi", from_easter(60)),
        (r"san juan", fixed(6, 24)),
        (r"todos los santos", fixed(11, 1)),
        (r"día de (?:los )?muertos", fixed(11, 2)),
    ),
    date=(r"{day}(?: de)? {month}(?:,? (?:de |del )?{year})?",),
    date_span=(r"{first} (?:al|a|y|hasta el|-) {last}(?: de)? {month}(?: (?:de |del )?{year})?",),
    month_year=(r"{month},? (?:de |del )?(?:año )?{year}",),
    season_year=(r"{season} (?:de |del )?{year}",),
    last=(r"{thing} pasad[oa]", r"(?:pasad[oa]|últim[oa]) {thing}"),
    before_last=(r"{unit} antepasad[oa]",),
    this=(r"est[ae] {thing}",),
    next=(r"{thing} (?:que viene|próxim[oa])", r"próxim[oa] {thing}"),
    ago=(r"hace {count} {unit}", r"{count} {unit} atrás"),
    window=(
        r"(?:los |las )?(?:últimos|últimas|pasados|pasadas) {count} {unit}",
        r"desde hace {count} {unit}",
    ),
    weekday=(r"(?P<lead>(?:el|este) ){weekday}", r"{weekday}(?=\W*\Z)"),
    half=(
        r"{place} (?:mitad|semestre)(?: (?:de|del)(?: año)? {year})?",
        r"{place} (?:mitad|quincena) de {month}(?: (?:de |del )?{year})?",
    ),
    quarter=(r"{place} trimestre(?: (?:de |del )(?:año )?{year})?",),
    early="principios|comienzos|inicios",
    middle="mediados",
    late="finales|fines",
    lone="en|desde|hasta|antes de|después de|del|de|el|la|"
    "este|esta|y|que|entre|con|año|durante|todo el|toda la",
    joints=Joints(
        to=gap(r"a|al|hasta|-", _THE),
        both=gap(r"y|e", _THE),
        between=before_a_time(r"entre|desde|de|del", _THE),
        halfway=Lazy(r"(?<!\w)entre (?:(?! y )[^,;:?!])+\Z"),
        since=before_a_time(r"desde|a partir de", _THE),
        onwards=Lazy(r" en adelante\b"),
        starting=before_a_time(r"de|desde", _THE),
        until=before_a_time(r"hasta", _THE),
        before=before_a_time(r"antes de|antes del", _THE),
        after=before_a_time(r"después de|después del|tras|despues de", _THE),
        around=before_a_time(r"hacia|alrededor de|sobre|cerca de", _THE),
        offset=before_a_time(
            r"(?P<lead>(?:en |durante )?(?:los|las|la|el) )?"
            rf"(?:(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)}) )?"
            rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
            r" (?:(?P<back>antes del?|anterior al?)|(?P<forward>después del?)|(?P<within>(?!)))",
            _THE,
        ),
        preposition=before_a_time(r"en|durante|a|por|el|la|los|las|del", _THE),
        recurring=before_a_time(r"cada|todos los|todas las", r"dos"),
        comparing=Lazy(r"\b(?:compar\w+|diferencia)\b"),
        versus=Lazy(r"\b(?:que|contra|frente|comparad\w+|compara|con|vs)\b"),
        anchored=Lazy(
            r"\b(?:(?:desde|antes de|después de|hasta) (?:mi|mis|nuestr\w+|su|sus)"
            r"|(?:desde|hasta|antes de|después de) que)\b.*?(?=[(),;:?!.]|\Z)"
        ),
        counts=_NUMBERS,
        units=_UNITS,
    ),
)

SPANISH_RULES = all_rules(SPANISH)
