"""A vault with a past, and ways to damage it: what the corruption suite injects.

The vault is written in stages; after each its database is copied, so that single old pages, authentic as
ever, can be put back. A fault that changes nothing that is read does not count, and is not made: an old page
is chosen only when it says something else than the one of now.
"""

from __future__ import annotations

import functools
import random
import shutil
import tempfile
from atexit import register
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from diary.model.entry import EntryChanges, EntryFilter, EntryId, Kind
from diary.vault.header import COPY, HEADER
from diary.vault.rescue.pages import RESERVED, PageFile
from diary.vault.rescue.records import Tally, records
from diary.vault.rescue.shapes import read_as
from diary.vault.rotation import DATABASE
from diary.vault.spool_file import MOST
from diary.vault.unlocking import open_header
from diary.vault.vault import Vault
from tests.fakes.stores import TickingClock
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, words
from tests.unit.vault.test_removal_and_recordings import index

PAGE = 4096
SECTOR = 512
_LEAVES = (0x0A, 0x0D)
_CHANGE_COUNTERS = (slice(24, 28), slice(92, 96))
"""Of the first page: SQLite counts there, and nothing depends on it while the log is used."""


@dataclass(frozen=True)
class Past:
    """A closed vault and what it was.

    :ivar states: its database after each stage, the last as it is.
    :ivar pages_of: the pages that each entry stands on. :ivar texts: of each entry.
    """

    folder: Path
    code: str
    states: tuple[Path, ...]
    pages_of: dict[int, frozenset[int]]
    texts: dict[int, str]

    @functools.cached_property
    def decrypted(self) -> list[dict[int, bytes]]:
        """Every page of every state."""
        opened = open_header(self.folder, self.code)
        found = []
        for state in self.states:
            with PageFile(state, opened.key, PAGE) as pages:
                found.append({number: _told(number, page) for number, page in pages.pages() if page})
        return found

    @functools.cached_property
    def replays(self) -> list[tuple[int, int]]:
        """Each old page that says something else than the one of now: state and page."""
        now = self.decrypted[-1]
        said: set[tuple[int, bytes]] = set()
        found = []
        for state, pages in enumerate(self.decrypted[:-1]):
            for number, page in pages.items():
                if number in now and (number, page) not in said and _says_other(number, page, now[number]):
                    said.add((number, page))
                    found.append((state, number))
        return found


def _says_other(number: int, old: bytes, new: bytes) -> bool:
    """Whether two pages differ in more than where on the page the same rows stand."""
    rows, torn = [], Tally()
    for page in (old, new):
        found = records(number, page, PAGE - RESERVED, lambda _: None, torn)
        rows.append([(one.row, one.values) for one in found] if page[0] in _LEAVES else [])
    return old != new and (rows[0] != rows[1] or not rows[0] or torn.torn > 0)


def _told(number: int, page: bytes) -> bytes:
    if number != 1:
        return page
    told = bytearray(page)
    for place in _CHANGE_COUNTERS:
        told[place] = bytes(4)
    return bytes(told)


@functools.cache
def past(entries: int) -> Past:
    """Made once for all tests."""
    parent = Path(tempfile.mkdtemp(prefix="diary-past-"))
    register(shutil.rmtree, parent, ignore_errors=True)
    folder = parent / "vault"
    vault, code = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST, page_size=PAGE, now=TickingClock())
    states: list[Path] = []

    def keep() -> None:
        vault._database.checkpoint()
        states.append(Path(shutil.copyfile(folder / DATABASE, parent / f"state-{len(states)}")))

    for stage in _stages(vault, entries):
        stage()
        keep()
    texts = {int(entry.id): entry.text for entry in vault.entries.list(EntryFilter())}
    vault.close()
    states.append(folder / DATABASE)
    return Past(folder, code, tuple(states), _pages_of(folder, code), texts)


