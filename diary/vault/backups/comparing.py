"""What changed since an earlier backup, which an incremental is to go on from.

All of the earlier one that is gone on from is read through, once: its sums are compared, and where they are
no proof against somebody who made it up its pages are authenticated (`Container.proved`). The vault is read
beside it, by the tags of its pages. A page of the same number with the same tag is the same page, and an
attachment's random name is never given twice.

So what the two put together is known without putting them together: it is the vault's own database, page by
page, as of that moment. See `verifying` for what is compared once the incremental is written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from diary.model.progress import Cancelled, Report
from diary.vault.backups.chain import Chain
from diary.vault.backups.index import DATABASE_MEMBER, Base, ChangedPages
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import TAG_BYTES, PageProof, tags_of_file
from diary.vault.removal import ATTACHMENTS

COMPARING = "Comparing with the last one (MB)"


@dataclass(frozen=True, slots=True)
class Changes:
    """What an incremental holds: pages of the database, and what it leaves to its base.

    :ivar kept: names of attachments. :ivar tags: of the pages of the vault's database.
    :ivar before: those of the base's, whose pages are as diary wrote them.
    """

    base: Base
    pages: ChangedPages
    kept: tuple[str, ...]
    tags: bytes
    before: bytes


def changes_since(
    base: Chain,
    database: Path,
    sizes: dict[str, int],
    proof: PageProof,
    report: Report,
    cancelled: Cancelled,
) -> Changes | None:
    """Read the base through, and the vault beside it; None when so much changed that a whole one is better.

    :param database: the vault's, which stands still. :param sizes: of the vault's files, in bytes.
    :raises diary.errors.BackupDamaged: when the base is not as it was written.
    :raises diary.errors.Stopped: when `cancelled` said so. :raises OSError: when a disk refuses.
    """
    page_size, size = proof.page_size, sizes[DATABASE_MEMBER]
    if size % page_size:
        return None
    kept = {
        name
        for name, length in sizes.items()
        if name.startswith(f"{ATTACHMENTS}/") and name in base.names and base.file_size(name) == length
    }
    total = base.database_size + sum(sizes[name] for name in kept)
    mover = Mover(COMPARING, total, report=report, cancelled=cancelled)
    tags, before = _read_both(base, database, size, kept, proof, mover)
    mover.end()
    pages = ChangedPages(page_size=page_size, count=size // page_size, runs=_runs(tags, before))
    changed = pages.size + sum(
        length for name, length in sizes.items() if name not in kept and name != DATABASE_MEMBER
    )
    whole = base.links[-1].size
    if 2 * changed > sum(sizes.values()) or base.whole_size - whole + changed > whole:
        return None
    newest = base.links[0]
    return Changes(Base(name=newest.name, sha256=newest.sum), pages, tuple(sorted(kept)), tags, before)


def _read_both(
    base: Chain, database: Path, size: int, kept: set[str], proof: PageProof, mover: Mover
) -> tuple[bytes, bytes]:
    """The tags of the vault's pages, and of the base's."""
    failed = threading.Event()
    with (
        database.open("rb", buffering=0) as file,
        ThreadPoolExecutor(2, thread_name_prefix="compare") as beside,
    ):
        tags = beside.submit(tags_of_file, file.fileno(), size, proof.page_size)
        others = beside.submit(_read_through, base, kept, mover, stopped=failed.is_set)
        try:
            before = base.proved_tags(proof, moved=mover.moved)
        except BaseException:
            failed.set()
            raise
        others.result()
        return tags.result(), before


def _read_through(base: Chain, names: set[str], mover: Mover, *, stopped: Callable[[], bool]) -> None:
    """Compare the sums of these.

    :param stopped: asked now and then; it ends there.
    """
    for name in sorted(names):
        for piece in base.pieces(name):
            if stopped():
                return
            mover.moved(len(piece))


def _runs(tags: bytes, before: bytes) -> tuple[tuple[int, int], ...]:
    """Where the pages differ: number of the first, from 1, and how many."""
    runs: list[tuple[int, int]] = []
    for place in range(0, len(tags), TAG_BYTES):
        if tags[place : place + TAG_BYTES] == before[place : place + TAG_BYTES]:
            continue
        number = place // TAG_BYTES + 1
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return tuple(runs)
