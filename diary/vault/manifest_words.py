"""What the manifest found, in sentences without words of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diary.vault.manifest import Difference
from diary.vault.manifest_parts import AUDIT, DELETED, FACTS, GROUP, INDEX, WORDS, FactsPart

UNUSABLE = "The list of what every entry was when it was last saved (the manifest) is damaged or gone"
UNREADABLE = "Pages of the database cannot be read"
PUT_BACK = "The database is older than when the diary was last closed: an earlier one was put back"
_TOLD = 8  # numbers of entries in a sentence
_FACTS = {
    "settings": "The settings kept in the vault",
    "drafts": "The unsaved drafts",
    "glossary": "The glossary",
    "imports": "The list of imports",
    "spools": "The list of unsaved recordings",
    "full text": "The settings of the full-text index",
    "sequence": "The list of numbers that were given",
    "schema": "The list of tables",
}


def in_words(differences: Iterable[Difference]) -> list[str]:
    """A sentence for each kind of difference; none for none."""
    units: dict[str, list[int]] = {}
    broken: list[str] = []
    for one in differences:
        if one.unit is None:
            broken.append(one.part)
        else:
            units.setdefault(one.part, []).append(one.unit)
    said = [UNUSABLE] if broken else []
    if WORDS in units:
        entries = _counted(units.pop(WORDS), "entry is", "entries are")
        said.append(f"{entries} not as last saved: old pages may have been put back")
    if INDEX in units:
        said.append(
            f"What was made of {_counted(units.pop(INDEX), 'entry', 'entries')} for searching and "
            "counting is not as it was made"
        )
    if DELETED in units:
        said.append(f"{_counted(units.pop(DELETED), 'deleted entry is', 'deleted entries are')} not as kept")
    if AUDIT in units:
        said.append(
            f"{_counted(units.pop(AUDIT), 'line of the log is', 'lines of the log are')} not as written"
        )
    for unit in units.pop(FACTS, []):
        said.append(f"{_FACTS[FactsPart.tables[unit]]} in the vault's database is not as last saved")
    vectors = sum(len(found) for found in units.values())
    if vectors:
        said.append(f"The vectors of up to {vectors * GROUP} passages are not as they were made")
    return said


def _counted(units: Sequence[int], one: str, more: str) -> str:
    told = ", ".join(str(unit) for unit in units[:_TOLD])
    rest = ", …" if len(units) > _TOLD else ""
    return f"{len(units)} {one if len(units) == 1 else more} (number {told}{rest})"