class _Writing:
    """What is done to the vault in each stage."""

    def __init__(self, vault: Vault, entries: int) -> None:
        self._vault = vault
        self._entries = entries

    def numbers(self) -> list[EntryId]:
        return [entry.id for entry in self._vault.entries.list(EntryFilter())]

    def take_in(self) -> None:
        texts = [f"entry {n}: " + f"word{n} " * (n % 60) for n in range(self._entries)]
        drafts = [words(text, days=n, tags=(f"t{n}",)) for n, text in enumerate(texts)]
        self._vault.imports.add(drafts, format="jsonl", source="past")

    def write_long(self) -> None:
        for n in range(2):
            self._vault.entries.add(
                words("a long line of words that goes on for several pages. " * 300 + str(n))
            )

    def index(self, which: slice, turn: int) -> None:
        vector = bytes(range(48))
        self._vault.passages.use_model("model", len(vector))
        for number in self.numbers()[which]:
            text = f"passage {number} of turn {turn} {self._vault.entries.get(number).text[:60]}"
            index(self._vault, number, text, vector=bytes((b + turn + number) % 128 for b in vector))

    def speak(self) -> None:
        for n in range(2):
            draft = words(f"voice {n}", kind=Kind.VOICE)
            self._vault.recordings.keep(draft, bytes([n]) * 150_000, name=f"{n}.wav")
        running = self._vault.spools.begin(MORNING)
        running.append(bytes(range(250)) * (2 * MOST // 250))
        running.close()

    def revise(self, step: int) -> None:
        for number in self.numbers()[::step]:
            self._vault.entries.revise(number, EntryChanges(title=f"revised by {step}"))

    def delete(self, which: slice) -> None:
        for number in self.numbers()[which]:
            self._vault.entries.delete(number)


def _stages(vault: Vault, entries: int) -> list[Callable[[], object]]:
    writing = _Writing(vault, entries)
    return [
        lambda: vault.entries.add(words("the first", title="One")),
        lambda: vault.drafts.save("new", "unsaved words"),
        writing.take_in,
        writing.write_long,
        writing.speak,
        lambda: writing.index(slice(0, None, 3), 1),
        lambda: writing.revise(7),
        lambda: writing.index(slice(0, None, 5), 2),
        lambda: writing.delete(slice(3, None, 11)),
        lambda: vault.deleted.take_out(writing.numbers()[5], kept_for=timedelta(days=30)),
        lambda: vault.preferences.set("microphone", "one of many"),
        lambda: vault.drafts.save("new", "more unsaved words"),
        lambda: writing.revise(13),
        lambda: writing.index(slice(1, None, 6), 3),
        lambda: vault.entries.add(words("the last but one")),
        lambda: vault.entries.add(words("the last")),
    ]


def _pages_of(folder: Path, code: str) -> dict[int, frozenset[int]]:
    opened = open_header(folder, code)
    found: dict[int, frozenset[int]] = {}
    with PageFile(folder / DATABASE, opened.key, PAGE) as pages:
        for number, page in pages.pages():
            assert page is not None
            read: list[int] = [number]

            def follow(following: int, read: list[int] = read) -> bytes | None:
                read.append(following)
                return pages.page(following)

            for record in records(number, page, pages.usable, follow, Tally()):
                if read_as("entries", record) is not None and record.row is not None:
                    found[record.row] = frozenset(read)
                del read[1:]
    return found


@dataclass(frozen=True)
class Fault:
    """One that was injected.

    :ivar pages: of the database that are not as they were.
    """

    told: str
    pages: frozenset[int] = frozenset()


Inject = Callable[[Past, Path, random.Random], Fault]


def bit_flip(past: Past, folder: Path, rng: random.Random) -> Fault:
    content = bytearray((folder / DATABASE).read_bytes())
    place = rng.randrange(16, len(content))  # the salt is kept in the header too, and never read here
    content[place] ^= 1 << rng.randrange(8)
    (folder / DATABASE).write_bytes(content)
    return Fault(f"a bit of byte {place}", frozenset({place // PAGE + 1}))


def zeroed_sector(past: Past, folder: Path, rng: random.Random) -> Fault:
    content = bytearray((folder / DATABASE).read_bytes())
    place = rng.randrange(len(content) // SECTOR) * SECTOR
    content[place : place + SECTOR] = bytes(SECTOR)
    (folder / DATABASE).write_bytes(content)
    return Fault(f"sector at {place}", frozenset({place // PAGE + 1}))


def swapped_pages(past: Past, folder: Path, rng: random.Random) -> Fault:
    content = bytearray((folder / DATABASE).read_bytes())
    one, two = rng.sample(range(len(content) // PAGE), 2)
    first, second = slice(one * PAGE, (one + 1) * PAGE), slice(two * PAGE, (two + 1) * PAGE)
    content[first], content[second] = content[second], content[first]
    (folder / DATABASE).write_bytes(content)
    return Fault(f"pages {one + 1} and {two + 1}", frozenset({one + 1, two + 1}))


def _cut(folder: Path, size: int) -> Fault:
    pages = (folder / DATABASE).stat().st_size // PAGE
    with (folder / DATABASE).open("r+b") as file:
        file.truncate(size)
    return Fault(f"cut at {size}", frozenset(range(size // PAGE + 1, pages + 1)))


def cut_anywhere(past: Past, folder: Path, rng: random.Random) -> Fault:
    return _cut(folder, rng.randrange((folder / DATABASE).stat().st_size))


def cut_at_a_page(past: Past, folder: Path, rng: random.Random) -> Fault:
    return _cut(folder, PAGE * rng.randrange((folder / DATABASE).stat().st_size // PAGE))


def old_page(past: Past, folder: Path, rng: random.Random) -> Fault:
    state, number = rng.choice(past.replays)
    return put_back(past, folder, state, number)


def put_back(past: Past, folder: Path, state: int, number: int) -> Fault:
    """Put one page of an earlier state in its place."""
    with past.states[state].open("rb") as old, (folder / DATABASE).open("r+b") as file:
        old.seek((number - 1) * PAGE)
        page = old.read(PAGE)
        file.seek((number - 1) * PAGE)
        file.write(page)
    return Fault(f"page {number} of state {state}", frozenset({number}))


def header_copy(past: Past, folder: Path, rng: random.Random) -> Fault:
    path = folder / rng.choice((HEADER, COPY))
    return Fault(f"{path.name}: {_spoil(path, rng)}")


def encrypted_file(past: Past, folder: Path, rng: random.Random) -> Fault:
    path = rng.choice(sorted((folder / "attachments").iterdir()))
    return Fault(f"a recording: {_spoil(path, rng)}")


def spool_file(past: Past, folder: Path, rng: random.Random) -> Fault:
    """In any record but the last: what is left of that one may be the torn end of a power cut."""
    (path,) = (folder / "spools").iterdir()
    return Fault(f"an unsaved recording: {_spoil(path, rng, end=MOST)}")


def _spoil(path: Path, rng: random.Random, end: int | None = None) -> str:
    content = bytearray(path.read_bytes())
    last = len(content) if end is None else end
    way = rng.choice(("flip", "zeros", "gone") if end else ("flip", "zeros", "gone", "cut", "longer"))
    place = rng.randrange(last)
    if way == "gone":
        path.unlink()
        return way
    if way == "flip":
        content[place] ^= 1 << rng.randrange(8)
    elif way == "zeros":
        place = min(place, last - 64)
        content[place : place + 64] = bytes(64)
    elif way == "cut":
        del content[place:]
    else:
        content += b"more"
    path.write_bytes(content)
    return f"{way} at {place}"


KINDS: dict[str, Inject] = {
    one.__name__: one
    for one in (
        *(bit_flip, zeroed_sector, swapped_pages, cut_anywhere, cut_at_a_page),
        *(old_page, header_copy, encrypted_file, spool_file),
    )
}
