"""keys: list, add, change, remove, rotate. The ways into the vault; no entry is read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from diary.bootstrap import KeyRing, open_keys
from diary.cli.consent import agreed
from diary.cli.context import Context
from diary.cli.keeping_house import CodeNotShown, code_not_shown
from diary.cli.waiting import answered
from diary.cli.wording import day_words
from diary.errors import DiaryError
from diary.model.emergency import EmergencyUse, use_words
from diary.model.key import Key, KeyKind, Rotated

_NAMES = {
    KeyKind.PASSPHRASE: "passphrase",
    KeyKind.RECOVERY_CODE: "recovery code",
    KeyKind.KEY_FILE: "key file",
    KeyKind.BREAK_GLASS: "emergency access of the clinic",
}
_OLD_COPIES = (
    "Copies of the vault made before, backups too, still open with what you took away, and with such a copy "
    "so does what you write later. If somebody may have both, make a new vault key: diary keys rotate"
)


def keys(context: Context) -> None:
    """Run one action."""
    try:
        with _open(context) as ring:
            _ACTIONS[context.arguments.action](context, ring)
    except DiaryError as error:
        file = getattr(context.arguments, "new_key_file", None)
        if file is None or not file.is_file() or file.stat().st_size:
            raise
        # Where files need a name it had to be there before the seal, behind which it cannot be removed.
        left = f"The file {file} is empty and opens nothing: remove it, or name it again."
        raise type(error)(error.message, hint=f"{error.hint} {left}".strip()) from None


@contextmanager
def _open(context: Context) -> Iterator[KeyRing]:
    with context.unlocked(lambda secret: open_keys(context.enforced, context.settings, secret)) as ring:
        context.console.warn(ring.warnings())
        yield ring


def _list(context: Context, ring: KeyRing) -> None:
    found, uses = ring.all(), _emergency_uses(ring)
    context.console.document(
        {
            "keys": [key_document(key) for key in found],
            "emergency_uses": None if uses is None else [asdict(use) for use in uses],
        }
    )
    for key in found:
        context.console.raw(f"{key.number:>3}  {key.id}  {_line(key)}")
    if uses is None:
        context.console.say("Whether emergency access was used cannot be read: see diary doctor.")
    for use in uses or ():
        context.console.say(f"Emergency access was used: {use_words(use)}.")


def _emergency_uses(ring: KeyRing) -> list[EmergencyUse] | None:
    """None where the database cannot be read: the ways in are listed all the same."""
    try:
        return ring.emergency_uses()
    except DiaryError:
        return None


def key_document(key: Key) -> dict[str, Any]:
    """A way into the vault as the contract gives it."""
    cost = key.cost
    return {
        "number": key.number,
        "id": key.id,
        "kind": key.kind,
        "made": key.made and key.made.isoformat(),
        "label": key.label,
        "kdf": cost
        and {
            "name": "argon2id",
            "memory_kib": cost.memory_kib,
            "iterations": cost.iterations,
            "lanes": cost.lanes,
        },
        "in_use": key.in_use,
        "sealed_to": key.sealed_to,
    }


def _line(key: Key) -> str:
    return "  ".join((f"{_kind(key):<14}", *_about(key)))


def _about(key: Key) -> list[str]:
    cost = ""
    if key.cost:
        passes = "1 pass" if key.cost.iterations == 1 else f"{key.cost.iterations} passes"
        cost = f"Argon2id, {key.cost.memory_kib // 1024} MiB, {passes}"
    parts = (
        f"made {day_words(key.made.date())}" if key.made else "",
        cost,
        f"its key begins with {key.sealed_to[:16]}" if key.sealed_to else "",
        _called(key).strip(),
        "opened the vault now" if key.in_use else "",
    )
    return [part for part in parts if part]


def _kind(key: Key) -> str:
    return _NAMES.get(KeyKind(key.kind), key.kind) if key.kind in set(KeyKind) else f"unknown ({key.kind})"


def _add(context: Context, ring: KeyRing) -> None:
    arguments, console = context.arguments, context.console
    code = file = None
    new = False
    if arguments.recovery:
        key, code = ring.add_recovery_code(label=arguments.label)
    elif arguments.new_key_file is not None:
        from diary.key_file import fill_or_read

        file = arguments.new_key_file
        content, new = fill_or_read(file)
        key = ring.add_key_file(content, label=arguments.label)
    else:
        key = ring.add_passphrase(_new_passphrase(context), label=arguments.label)
    document = {
        "key": key_document(key),
        "recovery_code": code,
        "key_file": None if file is None else {"path": str(file), "new": new},
    }
    if code is not None:
        with _taken_back_unless_shown(ring, key):
            console.document(document)
            console.say(f"Key {key.number} is new: {_kind(key)}.")
            _say_code(context, code)
        return
    console.document(document)
    console.say(f"Key {key.number} is new: {_kind(key)}.")
    if file is not None:
        _say_file(context, new)


@contextmanager
def _taken_back_unless_shown(ring: KeyRing, key: Key) -> Iterator[None]:
    """A code that nobody has read must open nothing: somebody else might find it where the output went."""
    try:
        yield
    except OSError:
        ring.remove(key.id)
        raise CodeNotShown(
            "The recovery code could not be shown, so it was taken away again. Nothing was changed.",
            hint="Try again, with the output on a terminal.",
        ) from None


def _say_code(context: Context, code: str) -> None:
    console = context.console
    console.say()
    console.raw(f"    {code}")
    console.say()
    console.say("Write it on paper and keep it safe. It is shown only now, and nobody can make it again.")


def _say_file(context: Context, new: bool) -> None:
    from diary.key_file import others_may_read

    file, console = context.arguments.new_key_file, context.console
    console.say(
        f"{'Random bytes were written to it. ' if new else ''}Open the vault with: diary --key-file {file}"
    )
    console.say(
        "Whoever has this file and the vault's folder can read everything: keep them apart, and the file out "
        "of the vault's backups. If one byte of it changes, it opens nothing."
    )
    if not new:
        console.note(
            "This file was there before: whoever thinks of trying it opens the vault. Nobody finds one that "
            "is made, with random bytes: name a file that is not there yet."
        )
    if others_may_read(file):
        console.note("Other users of this machine may read this file. Change that with: chmod 600")


def _change(context: Context, ring: KeyRing) -> None:
    arguments, console = context.arguments, context.console
    ring.changeable(arguments.key)  # before the person thinks of a new one
    key = ring.change(arguments.key, _new_passphrase(context))
    console.document({"key": key_document(key)})
    console.say(f"Key {key.number} has a new passphrase.")
    console.note(_OLD_COPIES)


def _remove(context: Context, ring: KeyRing) -> None:
    console = context.console
    key = ring.removable(context.arguments.key)
    if key.in_use:
        console.note("This one opened the vault now; you need another one the next time.")
    if not agreed(context, f"Remove key {key.number}: {', '.join((_kind(key), *_about(key)))}?"):
        return
    ring.remove(key.id)
    console.document({"removed": key_document(key), "keys": [key_document(one) for one in ring.all()]})
    console.say(f"Key {key.number} is removed: {', '.join((_kind(key), *_about(key)))}.")
    left = ring.all()
    if any(one.number >= key.number for one in left):
        console.say("Numbers are others now, for those that came after it:")
        for one in left:
            console.raw(f"{one.number:>3}  {one.id}  {_line(one)}")
    if not any(one.kind == KeyKind.RECOVERY_CODE for one in left):
        console.note("There is no recovery code now. Make one with: diary keys add --recovery")
    console.note(_OLD_COPIES)


def _rotate(context: Context, ring: KeyRing) -> None:
    from diary.cli.keys import Interrupts

    console = context.console
    _prove_passphrases(context, ring)
    kept, dropped = ring.kept_by_rotation()
    console.say("Everything is encrypted anew under a new vault key. This opens the vault after:")
    for key in kept:
        console.raw(f"{key.number:>3}  {_line(key)}")
    console.say("and a new recovery code, which is printed at the end. The old one opens nothing then.")
    if any(key.kind == KeyKind.BREAK_GLASS for key in ring.all()):
        console.say("The clinic's emergency access is made anew, as its policy asks.")
    if dropped:
        console.say("These are dropped, since their secrets are not at hand; they can be added again:")
    for key in dropped:
        console.raw(f"{key.number:>3}  {_line(key)}")
    if not agreed(context, "Make a new vault key?", kept="Nothing was changed."):
        return
    with Interrupts() as interrupts:
        done = ring.rotate(report=console.progress, cancelled=interrupts.came)
    _say_rotated(context, ring, done)


def _prove_passphrases(context: Context, ring: KeyRing) -> None:
    """Those that are not in use are kept when they are given, too: asked for at a terminal, or in the file
    that came with a key file.
    """
    others = [key for key in ring.all() if key.kind == KeyKind.PASSPHRASE and not key.in_use]
    if not context.passphrase.interactive:
        if context.key_file is not None and others:
            ring.prove(context.passphrase.ask())
        return
    if not sys.stdin.isatty() or context.arguments.yes or context.console.json:
        return
    for key in others:
        prompt = f"Passphrase {key.number}{_called(key)}, to keep it; Enter drops it: "
        if given := answered(context.settings.clinic, partial(context.passphrase.ask, prompt)):
            ring.prove(given)


def _new_passphrase(context: Context) -> str:
    ask = partial(context.ask_new, context.new_passphrase)
    return answered(context.settings.clinic, ask)


def _called(key: Key) -> str:
    return f" “{key.label}”" if key.label else ""


def _say_rotated(context: Context, ring: KeyRing, done: Rotated) -> None:
    try:
        _say_new_key(context, done)
    except OSError:
        told = "The vault has a new key, and the ways in that were kept open it."
        raise code_not_shown(ring, told) from None


def _say_new_key(context: Context, done: Rotated) -> None:
    console = context.console
    console.document(
        {
            "keys": [key_document(key) for key in done.kept],
            "dropped": [key_document(key) for key in done.dropped],
            "recovery_code": done.recovery_code,
            "files": done.files,
            "damaged_files": done.damaged,
        }
    )
    console.say("The vault has a new key. Your new recovery code:")
    _say_code(context, done.recovery_code)
    if done.files:
        console.say(f"{_files(done.files)} encrypted anew, each under a new key.")
    if done.damaged:
        console.say(f"{_files(done.damaged)} damaged and left as found.")
    console.note(
        "Copies made before, backups too, still open with the old passphrases and codes. Make a new backup"
        + (
            "; the old ones stay for as long as the clinic's policy lets nothing be erased."
            if context.settings.clinic.legal_hold
            else ", and destroy the old ones."
        )
    )


def _files(count: int) -> str:
    return "1 recording or attachment was" if count == 1 else f"{count} recordings and attachments were"


_ACTIONS = {"list": _list, "add": _add, "change": _change, "remove": _remove, "rotate": _rotate}
