"""The whole index as arrays, as search reads it. Holds arrays, but imports no numpy: naming it costs
nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PassageTable:
    """All passages as arrays, in the order (happened, entry, ordinal); row i is passage ids[i].

    :ivar ids: int64[n] passage ids. :ivar entries: int64[n] entry ids.
    :ivar happened: int64[n] seconds since 1970 UTC at which the entry happened.
    :ivar days: int64[n] proleptic ordinal of the entry's local day (`date.toordinal`).
    :ivar own: int8[n, d] vectors of header and text. :ivar window: int8[n, d] of previous and own text.
    :ivar version: changes whenever the stored passages change.
    """

    ids: NDArray[np.int64]
    entries: NDArray[np.int64]
    happened: NDArray[np.int64]
    days: NDArray[np.int64]
    own: NDArray[np.int8]
    window: NDArray[np.int8]
    version: int
