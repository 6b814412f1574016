"""What retrieval needs from the world: vectors, a passage index, a language model.

The vault and the engine clients satisfy these structurally; the fakes in `tests/fakes` do too, and both pass
the suites in `tests/contracts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from diary.model.embedded_text import EmbeddedText
from diary.model.entry import Entry, EntryFilter, EntryId
from diary.model.observation import Observation
from diary.model.passage import IndexedEntry, Passage, PassageDraft, PassageId
from diary.model.passage_table import PassageTable as PassageTable
from diary.model.time_range import TimeRange

if TYPE_CHECKING:  # whoever only writes an entry need not wait for numpy
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns text into vectors. Satisfied by `diary.engine.embedder.EngineEmbedder`."""

    @property
    def model(self) -> str:
        """Identity of the model (name and file hash); an index made by another model is made again."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised vectors, shape [len(texts), dimensions].

        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...


class TokenEmbedder(Protocol):
    """Turns text into one vector for each token, for late interaction. Satisfied by
    `diary.engine.embedder.EngineEmbedder`.
    """

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        """The tokens of each text, in the order of the texts; of a long text the first hundred or so.

        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...


class TextEmbedder(Embedder, TokenEmbedder, Protocol):
    """One embedder gives the vectors of texts and of their tokens."""


class ObservationReader(Protocol):
    """Reads observations. Satisfied by `diary.vault.observations.Observations`.

    Those of rough drafts of recordings are left out: nobody has confirmed them.
    """

    def keys(self) -> dict[str, int]:
        """Every key in the diary, and how many observations it has; most used first."""
        ...

    def observations(self, key: str, within: TimeRange | None = None) -> list[Observation]:
        """The observations of a key, in order of time; all their parts."""
        ...


class PassageIndex(Protocol):
    """Reads the index. Satisfied by `diary.vault.passages.Passages`."""

    @property
    def version(self) -> int:
        """Changes whenever passages are added, replaced or deleted; cheap to read."""
        ...

    @property
    def models(self) -> tuple[str, ...]:
        """The models there are vectors of: the one that serves, then the one that is to follow it."""
        ...

    def table(self, model: str | None = None) -> PassageTable:
        """All passages as arrays, with the vectors of a model; None: of the one that serves.

        The first is read from the disk; a later one shares with it what has not changed.
        """
        ...

    def matches(
        self, expression: str, *, limit: int, among: str | None = None
    ) -> list[tuple[PassageId, float]]:
        """Full-text matches of an FTS5 expression over (body, context), best first, score > 0.

        The score is -bm25(1.0, 0.3): header and text weigh 1, the neighbours' text 0.3.

        :param among: an expression; passages that do not match it too are passed over, and not ranked.
        """
        ...

    def frequency(self, word: str) -> int:
        """In how many passages a word of letters and digits stands, or right beside them, by its stem; words
        with a space between them one after the other.
        """
        ...

    def passages(self, ids: Sequence[PassageId]) -> list[Passage]:
        """The passages with these ids, in this order; ids that are gone are left out."""
        ...

    def matching(self, chosen: EntryFilter) -> list[EntryId]:
        """The entries that a filter lets through, by number; for a search among them."""
        ...


class IndexWriter(Protocol):
    """Writes the index. Satisfied by `diary.vault.passages.Passages`."""

    def use_model(self, model: str, dimensions: int) -> None:
        """Name the embedding model. The first serves at once and makes every entry pending; another is filled
        beside it (`renewal`), and the one before serves until that is finished.
        """
        ...

    def pending(self, *, limit: int) -> list[Entry]:
        """Entries whose newest revision is not indexed yet, earliest happened first."""
        ...

    def adjacent(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """The entries just before and just after in the order (happened, id)."""
        ...

    def replace(
        self,
        entry: Entry,
        passages: Sequence[PassageDraft],
        *,
        stale: Sequence[EntryId] = (),
        model: str | None = None,
    ) -> None:
        """Put these passages in the place of the entry's, mark that revision indexed, and `stale` ones
        pending.

        One transaction. An entry deleted or revised meanwhile is left alone.

        :param model: whose vectors they have; None: of the one that serves.
        :raises ValueError: when one has another width than the model's.
        """
        ...

    @property
    def renewal(self) -> VectorRenewal:
        """The change to another embedding model."""
        ...


class VectorRenewal(Protocol):
    """Vectors of another model, filled beside those that serve. Satisfied by `diary.vault.renewal.Renewal`.

    Every method is one short step; a stop between two loses nothing.
    """

    def count(self) -> int:
        """How many passages have no vectors yet of the model that is to follow; 0 when none is."""
        ...

    def lacking(self, *, after: PassageId, limit: int) -> list[IndexedEntry]:
        """Entries with passages of a higher number than `after` that lack those vectors; of at most `limit`
        passages.
        """
        ...

    def renew(self, found: Mapping[PassageId, tuple[bytes, bytes]]) -> None:
        """Keep vectors, own and window; passages that are gone meanwhile are left out."""
        ...

    def finish(self) -> bool:
        """Let the model that is to follow serve, if none of its vectors are lacking; whether it does now."""
        ...

    def discard(self) -> bool:
        """Erase some of the vectors that serve no more; False when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """Writes text. Satisfied by `diary.engine.language_model.EngineLanguageModel`."""

    @property
    def model(self) -> str:
        """Name of the model, for the reader."""
        ...

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Iterator[str]:
        """Pieces of text as they are generated, greedy; close the iterator to stop, mid-prefill too.

        Empty pieces may come while the model is loaded or reads: moments at which it can be stopped.

        :raises diary.errors.EngineFailed: when the engine crashed or timed out.
        """
        ...
