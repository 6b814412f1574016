"""The whole index as arrays, as search reads it. Holds arrays, but imports no numpy until it is used: naming
it costs nothing."""

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
    :ivar moments: int64[n] microseconds since 1970 UTC at which the entry happened.
    :ivar days: int64[n] proleptic ordinal of the entry's local day (`date.toordinal`).
    :ivar blocks: the vectors in the order of the rows, each block int8[m, 2, d]: of header and text, and of
        the previous and the own text; zeros for a passage without vectors. Blocks are never written again, so
        that the table after a change shares all but the changed ones with the table before it.
    :ivar dimensions: d.
    :ivar version: changes whenever the stored passages change.
    """

    ids: NDArray[np.int64]
    entries: NDArray[np.int64]
    moments: NDArray[np.int64]
    days: NDArray[np.int64]
    blocks: tuple[NDArray[np.int8], ...]
    dimensions: int
    version: int

    @property
    def happened(self) -> NDArray[np.int64]:
        """int64[n] seconds since 1970 UTC at which the entry happened; computed anew each time."""
        return self.moments // 1_000_000

    @property
    def own(self) -> NDArray[np.int8]:
        """int8[n, d] vectors of header and text, copied out."""
        return self._vectors(0)

    @property
    def window(self) -> NDArray[np.int8]:
        """int8[n, d] vectors of previous and own text, copied out."""
        return self._vectors(1)

    def _vectors(self, which: int) -> NDArray[np.int8]:
        import numpy as np

        parts = [block[:, which] for block in self.blocks]
        return np.concatenate([*parts, np.zeros((0, self.dimensions), np.int8)])
