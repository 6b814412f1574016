"""Whether a sound file's own headers say that its end is missing; pure.

FFmpeg plays what is there of a cut-off WAV or Ogg and says nothing. A diary must say something: half a
recording kept in silence is a recording lost. Only what the headers prove is called cut off: a length of 0 or
2^32 - 1 in a WAV means that the recorder streamed, and an Ogg that ends between two pages is how a crashed
recorder leaves it.
"""

from __future__ import annotations

UNKNOWN = 0xFFFF_FF00
"""Writers to a pipe put 2^32 - 1, or nearly, where the length would stand."""


def cut_off(untrusted_sound: bytes, reader: str) -> bool:
    """True when the headers of a `wav` or `ogg` file promise bytes that are not there."""
    if reader == "wav":
        return _wav_cut_off(untrusted_sound)
    if reader == "ogg":
        return _ogg_cut_off(untrusted_sound)
    return False


def knows_length(untrusted_sound: bytes, reader: str) -> bool:
    """Whether the length FFmpeg tells is written in the file; for some kinds it guesses by bit rate."""
    if reader in ("aac", "amr"):
        return False
    if reader != "mp3":
        return True
    start = 0
    if untrusted_sound[:3] == b"ID3" and len(untrusted_sound) >= 10:
        a, b, c, d = untrusted_sound[6:10]  # a number of 28 bits, seven in each byte
        start = 10 + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | d & 127)
    first_frame = untrusted_sound[start : start + 2048]
    return any(mark in first_frame for mark in (b"Xing", b"Info", b"VBRI"))


def _wav_cut_off(untrusted_sound: bytes) -> bool:
    if untrusted_sound[:4] == b"RF64":
        return False
    at = 12
    while at + 8 <= len(untrusted_sound):
        size = int.from_bytes(untrusted_sound[at + 4 : at + 8], "little")
        if untrusted_sound[at : at + 4] == b"data":
            return 0 < size < UNKNOWN and at + 8 + size > len(untrusted_sound)
        at += 8 + size + (size & 1)
    return True


def _ogg_cut_off(untrusted_sound: bytes) -> bool:
    at = untrusted_sound.rfind(b"OggS")
    head = untrusted_sound[at : at + 27]
    if len(head) < 27:
        return True
    table = untrusted_sound[at + 27 : at + 27 + head[26]]
    return len(table) < head[26] or at + 27 + head[26] + sum(table) > len(untrusted_sound)
