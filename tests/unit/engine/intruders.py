"""Services that attack: they look into other processes, or flood the pipe that nobody asked them to use."""

from __future__ import annotations

import ctypes
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from diary.engine.messages import Done, Generate, Piece, ResponseFrame, Result, Work


class Spy:
    """Tries to look into the process whose number is the order; says the error of each way, or `done`."""

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        assert isinstance(work, Generate)
        other = int(work.turns[0].content)
        for way in (_read_memory, _read_environment, _read_memory_by_call, _trace, _signal):
            try:
                way(other)
            except OSError as error:
                yield Piece(f"{way.__name__} {error.errno}")
            else:
                yield Piece(f"{way.__name__} done")


class Flood:
    """Sends words without end from its first moment, while the diary still sends a file."""

    def __init__(self) -> None:
        threading.Thread(target=_flood, daemon=True).start()

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        yield Done()


def serve_a_spy(paths: list[Path]) -> Spy:
    return Spy()


def serve_a_flood(paths: list[Path]) -> Flood:
    return Flood()


def serve_an_answer_before_it_is_ready(paths: list[Path]) -> Spy:
    """To the first job, which the diary has not sent yet."""
    for said in (Piece("early"), Done()):
        body = msgspec.msgpack.encode(ResponseFrame(1, said))
        for number in filter(_is_pipe, range(3, 20)):
            with suppress(OSError):  # the one that is read from
                os.write(number, len(body).to_bytes(4, "big") + body)
    return Spy()


def _flood() -> None:
    body = msgspec.msgpack.encode(ResponseFrame(0, Piece("x" * 100_000)))
    frame = len(body).to_bytes(4, "big") + body
    pipes = [number for number in range(3, 20) if _is_pipe(number)]
    while True:
        for number in pipes:
            with suppress(OSError):  # the one that is read from
                os.write(number, frame)


def _is_pipe(number: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


def _read_memory(other: int) -> None:
    Path(f"/proc/{other}/mem").open("rb").close()


def _read_environment(other: int) -> None:
    Path(f"/proc/{other}/environ").read_bytes()


def _read_memory_by_call(other: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    here = ctypes.create_string_buffer(8)
    words = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8)
    if libc.process_vm_readv(other, words, 1, words, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def _trace(other: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    attach = 16
    if libc.ptrace(attach, other, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def _signal(other: int) -> None:
    os.kill(other, 0)
