"""Arguments, seal, command, exit status. The network is closed already when this module is imported.

The order is fixed: read the arguments (standard library only), settle the paths, read the passphrase file,
seal the files, and only then import what parses, computes or stores. Every failure becomes a sentence and a
status: 0 done, 1 refused or failed, 2 usage. No traceback is ever printed: it could hold words of an entry.
"""

from __future__ import annotations

import argparse
import glob
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diary import made_early, unnamed
from diary.cli.arguments import parse
from diary.cli.early import require_allowed
from diary.cli.output import Console
from diary.errors import DiaryError, StorageFailed, UsageError, VaultMissing
from policies.enforcement import PolicyError, enforce
from policies.policy import core_policy

if TYPE_CHECKING:
    from diary.cli.context import Context
    from diary.cli.emergency import Emergency
    from diary.model.key import KeyFile
    from diary.settings import Settings

_OWNER_ONLY = 0o700

UNSEALED = (
    "It runs unsealed, as you accepted: this kernel does not keep the diary offline, only its own code does. "
    "What holds all the same: diary policy check --accept-unsealed"
)
PARTLY_SEALED = (
    "It runs without a part of its wall, as you accepted; no network can be reached. "
    "What is missing: diary policy check --accept-unsealed"
)


def run(argv: list[str]) -> int:
    """Run one command line; the exit status."""
    console = Console(json="--json" in argv)
    sys.excepthook = _say_failure_without_words
    try:
        arguments = parse(argv)
        status = _run_sealed(arguments, console)
    except UsageError as error:
        return _failed(console, error, status=2)
    except DiaryError as error:
        return _failed(console, error)
    except PolicyError as error:
        return _failed(console, SealRefused(str(error), hint=error.hint))
    except KeyboardInterrupt:
        return _failed(console, Interrupted("Stopped. What was saved before is kept."))
    except BrokenPipeError:
        return 1  # the reader of our output went away
    except Exception as error:  # the outermost edge: a fault of ours must not print words of an entry
        hint = "Please report this line; it holds none of your words."
        return _failed(console, InternalFault(_where(error), hint=hint))
    if left := made_early.take_away():
        console.warn([made_early.sentence(left)])
    return status


def _failed(console: Console, error: DiaryError, *, status: int = 1) -> int:
    if left := made_early.take_away():
        error.hint = f"{error.hint} {made_early.sentence(left)}".lstrip()
    console.error(error)
    return status


class SealRefused(DiaryError):
    """The wall could not be built, so nothing was opened."""

    code = "seal-refused"


class Interrupted(DiaryError):
    """Ctrl-C."""

    code = "stopped"


class InternalFault(DiaryError):
    """A fault of the program itself."""

    code = "internal-fault"


