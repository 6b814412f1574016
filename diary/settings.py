"""Settings: frozen values from the settings file and the XDG folders. Read before the files are sealed.

The settings file is TOML, `config.toml` in the XDG configuration folder:

    vault = "~/diary"            # the folder of the vault
    models = "~/models"          # a further folder of models, searched first

    [answers]
    compose = "verified"         # "examined": only by a model that passed the exam; "never": quotes only

    [screen]
    lock_after_minutes = 15      # without a key pressed; 0 never locks
    exchange = "~/exchange"      # the folder through which files come and go; made when it is not there

    [person]
    born = 1980-02-29            # your day of birth, for "when I was twelve"; without it that is no time

    [speech]
    language = "en"              # what you speak; fixed, so that silence is not taken for another language
    languages = ["en", "de"]     # instead, when you speak several: one of these is chosen for each recording
    keep_audio = "always"        # 30: for 30 days; "never": until its words are saved

    [retention]
    deleted_days = 30            # so long a deleted entry can be brought back; 0 erases it at once
    entries_days = 3650          # older entries are erased, announced a week before; without it none are
    condense_days = 365          # likewise, older entries are condensed: their figures stay, their words go
    revisions_days = 365         # likewise versions that were replaced so long ago

    [backup]
    folder = "/media/stick"      # where `diary backup` goes without a path, and the screen's backups
    keep = 7                     # older ones go; without it all stay
    every_days = 14              # reminds when the last good one is older; 0 never does

    [audit]
    days = 400                   # so long the log keeps the particulars of events; without it for ever

Not here: what a clinic's policy forbids (`diary.rules`).
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeGuard

import platformdirs

from diary.errors import DiaryError
from diary.model.retention import DELETED_FOR, KEPT_ALWAYS, RetentionRules
from diary.printable import safe as printable
from diary.rules import NO_CLINIC, Effective

PROGRAM = "diary"
DEFAULT_LOCK_AFTER = timedelta(minutes=15)
_KNOWN: dict[str, tuple[str, ...]] = {
    "": ("vault", "models"),
    "answers": ("compose",),
    "screen": ("lock_after_minutes", "exchange"),
    "person": ("born",),
    "speech": ("language", "languages", "keep_audio"),
    "retention": ("deleted_days", "entries_days", "condense_days", "revisions_days"),
    "backup": ("folder", "keep", "every_days"),
    "audit": ("days",),
}
"""The keys of each table: a mistyped one must not pass for one that was set."""
_MOST_MINUTES = 1440
_MOST_DAYS = 36_500
_MOST_KEPT = 10_000
_EVERY_DAYS = 14


class SettingsWrong(DiaryError):
    """The settings file cannot be read or says something that is not understood."""

    code = "settings-wrong"


class Compose(StrEnum):
    """Whether a language model may write summary sentences, each checked by code.

    EXAMINED: only a model that passed the built-in exam (`retrieval.exam`).
    """

    VERIFIED = "verified"
    EXAMINED = "examined"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What the person has chosen about voice.

    :ivar language: ISO 639-1 code of the spoken language, or None to let the model decide.
    :ivar languages: among which it decides then; empty: among all it knows.
    :ivar keep_audio: for how long the sound of an entry is kept once its words are saved; None keeps it
        always, zero not at all. Always is the default: a model hears words wrongly, medicines above all, and
        the sound is the only proof of what was said; it is as encrypted as the words, and takes 115 MB an
        hour. Sound whose words are still waiting, or only a rough draft, is kept whatever is chosen.
    """

    language: str | None = None
    languages: tuple[str, ...] = ()
    keep_audio: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupHabit:
    """What the person has chosen about backups.

    :ivar folder: where they go; None: it is named each time.
    :ivar keep: how many stay there; None: all.
    :ivar every: a reminder is due when the last good one is older; None never reminds.
    :ivar config: the settings file, to be named. :ivar example: a folder to be named where none is chosen.
    """

    folder: Path | None = None
    keep: int | None = None
    every: timedelta | None = timedelta(days=_EVERY_DAYS)
    config: Path = field(default=Path("config.toml"), compare=False)
    example: Path = field(default=Path("/media/stick"), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the person has chosen.

    :ivar vault: folder of the vault.
    :ivar models: folders of installed models, searched in this order; the first is where imports go.
    :ivar speech: the language that is spoken, and how long the sound is kept.
    :ivar retention: how long what is deleted, or old, is kept.
    :ivar backup: where backups go, how many stay, and when to remind of one.
    :ivar log_kept: how long the particulars of logged events are kept; None: for ever.
    :ivar born: the person's day of birth, for times told by age; None when it is not told.
    :ivar exchange: the folder through which files come and go on the screen, as it is named, absolute; None:
        none is named (`diary.exchange`).
    :ivar lock_after: the screen locks when no key was pressed for this long; None never does.
    :ivar cache: folder for throw-away vaults.
    :ivar config: the settings file, whether it is there or not.
    :ivar clinic: what a clinic's policy says beside; the settings themselves are tightened by it already.
    """

    vault: Path
    models: tuple[Path, ...]
    compose: Compose = Compose.VERIFIED
    speech: Speech = Speech()
    retention: RetentionRules = KEPT_ALWAYS
    backup: BackupHabit = BackupHabit()
    log_kept: timedelta | None = None
    born: date | None = None
    exchange: Path | None = None
    lock_after: timedelta | None = DEFAULT_LOCK_AFTER
    cache: Path
    config: Path
    clinic: Effective = NO_CLINIC


def installed_models() -> Path:
    """The folder that set-up fills: it belongs to the program, not to the person."""
    return Path(sys.prefix) / "share" / PROGRAM / "models"


def state_folder() -> Path:
    """What belongs to this installation and not to the diary: the key of its statements."""
    return platformdirs.user_state_path(PROGRAM)


def load_settings(*, vault: Path | None = None, config: Path | None = None) -> Settings:
    """Settings from the file, or the defaults when there is none; `vault` overrides the file's.

    :raises SettingsWrong: when the file is there but cannot be understood.
    """
    config = config or platformdirs.user_config_path(PROGRAM) / "config.toml"
    values = _read(config)
    _require_known(values, config)
    data = platformdirs.user_data_path(PROGRAM)
    own_models = _path(values, "models", config) or data / "models"
    return Settings(
        vault=(vault or _path(values, "vault", config) or data / "vault").expanduser().absolute(),
        models=(own_models.absolute(), installed_models()),
        compose=_compose(values, config),
        speech=_speech(_table(values, "speech", config), config),
        retention=_retention(_table(values, "retention", config), config),
        backup=_backup(_table(values, "backup", config), config),
        log_kept=_log_kept(values, config),
        born=_born(values, config),
        exchange=_exchange(values, config),
        lock_after=_lock_after(values, config),
        cache=platformdirs.user_cache_path(PROGRAM),
        config=config,
    )


def throw_away(settings: Settings) -> Settings:
    """The same with a vault of a random name in the cache folder: never the person's own."""
    return replace(settings, vault=settings.cache / f"demo-{os.urandom(4).hex()}")


def _read(config: Path) -> dict[str, object]:
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


def _require_known(values: dict[str, object], config: Path) -> None:
    for key, value in values.items():
        if key in _KNOWN and key:
            if isinstance(value, dict):
                for inner in value:
                    _require_among(_KNOWN[key], inner, f" in [{key}]", config)
        else:
            _require_among((*_KNOWN[""], *filter(None, _KNOWN)), key, "", config)


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


def _wrong(config: Path, key: str, expected: str) -> SettingsWrong:
    return SettingsWrong(
        f"The settings file {config} says something else than {expected} for “{key}”; nothing was opened.",
        hint="Mend that line or remove it.",
    )


def _table(values: dict[str, object], key: str, config: Path) -> dict[str, object]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise _wrong(config, key, "a table")
    return table


def _text(values: dict[str, object], key: str, config: Path) -> str | None:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise _wrong(config, key, "a text in quotes")
    return value


def _path(values: dict[str, object], key: str, config: Path) -> Path | None:
    value = _text(values, key, config)
    return _expanded(value, key, config) if value else None


def _expanded(value: str, key: str, config: Path) -> Path:
    """Absolute; `~` is the home folder of a person whom this machine knows."""
    try:
        if "\0" in value:
            raise ValueError
        return Path(value).expanduser().absolute()
    except (RuntimeError, ValueError):
        raise _wrong(config, key, "a folder") from None


def _compose(values: dict[str, object], config: Path) -> Compose:
    value = _text(_table(values, "answers", config), "compose", config) or Compose.VERIFIED
    try:
        return Compose(value)
    except ValueError:
        raise _wrong(config, "answers.compose", "“verified”, “examined” or “never”") from None


def _speech(values: dict[str, object], config: Path) -> Speech:
    languages = values.get("languages", [])
    if not isinstance(languages, list) or not all(_is_code(one) for one in languages):
        raise _wrong(config, "speech.languages", 'a list of codes such as ["en", "de"]')
    language = _text(values, "language", config)
    if language is not None and not _is_code(language):
        raise _wrong(config, "speech.language", 'a code such as "en"')
    return Speech(language=language, languages=tuple(languages), keep_audio=_keep_audio(values, config))


def _is_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z]{2,3}", value) is not None


