"""What a policy may say, as data: each rule with its type, its limits, and which of two values is tighter.

A policy is a TOML file: tables of rules, with the keys `version`, `clinic` and `issued` above them when a
clinic made it. Whatever is not listed here is refused, and nothing is guessed: a rule that was misspelt would
be a rule that nobody keeps. Three may set a rule: the program (its default), the person (the settings file)
and the clinic (a signed policy). The person's value replaces the default; the clinic's can only tighten it.

Pure, and standard library only. Not here: signatures and where the file lies (`clinic`), who keeps each rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from policies.errors import PolicyError

Value = bool | int | str | tuple[str, ...] | None
"""Of one rule; None is no limit, or everything allowed."""

Values = Mapping[str, Value]
"""By the rule's name."""


class Source(Enum):
    """Who set a value."""

    DEFAULT = "default"
    PERSON = "you"
    CLINIC = "clinic"


class Tighter(Enum):
    """Which of two values is the tighter one.

    LESS and MORE: of numbers; no number at all is the loosest. AMONG: what both lists have; no list allows
    everything. LATER: the later in `choices`. TRUE: the rule that is switched on. NAMED: a text that the
    clinic alone may say.
    """

    LESS = "less"
    MORE = "more"
    AMONG = "among"
    LATER = "later"
    TRUE = "true"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    :ivar name: table and key, as "lock.after_minutes".
    :ivar tighter: which of two values wins, and the value's type with it.
    :ivar default: without anybody's word.
    :ivar lowest: of a number. :ivar highest: of a number.
    :ivar choices: of a LATER rule from loosest to tightest; of an AMONG rule all there are, empty for any.
    :ivar form: what each text of an AMONG or NAMED rule looks like, as a regular expression; "" for any.
    :ivar looks: the same for people.
    :ivar says: what it means, for `policy show`.
    """

    name: str
    tighter: Tighter
    default: Value
    says: str
    lowest: int = 0
    highest: int = 36_500
    choices: tuple[str, ...] = ()
    form: str = ""
    looks: str = ""


EXPORTS = ("markdown", "jsonl", "jrnl", "ics", "fhir", "attachments", "salvage")
"""The ways words leave in a readable file. `attachments` is a file that was put with an entry."""

IMPORTS = ("jsonl", "markdown", "jrnl", "jrnl-json")
"""The formats that entries are taken from, as `diary import --format` names them."""

_SHA256 = "[0-9a-f]{64}"
FOLDER = "/.*"
"""The form of an absolute path."""

RULES: tuple[Rule, ...] = (
    Rule(
        name="seal.level",
        tighter=Tighter.LATER,
        choices=("network", "files"),
        default="network",
        says="the wall that the kernel must hold: no network, or no network and files by allow-list",
    ),
    Rule(
        name="lock.after_minutes",
        tighter=Tighter.LESS,
        default=15,
        lowest=1,
        highest=1440,
        says="minutes without a key pressed until the screen locks",
    ),
    Rule(
        name="passphrase.guesses",
        tighter=Tighter.MORE,
        default=10,
        lowest=6,
        highest=30,
        says="guesses that a new passphrase must withstand, as a power of ten",
    ),
    Rule(
        name="audio.keep_days",
        tighter=Tighter.LESS,
        default=None,
        says="days that the sound of an entry is kept once its words are saved",
    ),
    Rule(
        name="retention.entries_days",
        tighter=Tighter.LESS,
        default=None,
        lowest=1,
        says="days after which an entry is erased, told at least a week before",
    ),
    Rule(
        name="retention.condense_days",
        tighter=Tighter.LESS,
        default=None,
        lowest=1,
        says="days after which an entry is condensed to its figures, tags and day, told a week before",
    ),
    Rule(
        name="retention.deleted_days",
        tighter=Tighter.LESS,
        default=30,
        says="days for which a deleted entry can be brought back",
    ),
    Rule(
        name="retention.revisions_days",
        tighter=Tighter.LESS,
        default=None,
        lowest=1,
        says="days after which the earlier versions of an entry are erased",
    ),
    Rule(
        name="retention.legal_hold",
        tighter=Tighter.TRUE,
        default=False,
        says="nothing is erased, by nobody, as long as this stands",
    ),
    Rule(
        name="export.formats",
        tighter=Tighter.AMONG,
        choices=EXPORTS,
        default=None,
        says="what may be written to a readable file",
    ),
    Rule(
        name="import.formats",
        tighter=Tighter.AMONG,
        choices=IMPORTS,
        default=None,
        says="what may be imported",
    ),
    Rule(
        name="models.sha256",
        tighter=Tighter.AMONG,
        default=None,
        form=_SHA256,
        looks="of 64 hexadecimal digits in small letters, as diary models list --json has them",
        says="the models that may run, by their hash",
    ),
    Rule(
        name="answers.compose",
        tighter=Tighter.LATER,
        choices=("verified", "examined", "never"),
        default="verified",
        says="whether a language model may write sentences: checked ones, only after its exam, never",
    ),
    Rule(
        name="backup.folders",
        tighter=Tighter.AMONG,
        default=None,
        form=FOLDER,
        looks="that are whole paths without “..” and doubled strokes, such as /srv/backups",
        says="the folders, with all beneath them, that backups may be written to",
    ),
    Rule(
        name="backup.every_days",
        tighter=Tighter.LESS,
        default=14,
        lowest=1,
        says="days after which a backup is asked for",
    ),
    Rule(
        name="people.list_others",
        tighter=Tighter.NAMED,
        form="(allowed|refused)",
        looks="“allowed” or “refused”",
        default="refused",
        says="whether the names of other people's vaults on this machine may be listed",
    ),
    Rule(
        name="people.break_glass",
        tighter=Tighter.NAMED,
        default=None,
        form="[0-9a-f]{64}",
        looks="64 hexadecimal digits in small letters, as diary policy key --emergency prints them",
        says="the clinic's public key (X25519) for emergency access; whoever uses it is seen by the owner",
    ),
    Rule(
        name="audit.keep",
        tighter=Tighter.TRUE,
        default=False,
        says="the log of what was done, without contents, cannot be shortened",
    ),
    Rule(
        name="audit.days",
        tighter=Tighter.MORE,
        default=None,
        lowest=1,
        says="days for which the log keeps the particulars of an event at least",
    ),
)

BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Setting:
    """The effective value of a rule. :ivar source: who is to be asked about it."""

    rule: Rule
    value: Value
    source: Source


def effective(person: Values, clinic: Values) -> dict[str, Setting]:
    """What holds, by name; a rule left out of both is its default.

    Where the clinic's value is not tighter than what holds without it, it changes nothing.

    :raises KeyError: when one names no rule.
    """
    for name in (*person, *clinic):
        BY_NAME[name]
    return {rule.name: _one(rule, person, clinic) for rule in RULES}


def _one(rule: Rule, person: Values, clinic: Values) -> Setting:
    own = Setting(rule, rule.default, Source.DEFAULT)
    if rule.name in person and person[rule.name] != rule.default and rule.tighter is not Tighter.NAMED:
        own = Setting(rule, person[rule.name], Source.PERSON)
    if rule.name not in clinic:
        return own
    tighter = tighter_of(rule, own.value, clinic[rule.name])
    return own if tighter == own.value else Setting(rule, tighter, Source.CLINIC)


def tighter_of(rule: Rule, one: Value, other: Value) -> Value:
    """The tighter of two values, or what both allow; the order does not matter."""
    if one is None or other is None:
        return other if one is None else one
    match rule.tighter:
        case Tighter.LESS:
            return min(_number(one), _number(other))
        case Tighter.MORE:
            return max(_number(one), _number(other))
        case Tighter.LATER:
            return max(str(one), str(other), key=rule.choices.index)
        case Tighter.TRUE:
            return bool(one) or bool(other)
        case Tighter.AMONG:
            return _both(rule, _texts(one), _texts(other))
        case Tighter.NAMED:
            return other


def _both(rule: Rule, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if rule.form != FOLDER:
        return tuple(sorted(set(one) & set(other)))
    # A folder stands for all beneath it: the deeper of two, where one holds the other.
    inside = {a for a in one for b in other if beneath(a, b)} | {
        b for b in other for a in one if beneath(b, a)
    }
    return outermost(inside)


def outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Those that lie in no other of them, in order."""
    kept: list[str] = []
    for folder in sorted(set(folders), key=lambda path: (path.count("/"), path)):
        if not any(beneath(folder, outer) for outer in kept):
            kept.append(folder)
    return tuple(sorted(kept))


def beneath(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it; both absolute and without `..`."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _number(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a number")
    return value


def _texts(value: Value) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise TypeError("not a list")
    return value


class NotUnderstood(PolicyError):
    """A policy that is not understood.

    :ivar what: what it does not say, or says wrongly, without a full stop.
    """

    def __init__(self, where: str, what: str = "") -> None:
        self.what = f"The policy {where}{f' {what}' if what else ''}"
        super().__init__(
            f"{self.what}, so nothing was opened and nothing was changed.",
            hint="Whoever issued it has to sign a right one; diary policy sign says what is wrong with it.",
        )
