"""An interpreter for the filter programs, so that a machine's table can be tested on another machine."""

from __future__ import annotations

import struct

ALLOW = 0x7FFF0000
_ERRNO = 0x00050000


def judge(program: bytes, *, arch: int, number: int, arguments: tuple[int, ...] = ()) -> int | None:
    """What the kernel would answer to a call: an errno, or None when it is allowed.

    :raises AssertionError: for an instruction or a jump that the kernel's own check would not accept.
    """
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number & 0x7FFFFFFF, arch, 0, *(value & (2**64 - 1) for value in padded))
    code = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator, position = 0, 0
    while True:
        operation, then, otherwise, operand = code[position]
        position += 1
        match operation:
            case 0x20:
                assert operand % 4 == 0 and operand < len(data)
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x15:
                position += then if accumulator == operand else otherwise
            case 0x25:
                position += then if accumulator > operand else otherwise
            case 0x35:
                position += then if accumulator >= operand else otherwise
            case 0x45:
                position += then if accumulator & operand else otherwise
            case 0x06:
                assert operand == ALLOW or operand & 0xFFFF0000 == _ERRNO
                return None if operand == ALLOW else operand & 0xFFFF
            case _:
                raise AssertionError(f"unknown instruction {operation:#x}")
