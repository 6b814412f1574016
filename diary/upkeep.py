"""The vault without a session: backups, and looking it over. Beside `bootstrap` the only module outside the
vault's room that names it; no engine is started here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from diary.engine.models import ModelKind, find_models
from diary.model.checkup import Check
from diary.model.key import Secret
from diary.model.progress import Report
from diary.settings import Settings
from diary.vault import doctor, noted
from diary.vault.backups import restoring
from diary.vault.backups.places import newest_in
from diary.vault.doctor import MAY_NOT_READ as MAY_NOT_READ
from diary.vault.doctor import OTHERS_MAY as OTHERS_MAY
from diary.vault.failures import HEADER_FROM_BACKUP as HEADER_FROM_BACKUP
from diary.vault.noted import Note, What
from diary.vault.rescue.salvage import salvage
from diary.vault.vault import Vault
from diary.vault.watch import look_closer
from policies import report as report_of_wall
from policies.enforcement import Enforced

if TYPE_CHECKING:
    from diary.model.backup import BackupMade, Drilled, LastBackup, Restored, TakenOut
    from diary.model.checkup import Salvaged

_KINDS: tuple[ModelKind, ...] = ("embedder", "language", "speech")
Warn = Callable[[Sequence[str]], None]


@contextmanager
def told_of(vault: Vault, warn: Warn) -> Iterator[Vault]:
    """The vault, closed afterwards; what is amiss is told at once, and what comes to it until it is closed.

    What was found is told when something else fails meanwhile, too.
    """
    told = vault.warnings
    warn(told)
    try:
        with vault:
            yield vault
    finally:
        warn([sentence for sentence in vault.warnings if sentence not in told])


# Backups need the vault and no model.


def back_up(
    _: Enforced,
    settings: Settings,
    secret: Secret,
    target: Path,
    *,
    keep: int | None,
    full: bool,
    now: Callable[[], datetime],
    report: Report,
    warn: Warn,
) -> BackupMade:
    """Make a backup that was proved to restore; DiaryError as `Vault.unlock` and `Backups.make` raise.

    :param warn: is told what is amiss with the vault, before it begins and when it is closed.
    """
    vault = Vault.unlock(settings.vault, secret, now=now, policy=settings.clinic, report=report)
    with told_of(vault, warn):
        return vault.backups.make(target, keep=keep, full=full, report=report)


def last_backups(
    _: Enforced, settings: Settings, secret: Secret, *, warn: Warn
) -> tuple[LastBackup | None, LastBackup | None]:
    """The last good backup, and one after it of a vault that had lost something; None where there is none.

    :param warn: is told what is amiss with the vault.
    """
    with told_of(Vault.unlock(settings.vault, secret, policy=settings.clinic), warn) as vault:
        return vault.backups.last(), vault.backups.last_spoilt()


def backup_named(_: Enforced, name: Path) -> Path:
    """The file, or the newest in a folder; NotABackup where there is none."""
    return newest_in(name) if name.is_dir() else name


def drill_backup(_: Enforced, settings: Settings, secret: Secret, file: Path, *, report: Report) -> Drilled:
    """Prove that a backup restores; DiaryError as `restoring.drill` raises."""
    return restoring.drill(file, secret, scratch=settings.cache, policy=settings.clinic, report=report)


def restore_backup(
    _: Enforced,
    settings: Settings,
    secret: Secret,
    file: Path,
    folder: Path,
    *,
    replace: bool,
    now: datetime,
    report: Report,
) -> Restored:
    """Make a vault of a backup; DiaryError as `restoring.restore` raises."""
    return restoring.restore(
        file, secret, folder, now=now, replace=replace, policy=settings.clinic, report=report
    )


def take_out_of_backup(_: Enforced, file: Path, folder: Path, *, report: Report) -> TakenOut:
    """Write what is there of a damaged backup; DiaryError as `unproved.take_out_unproved` raises."""
    from diary.vault.backups.unproved import take_out_unproved

    return take_out_unproved(file, folder, report=report)


def sweep_drill(_: Enforced, settings: Settings) -> None:
    """Remove what a killed drill left."""
    restoring.sweep(settings.cache)


def place_aside(folder: Path, now: datetime) -> Path:
    """What a vault that a backup replaces is called afterwards."""
    return restoring.aside_of(folder, now)


# Looking a vault over needs no model either.


def examine(
    enforced: Enforced, settings: Settings, secret: Secret, *, now: Callable[[], datetime], report: Report
) -> list[Check]:
    """Look at everything there is; DiaryError as `doctor.examine` raises."""
    checks = doctor.examine(settings.vault, secret, now=now, policy=settings.clinic, report=report)
    found = {kind: len(find_models(settings.models, kind)) for kind in _KINDS}
    models = ", ".join(f"{count} {kind}" for kind, count in found.items())
    seal = f"{report_of_wall.in_few_words(enforced)} (Landlock ABI {enforced.landlock_abi})"
    return [
        *checks,
        Check(name="models", detail=models),
        Check(name="seal", detail=seal, findings=tuple(one.removesuffix(".") for one in enforced.findings)),
    ]


def accept_vault(_: Enforced, settings: Settings, secret: Secret, *, warn: Warn) -> None:
    """Take what the vault holds for what it ought to hold; DiaryError as `Vault.accept` raises.

    :param warn: is told what is amiss beside that, which is told no more.
    """
    vault = Vault.unlock(settings.vault, secret, policy=settings.clinic)
    accepted = look_closer(vault.found_at_opening)
    with told_of(vault, lambda told: warn([one for one in told if one not in accepted])):
        vault.accept()


def salvage_vault(_: Enforced, settings: Settings, secret: Secret, out: Path, *, report: Report) -> Salvaged:
    """Write what authenticates into a folder, readable; DiaryError as `salvage.salvage` raises."""
    made = salvage(settings.vault, secret, out, policy=settings.clinic, report=report)
    noted.note(settings.vault, Note(datetime.now(UTC), What.SALVAGED, value=made.entries.to_bytes(8, "big")))
    return made
