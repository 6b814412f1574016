"""The only place that calls the C library: raw system calls by number, and the few wrappers around them.

Rules: a failing call raises OSError with its errno; nothing here decides anything.
"""

from __future__ import annotations

import ctypes
import os

if os.name == "posix":
    _LIBC = ctypes.CDLL(None, use_errno=True)
    _LIBC.syscall.restype = ctypes.c_long
# Elsewhere there is none to load, and nothing here is called: the wall refuses before, in a sentence.

SOL_SOCKET = 1
SO_DOMAIN = 39


def syscall(number: int, *arguments: int | bytes | bytearray | None) -> int:
    """Make one system call; integers go as C long, bytes as a pointer to a copy, a bytearray in place, None
    as NULL.

    :raises OSError: with the kernel's errno.
    """
    # c_long wraps values above 2**63 into the same register pattern.
    converted = [_argument(value) for value in arguments]
    result = int(_LIBC.syscall(ctypes.c_long(number), *converted))
    if result < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return result


def _argument(value: int | bytes | bytearray | None) -> object:
    if value is None:
        return ctypes.c_void_p(0)
    if isinstance(value, int):
        return ctypes.c_long(value)
    if isinstance(value, bytearray):
        return (ctypes.c_char * len(value)).from_buffer(value)
    return ctypes.c_char_p(value)


def prctl(option: int, second: int = 0) -> int:
    """Process control with the unused arguments zero, as the newer options demand.

    :raises OSError: with the kernel's errno.
    """
    zero = ctypes.c_ulong(0)
    result = int(_LIBC.prctl(ctypes.c_int(option), ctypes.c_ulong(second), zero, zero, zero))
    if result < 0:
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return result


def address_of(data: bytearray) -> int:
    """Where the bytes lie; valid while the bytearray lives and keeps its length."""
    return ctypes.addressof((ctypes.c_char * len(data)).from_buffer(data))


def socket_family(descriptor: int) -> int:
    """The address family of a socket that is already open.

    :raises OSError: ENOTSOCK when the descriptor is none.
    """
    family, length = ctypes.c_int(0), ctypes.c_uint(4)
    if _LIBC.getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, ctypes.byref(family), ctypes.byref(length)):
        number_of_error = ctypes.get_errno()
        raise OSError(number_of_error, os.strerror(number_of_error))
    return family.value
