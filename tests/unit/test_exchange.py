"""The exchange folder: what the settings name, or one that is there already, and never a wide one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diary.exchange import settle
from diary.settings import Settings, load_settings
from diary.settings_file import SettingsWrong


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DOCUMENTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def settings(home: Path, exchange: Path | None = None) -> Settings:
    text = "" if exchange is None else f'[screen]\nexchange = "{exchange}"\n'
    (home / "config.toml").write_text(text)
    return load_settings(config=home / "config.toml", vault=home / "data" / "vault")


def test_the_folder_that_is_named_is_made(home: Path) -> None:
    assert settle(settings(home, Path("~/swap")), made) == home / "swap"
    assert (home / "swap").is_dir()


def test_without_a_name_it_is_one_in_the_documents_folder_if_somebody_made_it(home: Path) -> None:
    assert settle(settings(home), made) is None
    (home / "Documents" / "diary").mkdir(parents=True)
    assert settle(settings(home), made) == home / "Documents" / "diary"
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_text('XDG_DOCUMENTS_DIR="$HOME/Papiere"\n')
    assert settle(settings(home), made) is None
    (home / "Papiere" / "diary").mkdir(parents=True)
    assert settle(settings(home), made) == home / "Papiere" / "diary"


@pytest.mark.parametrize(
    "name", ["~", "/", "~/..", "~/data", "~/data/vault", "~/data/vault/attachments", "~/link"]
)
def test_a_folder_that_opens_too_much_is_refused(home: Path, name: str) -> None:
    (home / "data" / "vault").mkdir(parents=True)
    (home / "link").symlink_to(home / "data")
    with pytest.raises(SettingsWrong, match="exchange folder"):
        settle(settings(home, Path(name)), made)


@pytest.mark.parametrize("name", ["~", "/", "~/.."])
def test_the_home_folder_is_too_wide_wherever_the_vault_is(home: Path, name: str) -> None:
    elsewhere = replace(settings(home, Path(name)), vault=Path("/srv/elsewhere/vault"))
    if name != "/":  # which holds that vault too
        assert not elsewhere.vault.is_relative_to(Path(name).expanduser().resolve())
    with pytest.raises(SettingsWrong, match="all of your own files"):
        settle(elsewhere, made)


def test_a_usual_folder_that_opens_too_much_is_not_taken(home: Path) -> None:
    (home / "Documents").mkdir()
    (home / "Documents" / "diary").symlink_to(home)
    assert settle(settings(home), made) is None


def test_a_documents_folder_that_cannot_be_asked_for_is_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Path:
        raise PermissionError  # behind the wall

    monkeypatch.setattr("platformdirs.user_documents_path", refuse)
    assert settle(settings(home), made) is None
    assert settle(replace(settings(home), exchange=home / "swap"), made) == home / "swap"


def test_something_else_than_a_path_is_told(home: Path) -> None:
    (home / "config.toml").write_text("[screen]\nexchange = 3\n")
    with pytest.raises(SettingsWrong, match="exchange"):
        load_settings(config=home / "config.toml")
