"""Forms on their way to a language model's engine and back: what comes back is believed only where it names
what was offered.
"""

from __future__ import annotations

from collections.abc import Sequence

from diary.engine.messages import Choose, Filled, Say
from diary.engine.messages import Form as FormFrame
from diary.engine.messages import Slot as SlotFrame
from diary.model.form import Choice, FilledForm, Form, Line, Slot


def framed(forms: Sequence[Form]) -> list[FormFrame]:
    """The forms as they are sent."""
    return [FormFrame(form.name, [_slot(slot) for slot in form.slots], form.most) for form in forms]


def _slot(slot: Slot) -> SlotFrame:
    match slot.holds:
        case Choice(options=options):
            return SlotFrame(slot.name, Choose(list(options)))
        case Line(tokens=tokens, characters=characters):
            return SlotFrame(slot.name, Say(tokens, characters))


def believed(untrusted: Filled, forms: Sequence[Form]) -> FilledForm | None:
    """What was filled, in our own words for every choice; None when it cannot be an answer to these forms."""
    if not 0 <= untrusted.form < len(forms):
        return None
    form = forms[untrusted.form]
    if not 0 < len(untrusted.rows) <= form.most:
        return None
    rows = []
    for untrusted_row in untrusted.rows:
        if len(untrusted_row) != len(form.slots):
            return None
        row: dict[str, str] = {}
        for slot, untrusted_value in zip(form.slots, untrusted_row, strict=True):
            value = _value(slot.holds, untrusted_value)
            if value is None:
                return None
            row[slot.name] = value
        rows.append(row)
    return FilledForm(form, tuple(rows))


def _value(holds: Choice | Line, untrusted: int | str) -> str | None:
    match holds, untrusted:
        case Choice(options=options), int(place) if 0 <= place < len(options):
            return options[place]
        case Line(characters=most), str(text) if len(text) <= most and (not text or text.isprintable()):
            return text
    return None
