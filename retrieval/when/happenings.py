"""The words of each language that tell a time by an event: "since I moved", "two days after the wedding".

Tables only; `retrieval.when.events` reads them. An event begins with what `subject` matches ("my", "the", "I
started"), so that "after lunch" and "since then" are none, and ends where `stop` begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.when.english import ENGLISH_JOINTS
from retrieval.when.french import FRENCH
from retrieval.when.german import GERMAN
from retrieval.when.lazy import Lazy
from retrieval.when.spanish import SPANISH


@dataclass(frozen=True, slots=True)
class EventWords:
    """How a language tells times by events.

    :ivar relations: relation to the words that open it.
    :ivar offset: "two days after", with the groups `lead`, `count`, `unit`, `many` (a plural), and `back` or
        `forward`.
    :ivar day_of: "on the day of", with the group `unit`.
    :ivar between: "between" and "from". :ivar second: what stands before the second end.
    :ivar now: a second end that is today.
    :ivar while_on: "while I was on", for what was taken.
    :ivar counts, units: words of the offset.
    """

    relations: Mapping[str, str]
    offset: str
    day_of: str
    between: str
    second: str
    now: str
    while_on: str
    subject: Lazy
    stop: Lazy
    counts: Mapping[str, int]
    units: Mapping[str, str]


def _words(mapping: Mapping[str, object]) -> str:
    return "|".join(sorted(mapping, key=len, reverse=True))


_UNITS = ENGLISH_JOINTS.units
_OFFSET = (
    r"(?P<lead>(?:in |over |during |for |within )?the )?(?:first |last )?(?:(?P<count>\d{{1,3}}|{counts}) )?"
    r"(?P<unit>{units})(?P<many>s)?(?: (?:just|right|immediately))?"
    r" (?:(?P<back>{back})|(?P<forward>{forward}))"
)

ENGLISH = EventWords(
    relations={
        "since": "(?:ever )?since",
        "until": "until|till|til|up to",
        "before": "before|prior to|ahead of",
        "after": "after|following",
        "around": "around the time of|around|at the time of|about the time of",
    },
    offset=_OFFSET.format(
        counts=_words(ENGLISH_JOINTS.counts),
        units=_words(_UNITS),
        back="before|prior to|preceding|leading up to",
        forward="after|following",
    ),
    day_of=rf"(?:on |in |over )?the (?P<unit>{_words(_UNITS)})(?: (?:of|that|when))?",
    between="between|from",
    second="and|to|until|till",
    now="now|today|this day|the present|date",
    while_on=r"(?:while|when|as long as|the time) i was (?:still )?(?:on|taking)",
    subject=Lazy(
        r"(?:i|we|he|she|they|you)(?:'d|'ve|'m|'re)? (?:\w+)"
        r"|(?:my|our|his|her|their|your|the|that|this) (?!day\b|end\b|same\b|beginning\b|start\b"
        r"|age\b|past\b|last\b|first \w+ of\b|moment\b|time\b|morning\b|week\b|month\b|year\b|present\b"
        r"|other\b|mid)\w+"
        r"|(?:starting|beginning|stopping|quitting|finishing|giving up|coming off|going on|going off|moving"
        r"|having|getting|changing|taking up|leaving|joining|losing|breaking|meeting|seeing) \w+"
    ),
    stop=Lazy(
        r"[,;:?!()\[\]]|\.(?:\s|\Z)"
        r"|\b(?:than|vs|versus|compared|against|and|or|but|until|till|before|after|since|while)\b"
        r"|\b(?:did|do|does|have|has|had|am|is|are|was|were|could|can|would|should|will)"
        r" (?:i|we|he|she|they|my|it|there|you|the|our)\b"
    ),
    counts=ENGLISH_JOINTS.counts,
    units=_UNITS,
)

GERMAN_WORDS = EventWords(
    relations={
        "since": "seit|seitdem",
        "until": "bis|bis zu|bis zum|bis zur",
        "before": "vor|bevor",
        "after": "nach|nachdem",
        "around": "um|rund um",
    },
    offset=_OFFSET.format(
        counts=_words(GERMAN.numbers), units=_words(GERMAN.units), back="vor|bevor", forward="nach|nachdem"
    ).replace("(?:in |over |during |for |within )?the ", "(?:in |während )?(?:den |der |die )"),
    day_of=r"(?:an dem|am|in der) (?P<unit>tag|woche)(?:,? (?:als|an dem|in der))?",
    between="zwischen|von|vom",
    second="und|bis|bis zum|bis zur",
    now="heute|jetzt",
    while_on=r"(?:während|als|solange) ich",
    subject=Lazy(
        r"(?:ich|wir|er|sie|es) \w+|(?:mein|unser|sein|ihr)(?:e[nmrs]?)? \w+"
        r"|(?:der|dem|den|die|das) (?!letzten|ersten|tag\b|ende\b|anfang\b|mitte\b)\w+"
    ),
    stop=Lazy(
        r"[,;:?!()\[\]]|\.(?:\s|\Z)|\b(?:als|und|oder|aber|bis|vor|nach|seit|gegen|habe|war|bin|hatte)\b"
    ),
    counts=GERMAN.numbers,
    units=GERMAN.units,
)

SPANISH_WORDS = EventWords(
    relations={
        "since": "desde que|desde",
        "until": "hasta que|hasta",
        "before": "antes de que|antes de|antes del",
        "after": "después de que|después de|después del",
        "around": "alrededor de",
    },
    offset=_OFFSET.format(
        counts=_words(SPANISH.numbers),
        units=_words(SPANISH.units),
        back="antes de|antes del|antes de que",
        forward="después de|después del|después de que",
    ).replace("(?:in |over |during |for |within )?the ", "(?:en |durante )?(?:los |las |el |la )"),
    day_of=r"(?:el|en el) (?P<unit>día)(?: (?:de|del|que|en que))",
    between="entre|desde|de|del",
    second="y|a|al|hasta",
    now="hoy|ahora",
    while_on=r"mientras tomaba|cuando tomaba",
    subject=Lazy(
        r"(?:mi|mis|nuestr[oa]s?|su|sus) \w+"
        r"|(?:el|la|los|las) (?!día\b|mes\b|año\b|semana\b|últim|primer|final\b)\w+"
        r"|(?:empec|comenc|dej|empez|me mud|tuv|tom)\w*(?: \w+)?|(?<=del )\w+"
    ),
    stop=Lazy(r"[,;:?!()\[\]]|\.(?:\s|\Z)|\b(?:que|y|o|pero|hasta|antes|después|desde)\b"),
    counts=SPANISH.numbers,
    units=SPANISH.units,
)

FRENCH_WORDS = EventWords(
    relations={
        "since": "depuis que|depuis qu'|depuis",
        "until": "jusqu'à ce que|jusqu'à|jusqu'au",
        "before": "avant que|avant",
        "after": "après que|après",
        "around": "autour de|autour du|vers",
    },
    offset=_OFFSET.format(
        counts=_words(FRENCH.numbers),
        units=_words(FRENCH.units),
        back="avant que|avant",
        forward="après que|après",
    ).replace("(?:in |over |during |for |within )?the ", "(?:dans |pendant )?(?:les |la |le |l')"),
    day_of=r"le (?P<unit>jour) (?:de|du|où)",
    between="entre|de|du|depuis",
    second="et|à|au|jusqu'à|jusqu'au",
    now="aujourd'hui|maintenant",
    while_on=r"(?:quand|pendant que) je prenais",
    subject=Lazy(
        r"(?:mon|ma|mes|notre|nos|son|sa) \w+"
        r"|(?:le|la|les) (?!jour\b|mois\b|semaine\b|dernier|première|fin\b)\w+"
        r"|l'\w+"
        r"|(?:j'ai|je|nous|il|elle) \w+(?: \w+)?|(?<=du )\w+|(?<=au )\w+"
    ),
    stop=Lazy(r"[,;:?!()\[\]]|\.(?:\s|\Z)|\b(?:que|et|ou|mais|jusqu|avant|après|depuis)\b"),
    counts=FRENCH.numbers,
    units=FRENCH.units,
)

EVENT_WORDS: Mapping[str, EventWords] = {
    "English": ENGLISH,
    "German": GERMAN_WORDS,
    "Spanish": SPANISH_WORDS,
    "French": FRENCH_WORDS,
}
