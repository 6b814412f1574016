"""A recovery code that nobody can have read is no way into a new vault."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from diary.cli import keeping_house
from diary.cli.keeping_house import CodeNotShown, init
from diary.errors import DiskFull, VaultExists
from diary.vault import keyring
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST, PASSPHRASE


class Gone:
    """An output that takes all but the code."""

    def document(self, *_: object) -> None:
        pass

    say = note = document

    def raw(self, _: str) -> None:
        raise OSError(32, "Broken pipe")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    def create(_: object, settings: SimpleNamespace, passphrase: str) -> tuple[str, list[str]]:
        vault, code = Vault.create(settings.vault, passphrase, kdf=CHEAPEST)
        vault.close()
        return code, []

    monkeypatch.setattr(keeping_house, "create_vault", create)
    settings = SimpleNamespace(vault=tmp_path / "vault", clinic=keyring.NO_CLINIC)
    return SimpleNamespace(
        passphrase=None, ask_new=lambda _: PASSPHRASE, enforced=None, settings=settings, console=Gone()
    )


def kinds(folder: Path) -> list[str]:
    with KeyRing.open(folder, PASSPHRASE) as ring:
        return [key.kind for key in ring.all()]


def test_a_code_that_could_not_be_shown_is_taken_away_and_the_vault_stays(context: SimpleNamespace) -> None:
    with pytest.raises(CodeNotShown, match="taken away again") as told:
        init(context)
    assert "diary keys add --recovery" in (told.value.hint or "")
    assert kinds(context.settings.vault) == ["passphrase"]


def test_one_that_the_disk_keeps_is_told(context: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as patched:
        patched.setattr(KeyRing, "remove", full)
        with pytest.raises(CodeNotShown, match="one of its keys all the same") as told:
            init(context)
    assert "diary keys remove" in (told.value.hint or "")
    assert kinds(context.settings.vault) == ["passphrase", "recovery-code"]


def test_where_a_diary_is_already_nobody_is_asked_for_a_passphrase(context: SimpleNamespace) -> None:
    with pytest.raises(CodeNotShown):
        init(context)
    context.ask_new = lambda _: pytest.fail("it was asked for")
    with pytest.raises(VaultExists):
        init(context)