def _keep_audio(values: dict[str, object], config: Path) -> timedelta | None:
    kept = values.get("keep_audio", "always")
    if kept == "always":
        return None
    days = 0 if kept == "never" else kept
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        raise _wrong(config, "speech.keep_audio", "“always”, “never” or a number of days")
    return timedelta(days=days)


def _retention(values: dict[str, object], config: Path) -> RetentionRules:
    deleted = _days(values, "deleted_days", 0, config)
    return RetentionRules(
        entries=_days(values, "entries_days", 1, config),
        condense=_days(values, "condense_days", 1, config),
        revisions=_days(values, "revisions_days", 1, config),
        deleted=DELETED_FOR if deleted is None else deleted,
    )


def _days(values: dict[str, object], key: str, fewest: int, config: Path) -> timedelta | None:
    days = values.get(key)
    if days is None:
        return None
    if not isinstance(days, int) or isinstance(days, bool) or not fewest <= days <= _MOST_DAYS:
        raise _wrong(config, f"retention.{key}", f"a number of days from {fewest} to {_MOST_DAYS}")
    return timedelta(days=days)


def _backup(values: dict[str, object], config: Path) -> BackupHabit:
    folder = _path(values, "folder", config)
    keep, every = values.get("keep"), values.get("every_days", _EVERY_DAYS)
    if keep is not None and not _is_whole(keep, 1, _MOST_KEPT):
        raise _wrong(config, "backup.keep", f"a whole number from 1 to {_MOST_KEPT}")
    if not _is_whole(every, 0, _MOST_DAYS):
        raise _wrong(config, "backup.every_days", f"a whole number from 0 to {_MOST_DAYS}")
    return BackupHabit(
        folder=folder,
        keep=keep,
        every=timedelta(days=every) if every else None,
        config=config,
    )


