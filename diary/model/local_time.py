"""A time on this machine's clock, with the offset of its own day."""

from __future__ import annotations

from datetime import datetime


def on_this_clock(naive: datetime, now: datetime) -> datetime:
    """The naive time made aware: in winter with winter's offset, in summer with summer's.

    :param now: the aware present. When it is not in this machine's zone (a person far from home, a test), its
        offset is taken for all times.
    """
    if now.utcoffset() == now.astimezone().utcoffset():
        return naive.astimezone()
    return naive.replace(tzinfo=now.tzinfo)
