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

Not here: the file as plain values (`diary.settings_file`); what a clinic's policy forbids (`diary.rules`).
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import platformdirs

from diary.model.retention import DELETED_FOR, KEPT_ALWAYS, RetentionRules
from diary.rules import NO_CLINIC, Effective
from diary.settings_file import (
    expanded,
    is_whole,
    path_of,
    read_values,
    require_known,
    table_of,
    text_of,
    wrong,
)

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
    values = read_values(config)
    require_known(values, _KNOWN, config)
    data = platformdirs.user_data_path(PROGRAM)
    own_models = path_of(values, "models", config) or data / "models"
    return Settings(
        vault=(vault or path_of(values, "vault", config) or data / "vault").expanduser().absolute(),
        models=(own_models.absolute(), installed_models()),
        compose=_compose(values, config),
        speech=_speech(table_of(values, "speech", config), config),
        retention=_retention(table_of(values, "retention", config), config),
        backup=_backup(table_of(values, "backup", config), config),
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


def _compose(values: dict[str, object], config: Path) -> Compose:
    value = text_of(table_of(values, "answers", config), "compose", config) or Compose.VERIFIED
    try:
        return Compose(value)
    except ValueError:
        raise wrong(config, "answers.compose", "“verified”, “examined” or “never”") from None


def _speech(values: dict[str, object], config: Path) -> Speech:
    languages = values.get("languages", [])
    if not isinstance(languages, list) or not all(_is_code(one) for one in languages):
        raise wrong(config, "speech.languages", 'a list of codes such as ["en", "de"]')
    language = text_of(values, "language", config)
    if language is not None and not _is_code(language):
        raise wrong(config, "speech.language", 'a code such as "en"')
    return Speech(language=language, languages=tuple(languages), keep_audio=_keep_audio(values, config))


def _is_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z]{2,3}", value) is not None


def _keep_audio(values: dict[str, object], config: Path) -> timedelta | None:
    kept = values.get("keep_audio", "always")
    if kept == "always":
        return None
    days = 0 if kept == "never" else kept
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        raise wrong(config, "speech.keep_audio", "“always”, “never” or a number of days")
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
        raise wrong(config, f"retention.{key}", f"a number of days from {fewest} to {_MOST_DAYS}")
    return timedelta(days=days)


def _backup(values: dict[str, object], config: Path) -> BackupHabit:
    folder = path_of(values, "folder", config)
    keep, every = values.get("keep"), values.get("every_days", _EVERY_DAYS)
    if keep is not None and not is_whole(keep, 1, _MOST_KEPT):
        raise wrong(config, "backup.keep", f"a whole number from 1 to {_MOST_KEPT}")
    if not is_whole(every, 0, _MOST_DAYS):
        raise wrong(config, "backup.every_days", f"a whole number from 0 to {_MOST_DAYS}")
    return BackupHabit(
        folder=folder,
        keep=keep,
        every=timedelta(days=every) if every else None,
        config=config,
    )


def _log_kept(values: dict[str, object], config: Path) -> timedelta | None:
    days = table_of(values, "audit", config).get("days")
    if days is not None and not is_whole(days, 1, _MOST_DAYS):
        raise wrong(config, "audit.days", f"a number of days from 1 to {_MOST_DAYS}")
    return None if days is None else timedelta(days=days)


def _born(values: dict[str, object], config: Path) -> date | None:
    born = table_of(values, "person", config).get("born")
    if born is None:
        return None
    if not isinstance(born, date) or isinstance(born, datetime):
        raise wrong(config, "person.born", "a day such as 1980-02-29, without quotation marks,")
    return born


def _exchange(values: dict[str, object], config: Path) -> Path | None:
    value = text_of(table_of(values, "screen", config), "exchange", config)
    return expanded(value, "screen.exchange", config) if value else None


def _lock_after(values: dict[str, object], config: Path) -> timedelta | None:
    minutes = table_of(values, "screen", config).get("lock_after_minutes")
    if minutes is None:
        return DEFAULT_LOCK_AFTER
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= _MOST_MINUTES:
        raise wrong(config, "screen.lock_after_minutes", f"a whole number from 0 to {_MOST_MINUTES}")
    return timedelta(minutes=minutes) if minutes else None