def _log_kept(values: dict[str, object], config: Path) -> timedelta | None:
    days = _table(values, "audit", config).get("days")
    if days is not None and not _is_whole(days, 1, _MOST_DAYS):
        raise _wrong(config, "audit.days", f"a number of days from 1 to {_MOST_DAYS}")
    return None if days is None else timedelta(days=days)


def _is_whole(value: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _born(values: dict[str, object], config: Path) -> date | None:
    born = _table(values, "person", config).get("born")
    if born is None:
        return None
    if not isinstance(born, date) or isinstance(born, datetime):
        raise _wrong(config, "person.born", "a day such as 1980-02-29, without quotation marks,")
    return born


def _exchange(values: dict[str, object], config: Path) -> Path | None:
    value = _text(_table(values, "screen", config), "exchange", config)
    return _expanded(value, "screen.exchange", config) if value else None


def _lock_after(values: dict[str, object], config: Path) -> timedelta | None:
    minutes = _table(values, "screen", config).get("lock_after_minutes")
    if minutes is None:
        return DEFAULT_LOCK_AFTER
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= _MOST_MINUTES:
        raise _wrong(config, "screen.lock_after_minutes", f"a whole number from 0 to {_MOST_MINUTES}")
    return timedelta(minutes=minutes) if minutes else None
