"""What the jobs of the speech engines have in common: they can be stopped, and damage is told by its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed
from ingest.engines.sound import SoundCutOff, SoundDamaged, SoundTooLong

_Item = TypeVar("_Item")


def stoppable(items: Iterable[_Item], cancelled: Callable[[], bool]) -> Iterator[_Item]:
    """The items, until a stop is asked for.

    :raises JobFailed: CANCELLED, then.
    """
    for item in items:
        if cancelled():
            raise JobFailed(FailureCode.CANCELLED)
        yield item


@contextmanager
def damage_told() -> Iterator[None]:
    """Tells what is wrong with a recording as a failure of the job."""
    try:
        yield
    except SoundTooLong as error:
        raise JobFailed(FailureCode.RECORDING_TOO_LONG) from error
    except SoundCutOff as error:
        raise JobFailed(FailureCode.RECORDING_CUT_OFF) from error
    except SoundDamaged as error:
        raise JobFailed(FailureCode.RECORDING_DAMAGED) from error
