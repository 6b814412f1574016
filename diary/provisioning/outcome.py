"""What a conversion in its own process says of itself."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

_Sentence = Annotated[str, msgspec.Meta(max_length=500)]


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was made, as `diary.provisioning.embedder.Conversion`; or why nothing was.

    :ivar failure, hint: sentences for the reader; empty when all is well.
    """

    precision: Annotated[str, msgspec.Meta(max_length=100)] = ""
    cosine: Annotated[float, msgspec.Meta(ge=-1.01, le=1.01)] = 0.0
    dimensions: Annotated[int, msgspec.Meta(ge=0, le=65536)] = 0
    max_length: Annotated[int, msgspec.Meta(ge=0, le=65536)] = 0
    pooling: Literal["mean", "cls", "max"] = "mean"
    failure: _Sentence = ""
    hint: _Sentence = ""
