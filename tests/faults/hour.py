"""An hour of somebody's use, in sittings, on a disk that may refuse anything.

Each sitting is a process of its own, from unlocking to locking; some are commands. A step that is refused is
told in a sentence and nothing of it is kept, and the person goes on with the next.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection

from tests.faults import hour_commands as commands
from tests.faults import hour_steps as steps
from tests.faults.hour_facts import Facts, Hour, Refusal, require_facts
from tests.faults.worlds import World


def writing(hour: Hour) -> None:
    """Typing, with drafts at every pause, an edit, and the index that catches up."""
    if (vault := hour.opened()) is None:
        return
    for number in range(3):
        text = f"An hour of {number} words. sleep:: 6h30m"
        hour.step(partial(steps.draft, vault, text[:10]))
        hour.step(partial(steps.add, vault, text, days=200 + len(hour.facts)))
    hour.step(partial(steps.discard_draft, vault))
    hour.step(partial(steps.revise, vault, hour.known("entry")[0], "Other words than before."))
    hour.step(partial(steps.index, vault))
    vault.close()


def speaking(hour: Hour) -> None:
    """A recording that becomes an entry, and one that is interrupted."""
    if (vault := hour.opened()) is None:
        return
    for interrupted in (False, True):
        if not hour.step(partial(steps.begin, vault, hour)):
            continue
        spool = hour.known("unsaved")[-1]
        said = b""
        for number in range(4):
            piece = number.to_bytes(4, "big") * 4_000
            if hour.step(partial(steps.append, hour, spool, said + piece, piece)):
                said += piece
        if not interrupted:
            hour.step(partial(steps.save, vault, spool, said))
    vault.close()


def commanding(hour: Hour) -> None:
    """Commands, each a process."""
    hour.step(partial(commands.write, hour))
    entries = hour.known("entry")
    hour.step(partial(commands.star, hour, entries[1]))
    hour.step(partial(commands.delete, hour, entries[2]))
    hour.step(partial(commands.term, hour))


def filing(hour: Hour) -> None:
    """Files put with an entry, and one that goes."""
    if (vault := hour.opened()) is None:
        return
    for number in range(2):
        hour.step(partial(steps.attach, vault, hour.known("entry")[number]))
    for one in hour.known("attachment")[:1]:
        hour.step(partial(steps.detach, vault, one))
    vault.close()


def importing(hour: Hour) -> None:
    """Another diary's entries, the index, and an import that is taken back."""
    if (vault := hour.opened()) is None:
        return
    for source in ("one", "two"):
        hour.step(partial(steps.import_some, vault, source))
    hour.step(partial(steps.index, vault))
    for batch in hour.known("batch")[:1]:
        hour.step(partial(steps.undo, vault, hour, batch))
    vault.close()


def backing_up(hour: Hour) -> None:
    """Backups on the same disk: by command, into a folder with rotation."""
    hour.step(partial(commands.back_up, hour))
    hour.step(partial(commands.back_up, hour))


def keeping_keys(hour: Hour) -> None:
    """A key file more, and a new vault key; the recovery code is not used up by a refusal."""

    for spool in hour.known("unsaved"):
        hour.step(partial(steps.throw_away, hour, spool))
    hour.step(partial(steps.add_key, hour))
    hour.step(partial(steps.rotate, hour))


def tidying(hour: Hour) -> None:
    """What is not wanted goes: an entry, one with its recording, a recording, an unsaved one."""
    if (vault := hour.opened()) is None:
        return
    voices = hour.known("sound")
    chosen = [number for number in hour.known("entry") if number not in voices][:1] + voices[:1]
    for number in chosen:
        hour.step(partial(steps.delete, vault, number))
    for number in [one for one in hour.known("entry") if one not in voices][1:2]:
        hour.step(partial(steps.take_out, vault, number)) and hour.step(
            partial(steps.bring_back, vault, number)
        )
    for number in voices[1:]:
        hour.step(partial(steps.forget_sound, vault, number))
    for spool in hour.known("unsaved"):
        hour.step(partial(steps.discard, vault, spool))
    vault.close()


MOST_THAT_FITS = 100
"""Of so long entries, beside the ballast."""

SITTINGS: tuple[Callable[[Hour], None], ...] = (
    *(writing, speaking, filing, commanding, importing, tidying, backing_up, keeping_keys, writing),
)


def sit(number: int, world: World, facts: Facts, tell: Connection, hear: Connection) -> None:
    """One sitting; tell what is true after it, and what was refused."""
    _report(tell, hear, lambda: _sat(number, world, facts))


def read_and_delete(world: World, facts: Facts, tell: Connection, hear: Connection) -> None:
    """Open the diary on a disk that is full still, read all of it, delete an entry; tell the same."""
    _report(tell, hear, lambda: _read_and_deleted(world, facts))


def fill_up_and_delete(world: World, facts: Facts, tell: Connection, hear: Connection) -> None:
    """On a full disk, write until it is refused, delete, write; twice, in each of two sittings; tell it."""
    _report(tell, hear, lambda: _filled_up(world, facts))


def _filled_up(world: World, facts: Facts) -> tuple[Facts, list[Refusal]]:
    hour = Hour(world, facts)
    for _ in range(2):
        vault = world.opened()
        for _ in range(2):
            written = 0
            while hour.step(partial(steps.add, vault, "many words " * 20_000, days=600 + written)):
                written += 1
                assert written < MOST_THAT_FITS
            told = len(hour.refusals)
            for number in hour.known("entry")[:1]:
                assert hour.step(partial(steps.delete, vault, number)), hour.refusals[told:]
            assert hour.step(partial(steps.add, vault, "A few words.", days=700)), hour.refusals[told:]
        require_facts(vault, hour.facts)
        vault.close()
    return hour.facts, hour.refusals


def _report(tell: Connection, hear: Connection, act: Callable[[], tuple[Facts, list[Refusal]]]) -> None:
    hear.recv()
    try:
        tell.send(act())
    except BaseException:
        tell.send(traceback.format_exc())
    hear.recv()


def _sat(number: int, world: World, facts: Facts) -> tuple[Facts, list[Refusal]]:
    hour = Hour(world, facts)
    SITTINGS[number](hour)
    return hour.facts, hour.refusals


def _read_and_deleted(world: World, facts: Facts) -> tuple[Facts, list[Refusal]]:
    hour = Hour(world, facts)
    vault = world.opened()
    require_facts(vault, facts)
    for number, remove in zip(hour.known("entry"), (steps.take_out, steps.delete), strict=False):
        assert hour.step(partial(remove, vault, number)), hour.refusals
    require_facts(vault, hour.facts)
    vault.close()
    return hour.facts, hour.refusals
