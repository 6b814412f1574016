"""Forms: what a language model may choose and fill in, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot that holds one of these texts, which are printable and have no quotation mark or backslash."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A slot that holds a line of text, perhaps an empty one.

    :ivar tokens: a model may write it with. :ivar characters: it has at most.
    """

    tokens: int
    characters: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a form."""

    name: str
    holds: Choice | Line


@dataclass(frozen=True, slots=True)
class Form:
    """One thing that can be chosen; its slots are filled 1 to `most` times over."""

    name: str
    slots: tuple[Slot, ...]
    most: int = 1


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form that was chosen and filled, checked against what was offered.

    :ivar rows: for each time over, the slots by name; choices are options of the form, lines are the model's.
    """

    form: Form
    rows: tuple[dict[str, str], ...]