def _where(error: BaseException) -> str:
    """Kind and place of a fault, without its message, which could quote an entry."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        place = f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return f"Something is wrong inside diary: {type(error).__name__}{place}. What was saved before is kept."


def _say_failure_without_words(_kind: object, error: BaseException, _trace: object) -> None:
    sys.stderr.write(f"diary: {_where(error)}\n")


def _run_sealed(arguments: argparse.Namespace, console: Console) -> int:
    emergency = _emergency(arguments)
    settings = _settings(arguments)
    require_allowed(arguments, settings)
    reads, writes = _access(arguments, settings)
    from diary.cli.passphrase import PassphraseSource

    passphrase = PassphraseSource(arguments.passphrase_file)
    new_passphrase = PassphraseSource(
        getattr(arguments, "new_passphrase_file", None), option="--new-passphrase-file"
    )
    key_file = _key_file(arguments)
    beside = [settings.vault.parent] if arguments.command == "people" else []
    reads, writes = ([path for path in paths if not unnamed.is_waiting(path)] for paths in (reads, writes))
    policy = core_policy(vault=settings.vault, read=reads, write=writes, make=unnamed.folders(), names=beside)
    enforced = enforce(policy)
    if arguments.command != "policy":  # which says what is wrong with one that is refused
        from diary.bootstrap import under_policy

        settings = under_policy(enforced, settings)
    if not enforced.sealed:
        console.warn([UNSEALED if not enforced.offline else PARTLY_SEALED])
    if arguments.command == "demo":
        settings = replace(settings, clinic=replace(settings.clinic, binds=False))
    from diary.cli.context import Context

    context = Context(
        arguments=arguments,
        console=console,
        settings=settings,
        passphrase=passphrase,
        new_passphrase=new_passphrase,
        key_file=key_file,
        emergency=emergency,
        policy=policy,
        enforced=enforced,
    )
    if settings.cache in writes:
        from diary.upkeep import sweep_drill

        sweep_drill(enforced, settings)
    return _command(arguments.command)(context) or 0


def _settings(arguments: argparse.Namespace) -> Settings:
    from diary.settings import load_settings, throw_away

    settings = load_settings(vault=arguments.vault)
    if getattr(arguments, "language", None):
        settings = replace(settings, speech=replace(settings.speech, language=arguments.language))
    if arguments.command == "demo":
        settings = throw_away(settings)
    if arguments.command is None:
        from diary.exchange import settle

        settings = replace(settings, exchange=settle(settings, _make_folder))
    return settings


def _emergency(arguments: argparse.Namespace) -> Emergency | None:
    if arguments.emergency_key is None:
        return None
    from diary.cli.emergency import admitted

    return admitted(arguments)


def _key_file(arguments: argparse.Namespace) -> KeyFile | None:
    if arguments.key_file is None or arguments.command is None:
        return None  # the screen reads it when it is unlocked
    from diary.key_file import read_key_file

    return read_key_file(arguments.key_file)


def _access(arguments: argparse.Namespace, settings: Settings) -> tuple[list[Path], list[Path]]:
    """The paths this command may read and write beside the vault, made before the seal where they must exist.

    :raises diary.errors.VaultMissing: when the command needs a vault and there is none.
    """
    reads = [folder for folder in settings.models if folder.is_dir()]
    writes: list[Path] = []
    command = arguments.command
    if command == "init":
        _make_folder(settings.vault)
    elif command == "demo":
        _make_folder(settings.vault)
        writes.append(settings.cache)
    elif command == "models":
        if arguments.action in ("import", "use", "remove", "exam"):
            _make_folder(settings.models[0])
            writes.append(settings.models[0])
        if arguments.action == "import":
            reads.append(arguments.path.absolute())
    elif command == "voice" and getattr(arguments, "file", None):
        reads.append(arguments.file.absolute())  # tried without a diary
    elif command in ("drill", "restore"):
        pass  # they may be asked for because there is no vault
    elif command not in ("policy", "people") and not settings.vault.is_dir():
        raise VaultMissing(f"There is no diary in {settings.vault} yet.", hint=_hint(settings.vault))
    if command in ("backup", "drill", "restore"):
        from diary.cli.backup_paths import access

        more = access(arguments, settings, _make_folder)
        reads, writes = reads + more[0], writes + more[1]
    if (settings.cache / "drill").is_dir():  # a killed drill's, to be removed behind the seal
        writes.append(settings.cache)
    if command is None:
        # Locking executes the program anew behind the same wall, and it reads its settings again.
        _make_folder(settings.config.parent)
        reads.append(settings.config.parent)
        from diary.exchange import where_documents_are

        reads.append(where_documents_are())
        if settings.exchange is not None:
            writes.append(settings.exchange)
        from diary.cli.backup_paths import of_the_screen

        writes += of_the_screen(settings)
        if arguments.key_file is not None:
            reads.append(arguments.key_file.absolute())
    named = _named(arguments, settings)
    return reads + named[0], writes + named[1]


def _named(arguments: argparse.Namespace, settings: Settings) -> tuple[list[Path], list[Path]]:
    """What may be read and written because it is named on the command line, made where it must exist."""
    command = arguments.command
    writes: list[Path] = []
    if command in ("attach", "open-attachment"):
        from diary.cli.attachment_paths import access

        writes += access(arguments, settings.vault)
    if getattr(arguments, "new_key_file", None):
        from diary.key_file import ready_for_new

        arguments.new_key_file = ready_for_new(arguments.new_key_file, settings.vault)
        writes.append(arguments.new_key_file)
    if getattr(arguments, "salvage", None) and arguments.yes:  # without it, it says what it would do
        from diary.cli.salvage_folder import make_ready as make_salvage_folder

        arguments.salvage = make_salvage_folder(arguments.salvage, settings.vault)
        writes.append(arguments.salvage)
    if command == "plan" and arguments.ics and (arguments.goal or arguments.entry):
        from diary.cli.export_file import make_ready

        writes.append(make_ready(arguments.ics))
    given = [*getattr(arguments, "paths", []), *getattr(arguments, "files", [])]
    if command == "policy":
        from diary.cli.policy_paths import access as of_the_policy

        read, written = of_the_policy(arguments, _make_folder)
        given, writes = given + read, writes + written
    if command == "audit":
        from diary.cli.audit_paths import access as for_the_log

        read, written = for_the_log(arguments)
        given, writes = given + read, writes + written
    return [path.absolute() for path in given], writes


def _hint(vault: Path) -> str:
    """What to do without a vault; a kill between two renames of a restore leaves it under another name."""
    aside = sorted(vault.parent.glob(f"{glob.escape(vault.name)}.before-*"))
    if aside:
        return f"A restore put the one before aside: {aside[-1]}. Rename it back, or restore again."
    return VaultMissing.ELSEWHERE


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"The folder {folder} cannot be made: {error.strerror}. Nothing was changed.",
            hint="Choose another with --vault DIR, or mend its permissions.",
        ) from None


def _command(name: str | None) -> Callable[[Context], int | None]:
    """The function of a command; its module is imported here, inside the seal, and only when it is asked
    for.
    """
    from importlib import import_module

    module, function = _COMMANDS[name]
    command: Callable[[Context], int | None] = getattr(import_module(module), function)
    return command


_COMMANDS: dict[str | None, tuple[str, str]] = {
    None: ("diary.cli.screen", "screen"),
    "init": ("diary.cli.keeping_house", "init"),
    "write": ("diary.cli.entries", "write"),
    "list": ("diary.cli.entries", "list_entries"),
    "read": ("diary.cli.entries", "read"),
    "edit": ("diary.cli.entries", "edit"),
    "delete": ("diary.cli.deleting", "delete"),
    "retention": ("diary.cli.retention_commands", "retention"),
    "deleted": ("diary.cli.deleting", "deleted"),
    "history": ("diary.cli.history", "history"),
    "attach": ("diary.cli.attachment_commands", "attach"),
    "attachments": ("diary.cli.attachment_commands", "list_attachments"),
    "open-attachment": ("diary.cli.attachment_commands", "open_attachment"),
    "detach": ("diary.cli.attachment_commands", "detach"),
    "dictate": ("diary.cli.dictation", "dictate"),
    "voice": ("diary.cli.voice_commands", "voice"),
    "glossary": ("diary.cli.glossary_commands", "glossary"),
    "import": ("diary.cli.words_in", "import_files"),
    "find": ("diary.cli.answers_out", "find"),
    "ask": ("diary.cli.answers_out", "ask"),
    "plan": ("diary.cli.looking_back", "plan"),
    "review": ("diary.cli.looking_back", "review"),
    "backup": ("diary.cli.backup_commands", "backup"),
    "audit": ("diary.cli.audit_commands", "audit"),
    "doctor": ("diary.cli.doctor", "doctor"),
    "drill": ("diary.cli.backup_commands", "drill"),
    "restore": ("diary.cli.backup_commands", "restore"),
    "keys": ("diary.cli.key_commands", "keys"),
    "people": ("diary.cli.people", "people"),
    "models": ("diary.cli.models_commands", "models"),
    "policy": ("diary.cli.policy_commands", "policy"),
    "demo": ("diary.cli.demo", "demo"),
}
