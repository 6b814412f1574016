"""A text as its embedder sees it, token by token. Holds arrays, but imports no numpy: naming it costs
nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """The tokens of a text, in order, without the marks that a tokenizer adds; t may be 0.

    :ivar vectors: int8[t, d], each token's contextual vector as round(127·x) of length 1.
    :ivar spans: int64[t, 2], start and end of each token in the text, in characters.
    """

    vectors: NDArray[np.int8]
    spans: NDArray[np.int64]
