"""Images as bytes: which ones are in a request, and how large each would be; pure, and nothing is decoded.

What an image claims of its size is read from its first bytes before any library sees it, so that a few
kilobytes cannot unfold to gigabytes. PNG and JPEG only.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed

MOST_BYTES = 32 * 1024 * 1024
MOST_PIXELS = 64 * 1000 * 1000  # 192 MB decoded; the cameras of telephones make 12 to 50 million
MOST_SIDE = 1 << 15
MOST_IMAGES = 8


def split_images(bulk: bytes, lengths: Sequence[int]) -> list[bytes]:
    """The images in a request.

    :raises JobFailed: when the lengths are not those of the bulk, or an image is none, or too large.
    """
    if len(lengths) > MOST_IMAGES or any(length <= 0 for length in lengths) or sum(lengths) != len(bulk):
        raise JobFailed(FailureCode.NOT_UNDERSTOOD)
    images, start = [], 0
    for length in lengths:
        images.append(bulk[start : start + length])
        start += length
        width, height = dimensions(images[-1])
        if length > MOST_BYTES or max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
            raise JobFailed(FailureCode.IMAGE_TOO_LARGE)
    return images


def dimensions(untrusted_image: bytes) -> tuple[int, int]:
    """Width and height in pixels as a PNG or JPEG says in its head; nothing is decoded.

    :raises JobFailed: IMAGE_DAMAGED when it is neither.
    """
    if untrusted_image[:8] == b"\x89PNG\r\n\x1a\n" and untrusted_image[12:16] == b"IHDR":
        found = struct.unpack_from(">II", untrusted_image.ljust(24, b"\0"), 16)
    elif untrusted_image[:2] == b"\xff\xd8":
        found = _jpeg(untrusted_image)
    else:
        found = (0, 0)
    if not found[0] or not found[1]:
        raise JobFailed(FailureCode.IMAGE_DAMAGED)
    return found[0], found[1]


def _jpeg(untrusted_image: bytes) -> tuple[int, int]:
    """From the first start-of-frame segment (ITU-T T.81, B.2.2); (0, 0) without one."""
    place, found = 2, []
    while place + 9 <= len(untrusted_image) and untrusted_image[place] == 0xFF:
        kind = untrusted_image[place + 1]
        if kind in (0xFF, 0x01) or 0xD0 <= kind <= 0xD7:  # fill bytes, and marks without a segment
            place += 1 if kind == 0xFF else 2
            continue
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", untrusted_image, place + 5)
            found.append((width, height))
        if kind in (0xDA, 0xD9):  # the pixels begin, or the end
            break
        place += 2 + max(2, int.from_bytes(untrusted_image[place + 2 : place + 4], "big"))
    # A file with two frame headers says two things of its size; the larger one is what it may unfold to.
    return max(found, key=lambda size: size[0] * size[1], default=(0, 0))
