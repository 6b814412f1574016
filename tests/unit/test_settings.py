"""Settings: defaults, the file, and a sentence for what it says wrongly."""

import textwrap
from datetime import date, timedelta
from pathlib import Path

import pytest

from diary import settings as settings_module
from diary.model.retention import RetentionRules
from diary.settings import BackupHabit, Compose, Speech, load_settings, throw_away
from diary.settings_file import SettingsWrong


def written(folder: Path, text: str) -> Path:
    config = folder / "config.toml"
    config.write_text(text, encoding="utf-8")
    return config


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(config=tmp_path / "none.toml")
    assert settings.vault.is_absolute()
    assert settings.compose is Compose.VERIFIED
    assert settings.speech == Speech()
    assert settings.lock_after == timedelta(minutes=15)
    assert settings.backup == BackupHabit(folder=None, keep=None, every=timedelta(days=14))
    assert len(settings.models) == 2


def test_the_file_is_followed_and_the_command_line_goes_first(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        f'vault = "{tmp_path}/v"\nmodels = "{tmp_path}/m"\n[answers]\ncompose = "never"\n'
        '[speech]\nlanguage = "de"\n[screen]\nlock_after_minutes = 0\n',
    )
    settings = load_settings(config=config)
    assert (settings.vault, settings.models[0]) == (tmp_path / "v", tmp_path / "m")
    assert (settings.compose, settings.speech.language, settings.lock_after) == (Compose.NEVER, "de", None)
    assert load_settings(config=config, vault=tmp_path / "w").vault == tmp_path / "w"


@pytest.mark.parametrize(
    "text",
    [
        "vault = [",
        "vault = 3",
        "answers = 3",
        '[answers]\ncompose = "always"',
        "[speech]\nlanguage = 3",
        '[speech]\nlanguage = "English"',
        '[speech]\nlanguages = "en"',
        '[speech]\nlanguages = ["en", 3]',
        "[speech]\nkeep_audio = -1",
        "[speech]\nkeep_audio = true",
        '[speech]\nkeep_audio = "a while"',
        "[screen]\nlock_after_minutes = -1",
        "[screen]\nlock_after_minutes = true",
        '[screen]\nlock_after_minutes = "soon"',
        '[person]\nborn = "1980-02-29"',
        "[person]\nborn = 1980-02-29T10:00:00",
        "[retention]\ndeleted_days = -1",
        "[retention]\nentries_days = 0",
        "[retention]\nrevisions_days = true",
        '[retention]\ndeleted_days = "always"',
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsWrong) as refused:
        load_settings(config=written(tmp_path, text))
    assert "config.toml" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("[screen]\nlock_after_minutse = 1", "lock_after_minutse", "lock_after_minutes"),
        ("[retenton]\nentries_days = 30", "retenton", "retention"),
        ("[retention]\nentry_days = 30", "entry_days", "entries_days"),
        ("vaults = '/x'", "vaults", "vault"),
        ("folder = '/x'", "folder", ""),
    ],
)
def test_a_mistyped_key_is_no_key_that_was_set(tmp_path: Path, text: str, key: str, meant: str) -> None:
    with pytest.raises(SettingsWrong, match=f"“{key}”") as refused:
        load_settings(config=written(tmp_path, text))
    assert f"Is “{meant}” meant?" in refused.value.hint or not meant


def test_every_setting_that_is_documented_is_known(tmp_path: Path) -> None:
    documented = (settings_module.__doc__ or "").split(":\n\n", 1)[1].split("\n\nNot here")[0]
    assert documented.count("=") >= 15
    load_settings(config=written(tmp_path, textwrap.dedent(documented)))


@pytest.mark.parametrize(("text", "place"), [("a = 1\n[x\n", "line 2"), ("a = 1\n\na = 2", "last line, 3")])
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(SettingsWrong, match=place):
        load_settings(config=written(tmp_path, text))


@pytest.mark.parametrize(
    ("kept", "length"),
    [('"always"', None), ('"never"', timedelta(0)), ("30", timedelta(days=30)), ("0", timedelta(0))],
)
def test_the_sound_is_kept_always_unless_something_else_is_chosen(
    tmp_path: Path, kept: str, length: timedelta | None
) -> None:
    assert load_settings(config=tmp_path / "none.toml").speech.keep_audio is None
    config = written(tmp_path, f'[speech]\nlanguages = ["en", "de"]\nkeep_audio = {kept}\n')
    assert load_settings(config=config).speech == Speech(languages=("en", "de"), keep_audio=length)


def test_a_day_of_birth_may_be_told(tmp_path: Path) -> None:
    assert load_settings(config=tmp_path / "none.toml").born is None
    config = written(tmp_path, "[person]\nborn = 1980-02-29\n")
    assert load_settings(config=config).born == date(1980, 2, 29)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsWrong):
        load_settings(config=config)


def test_a_throw_away_vault_is_never_the_person_s_own(tmp_path: Path) -> None:
    settings = load_settings(config=tmp_path / "none.toml")
    first, second = throw_away(settings), throw_away(settings)
    assert first.vault != second.vault
    assert settings.vault not in (first.vault, second.vault)
    assert first.vault.parent == settings.cache


def test_how_long_things_are_kept_is_followed(tmp_path: Path) -> None:
    assert load_settings(config=tmp_path / "none.toml").retention == RetentionRules(
        entries=None, revisions=None, deleted=timedelta(days=30)
    )
    told = written(
        tmp_path,
        "[retention]\nentries_days = 3650\ncondense_days = 90\nrevisions_days = 365\ndeleted_days = 0\n",
    )
    assert load_settings(config=told).retention == RetentionRules(
        entries=timedelta(days=3650),
        condense=timedelta(days=90),
        revisions=timedelta(days=365),
        deleted=timedelta(0),
    )


def test_backups_go_where_and_as_often_as_the_file_says(tmp_path: Path) -> None:
    text = f'[backup]\nfolder = "{tmp_path}/stick"\nkeep = 7\nevery_days = 30\n'
    habit = load_settings(config=written(tmp_path, text)).backup
    assert habit == BackupHabit(folder=tmp_path / "stick", keep=7, every=timedelta(days=30))
    assert load_settings(config=written(tmp_path, "[backup]\nevery_days = 0")).backup.every is None
    assert load_settings(config=written(tmp_path, '[backup]\nfolder = "~/b"')).backup.folder == (
        Path.home() / "b"
    )


@pytest.mark.parametrize(
    "line",
    [
        "folder = 7", "keep = 0", "keep = true", 'keep = "7"', "keep = 10001", "every_days = -1",
        "every_days = 1.5", "every_days = 36501",
    ],
)  # fmt: skip
def test_a_wrong_habit_is_told_with_its_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsWrong, match=line.split()[0]):
        load_settings(config=written(tmp_path, f"[backup]\n{line}"))
