"""Whether a clause with a time ahead tells of something arranged, and not of something that happened; pure.

Rules:
- an appointment names what people make appointments for (a doctor, a clinic, a flight, an interview), or says
  that something is booked, or is in the present tense with a time of day;
- a clause in the past tense tells of the past, unless it tells of arranging ("booked for", "gave me the 4th",
  "moved to") or its time can only mean the future;
- deadlines ("expires", "is due", "closes") are arranged too.
"""

from __future__ import annotations

import re

_MEDICAL_WORDS = """
    doctor doctor's gp dr clinic hospital dentist hygienist physio physiotherapist surgery surgeon operation
    scan mri ct x-ray xray ultrasound smear check-up checkup consultation consultant therapist therapy
    counsellor counselling nurse midwife optician eye jab vaccination vaccine booster injection infusion
    chemo radiotherapy pre-assessment preassessment discharge admission admitted biopsy mammogram colonoscopy
    endoscopy bloods arzt ärztin arzttermin zahnarzt zahnärztin klinik krankenhaus untersuchung impfung
    médico médica dentista clínica hospital operación médecin dentiste clinique hôpital opération
"""
_OTHER_WORDS = """
    appointment appointments appt review interview interviews meeting exam exams test viva audition flight
    flights fly flying train ferry coach concert recital rehearsal performance gig match race wedding funeral
    christening party parents' evening deadline hearing tribunal viewing inspection delivery delivered
    plumber electrician engineer builder vet haircut hairdresser massage class course lesson workshop seminar
    conference presentation lunch dinner brunch supper reservation booking booked tickets ticket trip holiday
    visit visiting visits service mot collection follow-up followup termin flug besprechung sitzung prüfung
    vorstellungsgespräch hochzeit cita vuelo reunión examen entrevista boda rendez-vous vol réunion entretien
    mariage
"""


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(set(words.split()), reverse=True)))})(?![\w-])"
    )


_MEDICAL = _any_of(_MEDICAL_WORDS)
_APPOINTMENT = _any_of(_MEDICAL_WORDS + _OTHER_WORDS)
_ABOUT_HEALTH = re.compile(
    r"\b(?:medical|health|doctors?|hospital|clinic|operation|surgery|treatment|anaesthetic|procedure"
    r"|medizinisch\w*|gesundheit|médic[oa]s?|salud|médica(?:l|ux|le)|santé)\b"
)
_ALLERGY = re.compile(r"\b(?:allerg\w+|alérgic\w|intoleran\w+)\b")
_DEADLINE = re.compile(
    r"\b(?:deadline|expires?|runs? (?:out|to|until)|is due|are due|due (?:on|by|back|in)|closes|ends|starts"
    r"|begins|opens|to be renewed|last day)\b|\b(?:i|we) (?:start|begin|leave|fly|move|travel|set off)\b"
)
_ARRANGING = re.compile(
    r"\b(?:booked|scheduled|rescheduled|arranged|planned|confirmed|fixed|set|moved|postponed|brought forward"
    r"|put back"
    r"|put off|pushed back|changed|invited|gave (?:me|us|him|her)|given (?:me|us|him|her)|offered (?:me|us)"
    r"|(?:got|have|had|made) (?:me |us |him |her )?(?:an?|the|my|another) (?:\w+ )?(?:appointment|slot|place"
    r"|date|ticket)"
    r"|(?:got|have|took|offered) the (?=\d)"
    r"|sent (?:me|us) (?:an? |the )?(?:appointment|date|letter)|signed up|registered|entered|put(?:ting)? me "
    r"in|vereinbart|verschoben|gebucht|reservé|reservad[oa]|pris rendez-vous)\b"
)
_FUTURE = re.compile(
    r"\b(?:will|shall|going to|is on|are on|comes?|coming|leaves?|arrives?|goes|see you)\b|'ll\b"
    r"|\b(?:i'm|i am|we're|we are|is|are|he's|she's|they're|it's) (?:not )?\w+ing\b"
)
_PAST_WORDS = """
    was were had went came saw did told said got took felt rang gave made found thought met sat ran slept
    woke ate drank bought brought left lost kept paid sent wrote spoke stood drove flew swam showed lay knew
    heard held broke fell became began won wore threw grew sang spent taught understood caught fought built
    hung dug hurt war waren hatte hatten ging kam habe ist fue fui era había tuve était avait ai
"""
_NO_PAST_WORDS = """
    need speed bed red shed feed seed weed indeed hundred wed med led fed tired worried excited pleased
    scared ahead instead breed bleed used supposed allowed mixed limited united
"""
_PAST = re.compile(
    rf"(?<![\w'])(?:{'|'.join(_PAST_WORDS.split())}"
    rf"|(?!(?:{'|'.join(_NO_PAST_WORDS.split())})\b)[a-z]{{2,}}ed)(?!\w)"
)
_OFF = re.compile(
    r"\b(?:cancelled|canceled|called off|is off(?=[.,;!]|\Z)|not happening|won't happen|fell through|fallen "
    r"through|abgesagt|fällt aus|cancelad[oa]|annulée?)(?!\w)"
)
_MOVED = re.compile(
    r"\b(?:moved|rescheduled|postponed|brought forward|put back|pushed back|put off|changed (?:to|from)"
    r"|instead|new (?:date|time)"
    r"|now (?:on|at)|is now|has become|verschoben|verlegt|cambiad[oa]|aplazad[oa]|reporté|déplacé)\b"
)


def names_appointment(words: str) -> bool:
    """Whether the clause names what people make appointments for, or a deadline."""
    return _APPOINTMENT.search(words) is not None or _DEADLINE.search(words) is not None


def is_arranging(words: str) -> bool:
    """Whether the clause tells that something was arranged: "booked", "gave me the 4th"."""
    return _ARRANGING.search(words) is not None


def is_past(words: str) -> bool:
    """Whether the clause is in the past tense."""
    return _PAST.search(words) is not None


def is_future(words: str) -> bool:
    """Whether the clause says by its verbs that it means the future."""
    return _FUTURE.search(words) is not None


def is_off(words: str) -> bool:
    """Whether the clause calls something off."""
    return _OFF.search(words) is not None


def is_moved(words: str) -> bool:
    """Whether the clause moves something to another time."""
    return _MOVED.search(words) is not None


def is_about_health(words: str) -> bool:
    """Whether a goal is about doctors and treatment in general."""
    return _ABOUT_HEALTH.search(words) is not None


def names_medical(words: str) -> bool:
    """Whether the clause names a doctor, a clinic or a treatment, or an allergy that they must know of."""
    return _MEDICAL.search(words) is not None or _ALLERGY.search(words) is not None
