"""The staging area: everything a source holds passes through here, in memory, before anything is kept.

Rules:
1. What a reader hands in is untrusted; what leaves is an `EntryDraft` that the vault can keep: words, an
   aware time in bounds, text without NUL or lone surrogates, sizes under their limits.
2. An item that cannot be taken is listed with its place and the reason; the others are taken.
3. Text is kept as it is, tabs and line endings too, but for control characters that no one typed (C0 but
   tab, line feed and carriage return; DEL; C1): they are left out, and a note says how many. Escape
   sequences so lose their escape and become visible letters.
4. Nothing is dropped in silence: items without words, repeated items and repeated ids are counted or noted.
5. The limits of the whole source (items, characters) refuse the source: a part of a diary looks like all of
   it.

Not here: what the vault already knows (`ingest.importing`), and reading files (`ingest.importers.files`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from diary.errors import ImportRefused, Stopped
from diary.model.entry import EntryDraft, Kind, Transcript
from diary.model.progress import Cancelled, Progress, Report
from ingest.importers.unusable import Unusable

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
KINDS = frozenset(kind.value for kind in Kind)
_MOST_LISTED = 1_000
_REPORT_EVERY = 256


@dataclass(frozen=True, slots=True)
class ItemError:
    """One thing to tell about one item: `where` it is in the source, and `why`, ending the sentence."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes beyond which a source is refused (file, entries, characters) or an item is (the others).

    Far above any diary (forty years of three pages a day are about 60 million characters), low enough that
    a hostile file cannot fill the memory of a small machine.
    """

    file_bytes: int = 256 * 2**20
    entries: int = 1_000_000
    characters: int = 200_000_000
    entry_characters: int = 1_000_000
    metadata_characters: int = 200_000
    title_characters: int = 1_000
    source_id_characters: int = 1_000
    tags: int = 200
    tag_characters: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrustedEntry:
    """An item as its reader found it, before any check; times are aware already (`ingest.importers.dates`).

    :ivar where: place in the source, for the report.
    :ivar kind: as the source names it; an unknown one becomes a note.
    """

    where: str
    text: str
    happened: datetime
    written: datetime | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False
    kind: str | None = None
    source_id: str | None = None
    metadata: str | None = None


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 file", "2 files"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Staging:
    """Collects checked drafts and what there is to tell; holds everything in memory.

    :ivar format: short name of the format being read, set by the caller before each source.
    """

    def __init__(self, *, report: Report, cancelled: Cancelled, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.drafts: list[EntryDraft] = []
        self.format = ""
        self.duplicates = 0
        self.skipped = 0
        self._report = report
        self._cancelled = cancelled
        self._errors = _Listing()
        self._notes = _Listing()
        self._characters = 0
        self._words_seen: dict[tuple[datetime, str | None, str], set[str | None]] = {}
        self._ids_seen: dict[tuple[str, str], str] = {}
        self._steps = 0

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """Items that were not taken, in order; past the first thousand a last line says how many more."""
        return self._errors.listed()

    @property
    def notes(self) -> tuple[ItemError, ...]:
        """What is worth knowing about items, taken or without words."""
        return self._notes.listed()

    def take(self, untrusted: UntrustedEntry) -> None:
        """Check one item and stage it, or list why not.

        :raises diary.errors.ImportRefused: when the source as a whole is beyond the limits.
        """
        try:
            draft = self._checked(untrusted)
        except Unusable as error:
            self.refuse(untrusted.where, error.why)
            return
        if not draft.text.strip():
            self.skip(untrusted.where, "it has no words")
        elif self._is_new(untrusted.where, draft):
            self._characters += len(draft.text) + len(draft.metadata or "")
            self.drafts.append(draft)
            self._check_total()

    def refuse(self, where: str, why: str) -> None:
        """An item cannot be taken."""
        self._errors.add(where, why)

    def skip(self, where: str, why: str) -> None:
        """An item holds nothing to take."""
        self.skipped += 1
        self.note(where, why)

    def note(self, where: str, why: str) -> None:
        """Something worth knowing about an item."""
        self._notes.add(where, why)

    def step(self, task: str, done: int, total: int | None) -> None:
        """Called by readers for each item: reports now and then.

        :raises diary.errors.Stopped: when the person asked to stop; nothing was added.
        """
        self._steps += 1
        if self._steps % _REPORT_EVERY == 1 or done == total:
            self._report(Progress(task, done, total))
        self.check_stopped()

    def check_stopped(self) -> None:
        """:raises diary.errors.Stopped: when the person asked to stop; nothing was added."""
        if self._cancelled():
            raise Stopped("The import was stopped. Nothing was added.")

    def _checked(self, untrusted: UntrustedEntry) -> EntryDraft:
        text, left_out = self._clean(untrusted.text, "text", self.limits.entry_characters)
        title, more = self._clean(untrusted.title or "", "title", self.limits.title_characters)
        metadata, still_more = self._clean(
            untrusted.metadata or "", "metadata", self.limits.metadata_characters
        )
        kind = Kind(untrusted.kind) if untrusted.kind in KINDS else Kind.NOTE
        draft = EntryDraft(
            text=text,
            happened=untrusted.happened,
            written=untrusted.written or untrusted.happened,
            title=_SPACES.sub(" ", title).strip() or None,
            tags=self._tags(untrusted),
            starred=untrusted.starred,
            kind=kind,
            source_id=self._source_id(untrusted.source_id),
            metadata=metadata or None,
            transcript=Transcript.TRANSCRIBED if kind is Kind.VOICE else None,
        )
        if left_out + more + still_more:
            count = counted(left_out + more + still_more, "control character")
            self.note(untrusted.where, f"left out: {count}")
        return draft

    def _clean(self, untrusted_text: str, name: str, limit: int) -> tuple[str, int]:
        """The text without what no one typed, and how many characters that were."""
        if len(untrusted_text) > limit:
            raise Unusable(f"its {name} is longer than {limit:,} characters")
        if untrusted_text.isascii() and untrusted_text.isprintable():
            return untrusted_text, 0
        kept, left_out = _CONTROL.subn("", untrusted_text)
        return _SURROGATE.sub("\ufffd", kept), left_out

    def _tags(self, untrusted: UntrustedEntry) -> tuple[str, ...]:
        kept: dict[str, str] = {}
        for untrusted_tag in untrusted.tags[: self.limits.tags]:
            if len(untrusted_tag) > self.limits.tag_characters:
                self.note(
                    untrusted.where, f"a tag is longer than {self.limits.tag_characters} characters; left out"
                )
                continue
            tag = (
                _SPACES.sub(" ", self._clean(untrusted_tag, "tag", len(untrusted_tag))[0]).strip().lstrip("#")
            )
            if tag:
                kept.setdefault(tag.casefold(), tag)
        if len(untrusted.tags) > self.limits.tags:
            self.note(untrusted.where, f"it has more than {self.limits.tags} tags; the first were taken")
        return tuple(kept.values())

    def _source_id(self, untrusted_id: str | None) -> str | None:
        """An id comes back as it was given, so a strange one is refused, not changed."""
        if not untrusted_id:
            return None
        if len(untrusted_id) > self.limits.source_id_characters:
            raise Unusable(f"its id is longer than {self.limits.source_id_characters:,} characters")
        if _CONTROL.search(untrusted_id) or _SURROGATE.search(untrusted_id):
            raise Unusable("its id holds control characters")
        return untrusted_id

    def _is_new(self, where: str, draft: EntryDraft) -> bool:
        """Whether these words are not staged yet. The same id with other words is new: no words are lost."""
        ids = self._words_seen.setdefault((draft.happened, draft.title, draft.text), set())
        # Two items may say the same at the same time ("yes", "yes"): only different ids tell them apart.
        if ids and (draft.source_id is None or {None, draft.source_id} & ids):
            self.duplicates += 1
            return False
        ids.add(draft.source_id)
        if draft.source_id is not None:
            first = self._ids_seen.setdefault((self.format, draft.source_id), where)
            if first != where:
                self.note(where, f"it has the same id as {first}, but other words; both were taken")
        return True

    def _check_total(self) -> None:
        if len(self.drafts) > self.limits.entries or self._characters > self.limits.characters:
            raise ImportRefused(
                f"There is more than can be imported at once ({self.limits.entries:,} entries, "
                f"{self.limits.characters:,} characters). Nothing was added.",
                hint="Import it in parts.",
            )


class _Listing:
    """The first thousand things to tell, and how many more there are."""

    def __init__(self) -> None:
        self._items: list[ItemError] = []
        self._more = 0

    def add(self, where: str, why: str) -> None:
        if len(self._items) < _MOST_LISTED:
            self._items.append(ItemError(where, why))
        else:
            self._more += 1

    def listed(self) -> tuple[ItemError, ...]:
        rest = (ItemError("…", f"and {self._more:,} more"),) if self._more else ()
        return (*self._items, *rest)
