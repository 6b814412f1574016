"""The composition root: the only module that names engines and, with `upkeep`, the vault.

Everything that opens the diary takes `Enforced`, the proof that the wall stands, so that forgetting the
wall is a type error and not a bug to be found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

from diary import rules, typed_ahead
from diary.engine import allowed
from diary.engine.choosing import in_use
from diary.engine.embedder import AbsentEmbedder, EngineEmbedder, FormerEmbedders
from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import find_models
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import find_whisper
from diary.errors import DiskFull, StorageFailed
from diary.key_file import read_key_file
from diary.model.key import Secret
from diary.model.progress import Report, silent
from diary.recorder.client import recorder
from diary.session import Engines, Session, Stores
from diary.settings import Compose, Settings
from diary.vault import checkpoints as checkpoints
from diary.vault import noted
from diary.vault.keyring import KeyRing as KeyRing
from diary.vault.noted import Note, What
from diary.vault.presence import beside, refuse_existing
from diary.vault.rotation import DATABASE
from diary.vault.strength import FLOOR, require_strong
from diary.vault.surroundings import of_the_place
from diary.vault.vault import Vault, local_now
from policies import report as report_of_wall
from policies import surroundings
from policies.enforcement import NOT_THERE, Enforced, room_for_another

if TYPE_CHECKING:
    from retrieval.composing import Trust


ModelChange = Literal["imported", "used", "removed", "verified", "damaged"]
LOCKED_TOO_OFTEN = (
    "diary: The diary was locked so often without being left that the kernel takes no more of its walls, so "
    "it ended. Nothing was lost.\n       Start it again."
)


def under_policy(enforced: Enforced, settings: Settings) -> Settings:
    """The settings, tightened by the clinic's policy, if one is installed; once in a process, before a vault
    is opened or a model started.

    :raises diary.errors.PolicyRefused: when there is one that may not be believed.
    :raises diary.errors.PolicyForbids: when it asks for more of a wall than this kernel has.
    """
    found = rules.under(settings, rules.read())
    found.clinic.require_wall(enforced.landlock_abi, sealed=enforced.sealed)
    allowed.only(found.clinic.models, found.clinic.model_not_allowed)
    return found


def create_vault(_: Enforced, settings: Settings, passphrase: str) -> tuple[str, list[str]]:
    """Make a new vault and close it; the recovery code, shown once, and what a clinic's policy made of it,
    in sentences without a full stop.

    :raises diary.errors.VaultExists: when there is one already.
    :raises diary.errors.WeakPassphrase: when the passphrase is too weak.
    """
    vault, recovery_code = Vault.create(settings.vault, passphrase, policy=settings.clinic)
    with vault:
        under, opens = vault.policy_notice(), vault.emergencies.notices()
    return recovery_code, [*([] if under is None else [under]), *vault.warnings, *opens]


def require_no_vault(settings: Settings) -> None:
    """Before anybody thinks of a passphrase for a new one.

    :raises diary.errors.VaultExists: when there is one already, or a part of one.
    """
    refuse_existing(settings.vault)


def vaults_beside(_: Enforced, settings: Settings) -> list[str]:
    """The names of the vaults in the folder that this one lies, or would lie, in.

    :raises diary.errors.PolicyForbids: when no names of other people's may be listed.
    :raises diary.errors.StorageFailed: when the folder cannot be read.
    """
    settings.clinic.require_listing()
    return beside(settings.vault)


def about_the_place(settings: Settings) -> list[str]:
    """What is wrong with where the vault lies, in sentences without a full stop."""
    return of_the_place(settings.vault)


def open_keys(_: Enforced, settings: Settings, secret: Secret) -> KeyRing:
    """The ways into the vault, to be changed; no engine, and no database.

    :raises diary.errors.DiaryError: when the vault cannot be opened.
    """
    return KeyRing.open(settings.vault, secret, policy=settings.clinic)


def open_diary(
    _: Enforced, settings: Settings, secret: Secret, *, now: Callable[[], datetime], report: Report = silent
) -> Session:
    """Unlock the vault with a passphrase, recovery code or key file; engines start when first needed.

    :param report: told of what takes long, as `Vault.unlock` says.
    :raises diary.errors.DiaryError: when the vault cannot be opened.
    """
    embedder = _embedder(settings)
    former = FormerEmbedders(find_models(settings.models, "embedder"))
    language_model = _language_model(settings)
    transcriber = EngineTranscriber(find_whisper(settings.models))
    rough = EngineTranscriber.rough()
    vault = _unlocked(settings, secret, report)

    def close() -> None:
        for engine in (embedder, former, language_model, transcriber, rough):
            if engine is not None:
                engine.close()
        vault.close()

    def trust() -> Trust:
        from diary.model_store.exams import trust_in

        model = in_use(settings.models, "language")
        return trust_in(model, settings.models[0], examined_only=settings.compose is Compose.EXAMINED)

    engines = Engines(
        embedder=embedder,
        language_model=language_model,
        transcriber=transcriber,
        rough_transcriber=rough,
        sound=recorder(),
        former_embedder=former.embedder,
        trust=trust,
    )
    return Session(
        stores_of(vault),
        engines,
        close=close,
        now=now,
        born=settings.born,
        speech=settings.speech,
        rules=settings.retention,
        backup=settings.backup,
        clock=local_now,
    )


def _unlocked(settings: Settings, secret: Secret, report: Report) -> Vault:
    """The vault, with what is done and told at the beginning of a session."""
    vault = Vault.unlock(settings.vault, secret, policy=settings.clinic, report=report)
    told = vault.policy_notice()
    if told is not None:
        vault.warn(told)
    _shorten_log(vault, settings)
    return vault


def _shorten_log(vault: Vault, settings: Settings) -> None:
    """Remove the particulars of events that are older than the settings say; by whole days, so that it is
    done, and logged, once a day at most.
    """
    if settings.log_kept is None or vault.read_only or vault.clock_in_doubt() is not None:
        return
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    with suppress(DiskFull, StorageFailed):  # at the next opening
        vault.audit.shorten(midnight - settings.log_kept)


def note_model(settings: Settings, what: ModelChange, kind: str, identity: str) -> None:
    """Have the log told of a model at the next opening, by the first 16 digits of its hash; nothing where
    there is no vault. What cannot be noted is not, and nobody is kept from anything.

    :param identity: as `ModelFolder.identity`.
    """
    if (settings.vault / DATABASE).exists():
        value = bytes.fromhex(identity.rpartition("@")[2])
        noted.note(settings.vault, Note(datetime.now(UTC), What[what.upper()], kind, value))


def stores_of(vault: Vault) -> Stores:
    """The open vault, by what it keeps."""
    return Stores(
        entries=vault.entries,
        deleted=vault.deleted,
        ageing=vault.ageing,
        drafts=vault.drafts,
        imports=vault.imports,
        recordings=vault.recordings,
        attachments=vault.attachments,
        passages=vault.passages,
        observations=vault.observations,
        spools=vault.spools,
        glossary=vault.glossary,
        preferences=vault.preferences,
        read_only=vault.read_only,
        clock_in_doubt=vault.clock_in_doubt,
        backups=vault.backups,
        audit=vault.audit,
        warnings=lambda: vault.warnings,
        tried=vault.tried,
        policy=vault.policy,
        emergencies=vault.emergencies,
    )


def _embedder(settings: Settings) -> EngineEmbedder | AbsentEmbedder:
    found = in_use(settings.models, "embedder")
    return EngineEmbedder(found) if found else AbsentEmbedder()


def _language_model(settings: Settings) -> EngineLanguageModel | None:
    if settings.compose is Compose.NEVER:
        return None
    found = in_use(settings.models, "language")
    return EngineLanguageModel(found) if found else None


def run_screen(
    enforced: Enforced,
    settings: Settings,
    key_file: Path | None = None,
    *,
    closed: Callable[[Sequence[str]], object] = list,
) -> int:
    """Show the screen until the person leaves; the exit status.

    :param key_file: opens the diary when nothing is typed, if it is there at that moment.
    :param closed: is told what was amiss when the diary was closed.
    """
    from diary.tui.context import ScreenContext
    from diary.tui.run import run_screen as show

    def now() -> datetime:
        return datetime.now().astimezone()

    def unlock(secret: str, report: Report) -> Session:
        given = read_key_file(key_file) if key_file is not None and not secret else secret
        return open_diary(enforced, settings, given, now=now, report=report)

    def models() -> Sequence[str]:
        from diary.model_store.exams import installed_words

        return installed_words(settings.models)

    told = surroundings.signs()
    context = ScreenContext(
        vault=settings.vault.name,
        seal=report_of_wall.in_few_words(enforced),
        sealed=enforced.sealed,
        caveats=tuple(sign.short for sign in told),
        notes=(
            *(found for found in enforced.findings if not found.endswith(NOT_THERE)),
            *(sign.sentence for sign in told),
        ),
        now=now,
        lock_after=settings.lock_after,
        models=models,
        key_file=key_file is not None,
        exchange=settings.exchange,
        closed=closed,
        config=str(settings.config),
    )
    return show(unlock, execute_anew, context)


def execute_anew() -> NoReturn:
    """Replace this process by a fresh one with the same arguments: no copy of a key stays in its memory.

    The wall survives; the filter of system calls is laid once more over it. Where the kernel would take no
    more of them, the process ends instead. The recorder survives, silent.
    """
    if not room_for_another():
        raise SystemExit(LOCKED_TOO_OFTEN)
    recorder().hand_over()
    typed_ahead.hand_over()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves, no shell


def require_strong_passphrase(settings: Settings, passphrase: str) -> None:
    """As the vault and the signing keys ask; before the person types it a second time.

    :raises diary.errors.WeakPassphrase: with advice in the hint.
    """
    require_strong(passphrase, **settings.clinic.asked_of_passphrases(FLOOR))
