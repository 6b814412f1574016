"""What is done with a vault without a session tells what is amiss with it, at its beginning and its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from diary.errors import WrongPassphrase
from diary.model.progress import Progress
from diary.settings import Settings
from diary.upkeep import accept_vault, back_up, last_backups
from diary.vault.anchor import ANCHOR
from diary.vault.doctor import examine
from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from diary.vault.watch import UNANCHORED
from policies.enforcement import Enforced
from tests.clinic.signed import settings
from tests.unit.vault.fresh import MORNING, fresh_folder, words

WALL = cast("Enforced", None)
"""The proof is a parameter that nobody reads."""
Use = Callable[[Settings, str, Callable[[Sequence[str]], None], Path], object]


def _backup(own: Settings, code: str, warn: Callable[[Sequence[str]], None], out: Path) -> object:
    return back_up(
        WALL, own, code, out, keep=None, full=False, now=lambda: MORNING, report=lambda _: None, warn=warn
    )


def _status(own: Settings, code: str, warn: Callable[[Sequence[str]], None], _: Path) -> object:
    return last_backups(WALL, own, code, warn=warn)


@pytest.mark.parametrize("use", [_backup, _status])
def test_what_closing_finds_amiss_is_told(tmp_path: Path, use: Use) -> None:
    folder, code = fresh_folder(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    told: list[Sequence[str]] = []

    def warn(sentences: Sequence[str]) -> None:
        told.append(tuple(sentences))
        if len(told) == 1:
            _in_the_way_of_the_anchor(folder)

    use(settings(tmp_path), code, warn, out)
    assert told == [(), (UNANCHORED,)]


def test_what_closing_finds_amiss_after_a_check_of_everything_is_in_it(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)

    def report(progress: Progress) -> None:
        if progress.task == "Comparing the rows with the manifest" and (folder / ANCHOR).is_file():
            _in_the_way_of_the_anchor(folder)

    checks = examine(folder, code, now=lambda: MORNING, report=report)
    assert [(check.name, check.findings) for check in checks if check.findings] == [
        ("closing", (UNANCHORED,))
    ]


def test_accepting_tells_what_is_amiss_beside_what_is_accepted(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    older = (folder / "vault.db").read_bytes()
    with Vault.unlock(folder, code) as vault:
        vault.entries.add(words("Lost again."))
    (folder / "vault.db").write_bytes(older)
    with pytest.raises(WrongPassphrase):
        KeyRing.open(folder, "not this one")
    told: list[str] = []
    accept_vault(WALL, settings(tmp_path), code, warn=told.extend)
    assert [sentence[:29] for sentence in told] == ["There was a failed attempt to"]


def _in_the_way_of_the_anchor(folder: Path) -> None:
    (folder / ANCHOR).unlink()
    (folder / ANCHOR / "in it").mkdir(parents=True)
