"""The settings file as plain values, and what is wrong with it in sentences.

A sentence names the file, the line or the key, and never what stands there. What the values mean is said in
`settings`. Standard library only: it is read before the files are sealed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from diary.errors import DiaryError
from diary.printable import safe as printable

Known = Mapping[str, tuple[str, ...]]
"""The keys of each table; under the empty name those outside of any."""


class SettingsWrong(DiaryError):
    """The settings file cannot be read or says something that is not understood."""

    code = "settings-wrong"


def read_values(config: Path) -> dict[str, object]:
    """What the file sets; nothing when there is none.

    :raises SettingsWrong: when it cannot be read, or is no TOML.
    """
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(config, error) from None
    import tomllib  # most people have no settings file, and need not wait for its parser

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML; a number of thousands of digits; too deep
        raise _unreadable(config, error, text) from None


def require_known(values: dict[str, object], known: Known, config: Path) -> None:
    """Refuse keys that are no settings.

    :raises SettingsWrong: naming the key, and one that may be meant.
    """
    for key, value in values.items():
        if key in known and key:
            if isinstance(value, dict):
                for inner in value:
                    _require_among(known[key], inner, f" in [{key}]", config)
        else:
            _require_among((*known[""], *filter(None, known)), key, "", config)


def _require_among(known: tuple[str, ...], key: str, where: str, config: Path) -> None:
    if key in known:
        return
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1, cutoff=0.5)
    meant = f"Is “{near[0]}” meant? " if near else ""
    raise SettingsWrong(
        f"The settings file {config} sets “{printable(key)}”{where}, which is no setting; nothing was "
        "opened.",
        hint=f"{meant}Mend that line or remove it. Known{where or ' there'} are: {', '.join(known)}.",
    )


def _unreadable(config: Path, error: Exception, text: str = "") -> SettingsWrong:
    """With the line, and without what stands there: tomllib says only where."""
    line = re.search(r"\(at line (\d+),", str(error))
    place = ""
    if line:
        place = f" in line {line[1]}"
    elif text and "at end of document" in str(error):
        place = f" in its last line, {len(text.splitlines())}"
    what = "is no TOML" if text else f"cannot be read ({type(error).__name__})"
    return SettingsWrong(
        f"The settings file {config} {what}{place}; nothing was opened.",
        hint="Mend it or move it away; without it the defaults apply.",
    )


def wrong(config: Path, key: str, expected: str) -> SettingsWrong:
    """What to raise of a value; `expected` says in words what would be right."""
    return SettingsWrong(
        f"The settings file {config} says something else than {expected} for “{key}”; nothing was opened.",
        hint="Mend that line or remove it.",
    )


def table_of(values: dict[str, object], key: str, config: Path) -> dict[str, object]:
    """A table of this name; an empty one when there is none."""
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise wrong(config, key, "a table")
    return table


def text_of(values: dict[str, object], key: str, config: Path) -> str | None:
    """A text, or None."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise wrong(config, key, "a text in quotes")
    return value


def path_of(values: dict[str, object], key: str, config: Path) -> Path | None:
    """A path, absolute, or None."""
    value = text_of(values, key, config)
    return expanded(value, key, config) if value else None


def expanded(value: str, key: str, config: Path) -> Path:
    """Absolute; `~` is the home folder of a person whom this machine knows."""
    try:
        if "\0" in value:
            raise ValueError
        return Path(value).expanduser().absolute()
    except (RuntimeError, ValueError):
        raise wrong(config, key, "a folder") from None


def is_whole(value: object, least: int, most: int) -> TypeGuard[int]:
    """Whether it is a whole number between these, both included."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
