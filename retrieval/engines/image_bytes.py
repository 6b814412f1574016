"""Images as bytes: which ones are in a request, and how large each would be; pure, and nothing is decoded.

What an image claims of its size is read from its first bytes before any library sees it, so that a few
kilobytes cannot unfold to gigabytes. PNG and JPEG only.
"""

from __future__ import annotations

from collections.abc import Sequence

from diary.engine.messages import FailureCode
from diary.engine.service import JobFailed
from diary.pictures import JPEG, PNG, pixels

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
    found = pixels(untrusted_image) if untrusted_image.startswith((PNG, JPEG)) else None
    if found is None:
        raise JobFailed(FailureCode.IMAGE_DAMAGED)
    return found
