"""The routes that go around the standard library: the C library, bare system calls, other call tables,
io_uring.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import struct
from collections.abc import Callable

from policies.kernel import _libc, prctl
from policies.kernel.syscalls import X32_BIT, X86_64, number
from policies.probes.attempt import Refused, Route, Unavailable
from policies.probes.sockets import listener

_AF_INET, _SOCK_STREAM = 2, 1


def address_v4(port: int) -> bytes:
    """struct sockaddr_in of 127.0.0.1."""
    return struct.pack("=H", _AF_INET) + struct.pack("!H", port) + socket.inet_aton("127.0.0.1") + b"\0" * 8


def call(name: str, *arguments: int | bytes | bytearray | None) -> int:
    """A bare system call on this machine; OSError as the kernel says."""
    wanted = number(name, os.uname().machine)
    if wanted is None:
        raise Unavailable(f"not available on this machine: {name}")
    return _libc.syscall(wanted, *arguments)


def _through(by: str, answer: int) -> str:
    """The words for a way that led to an internet socket; with one, datagrams leave even so."""
    if answer in (0, -errno.ECONNREFUSED):
        return f"connected by {by}"
    return f"an internet socket was made by {by}; connecting said {errno.errorcode.get(-answer, answer)}"


def _ctypes_tcp() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    _server, port = listener()
    descriptor = libc.socket(_AF_INET, _SOCK_STREAM, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "socket")
    where = address_v4(port)
    answer = 0 if libc.connect(descriptor, where, len(where)) == 0 else -ctypes.get_errno()
    return _through("the C library", answer)


def _raw_syscall() -> str:
    _server, port = listener()
    where = address_v4(port)
    descriptor = call("socket", _AF_INET, _SOCK_STREAM, 0)
    try:
        answer = call("connect", descriptor, where, len(where))
    except OSError as error:
        answer = -(error.errno or 0)
    return _through("bare system calls", answer)


def _x32() -> str:
    if os.uname().machine != X86_64:
        raise Unavailable("not available on this machine: x32 calls")
    wanted = number("socket", X86_64)
    assert wanted is not None  # noqa: S101 - for the type checker
    try:
        descriptor = _libc.syscall(X32_BIT | wanted, _AF_INET, _SOCK_STREAM, 0)
    except OSError as error:
        if error.errno == errno.ENOSYS and prctl.seccomp_mode() != prctl.SECCOMP_MODE_FILTER:
            raise Unavailable("not available on this kernel: built without x32") from error
        raise
    return f"socket {descriptor} by x86-64's second call table"


# --- The 32-bit door of a 64-bit kernel -------------------------------------------------------------------

_I386_SOCKET, _I386_CONNECT = 359, 362
_MAP_32BIT = 0x40


def _machine_code() -> bytes:
    """int32 (number, ebx, ecx, edx) in the x86-64 convention: move the registers over, `int 0x80`, return
    eax.
    """
    return bytes.fromhex(
        "53"  # push rbx
        "89f8"  # mov eax, edi
        "89f3"  # mov ebx, esi
        "4189c8"  # mov r8d, ecx
        "89d1"  # mov ecx, edx
        "4489c2"  # mov edx, r8d
        "cd80"  # int 0x80
        "5b"  # pop rbx
        "c3"  # ret
    )


def _int80() -> str:
    if os.uname().machine != X86_64:
        raise Unavailable("not available on this machine: 32-bit calls")
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_32BIT, prot=protection)
    _server, port = listener()
    code, where = _machine_code(), address_v4(port)
    page[: len(code)] = code
    page[2048 : 2048 + len(where)] = where
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    function: Callable[[int, int, int, int], int] = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int
    )(start)
    descriptor = function(_I386_SOCKET, _AF_INET, _SOCK_STREAM, 0)
    if descriptor < 0:
        raise OSError(-descriptor, "socket by int 0x80")
    return _through("32-bit calls", function(_I386_CONNECT, descriptor, start + 2048, len(where)))


# --- io_uring ---------------------------------------------------------------------------------------------

_OP_CONNECT, _OP_SOCKET = 16, 45
_PARAMS_BYTES, _ENTRY_BYTES, _COMPLETION_BYTES = 120, 64, 16
_SQ_OFFSETS, _CQ_OFFSETS = 40, 80  # in struct io_uring_params
_RING_AT, _COMPLETIONS_AT, _ENTRIES_AT = 0, 0x8000000, 0x10000000
_ENTER_GETEVENTS = 1


class _Ring:
    """The smallest ring: one operation is submitted, and its completion read."""

    def __init__(self) -> None:
        params = bytearray(_PARAMS_BYTES)
        self._descriptor = call("io_uring_setup", 4, params)
        entries, completions = struct.unpack_from("II", params)
        _, self._tail, self._mask, _, _, _, self._array = struct.unpack_from("7I", params, _SQ_OFFSETS)
        self._head_c, self._tail_c, self._mask_c, _, _, self._cqes = struct.unpack_from(
            "6I", params, _CQ_OFFSETS
        )
        self._submit = mmap.mmap(self._descriptor, self._array + 4 * entries, offset=_RING_AT)
        self._complete = mmap.mmap(
            self._descriptor, self._cqes + _COMPLETION_BYTES * completions, offset=_COMPLETIONS_AT
        )
        self._entries = mmap.mmap(self._descriptor, _ENTRY_BYTES * entries, offset=_ENTRIES_AT)

    def perform(self, operation: int, descriptor: int, address: int, length: int, offset: int) -> int:
        """One operation; its result, negative errno on failure."""
        tail = self._word(self._submit, self._tail)
        slot = tail & self._word(self._submit, self._mask)
        entry = struct.pack("=BBHiQQII", operation, 0, 0, descriptor, offset, address, length, 0)
        self._entries[slot * _ENTRY_BYTES : (slot + 1) * _ENTRY_BYTES] = entry.ljust(_ENTRY_BYTES, b"\0")
        struct.pack_into("=I", self._submit, self._array + 4 * slot, slot)
        struct.pack_into("=I", self._submit, self._tail, tail + 1)
        call("io_uring_enter", self._descriptor, 1, 1, _ENTER_GETEVENTS, None, 0)
        head = self._word(self._complete, self._head_c)
        at = self._cqes + _COMPLETION_BYTES * (head & self._word(self._complete, self._mask_c))
        struct.pack_into("=I", self._complete, self._head_c, head + 1)
        _, result = struct.unpack_from("=Qi", self._complete, at)
        return int(result)

    @staticmethod
    def _word(memory: mmap.mmap, at: int) -> int:
        return int(struct.unpack_from("=I", memory, at)[0])


def _io_uring() -> str:
    ring = _Ring()
    _server, port = listener()
    descriptor = ring.perform(_OP_SOCKET, _AF_INET, 0, 0, _SOCK_STREAM)
    if descriptor == -errno.EINVAL:
        raise Refused("not available on this kernel: io_uring makes no sockets")
    if descriptor < 0:
        raise OSError(-descriptor, "io_uring socket")
    where = ctypes.create_string_buffer(address_v4(port), 16)
    answer = ring.perform(_OP_CONNECT, descriptor, ctypes.addressof(where), 0, 16)
    return _through("a submission queue", answer)


ROUTES: dict[str, Route] = {
    "ctypes_tcp": _ctypes_tcp, "raw_syscall": _raw_syscall, "int80": _int80, "x32": _x32,
    "io_uring": _io_uring,
}  # fmt: skip
