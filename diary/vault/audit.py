"""The log of what was done, inside the vault: events without contents, in an order that cannot be rewritten.

Each event is a leaf of a hash tree (`log_tree`); a checkpoint is the tree's root, signed with a key that is
kept in the vault. Whoever has a checkpoint elsewhere can tell whether events before it were removed, put in
another order or changed. Without one kept elsewhere, whoever has the vault key can write another history: so
checkpoints are for taking away (`checkpoints`).

Particulars of an event may be removed after the time that they are kept for; its leaf stays, so the tree
holds, and an event says how many were: more that are gone are found. Of an event without them the tree
vouches for the place, and no more for the kind and the time. An event is logged in the transaction of what it
tells, or right after: a crash can lose the last, never one before it. A detail is a number, or a word of the
form that its name has, never what a person wrote: `_detail` lets nothing else in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diary.errors import DiskFull, StorageFailed
from diary.model.audit import OF_ANOTHER_VAULT, Checkpoint, Detail, Event, Logged, ShortCode
from diary.vault.checkpoints import letters_of, signed_checkpoint
from diary.vault.connection import Database, Row
from diary.vault.log_tree import leaf_of, root_of
from diary.vault.rows import time_from_row, time_to_row
from diary.vault.settings import keep_setting, kept_setting

_SIGNER = "audit.signer"
_NAME = r"[a-z][a-z0-9]{0,19}(-[a-z0-9]{1,20}){0,3}"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}(:[0-9]{2}){2}([+-][0-9]{2}(:[0-9]{2}){1,2})?"
_DIGITS = r"[0-9a-f]{8}|[0-9a-f]{16}"
_FORMS = {
    **dict.fromkeys(("by", "format", "kind", "way", "what"), _NAME),
    **dict.fromkeys(("at", "first", "last"), _MOMENT),
    **dict.fromkeys(("hash", "key", "policy", "slot"), _DIGITS),
    "asked": _NAME + r"( [0-9]{1,19}){0,2}( --export)?",  # a command of ours, and the number it was given
    "change": r"bound|released|new (key|version)",
}
"""What a detail that is no number may look like, by its name."""
_SELECT = "SELECT number, event, made, made_offset, details, leaf FROM audit"


class AuditLog:
    """The log of one open vault.

    :param vault_id: 16 bytes. :param now: the aware local time.
    """

    def __init__(self, database: Database, *, vault_id: bytes, now: Callable[[], datetime]) -> None:
        self._database = database
        self._vault_id = vault_id
        self._now = now

    def log(self, event: Event, **details: Detail) -> None:
        """Add an event; on the disk when it returns.

        :raises ValueError: when a detail could be something that a person wrote.
        """
        with self._database.transaction():
            self.log_within(event, **details)

    def log_within(self, event: Event, **details: Detail) -> None:
        """Likewise, inside the transaction that is going on."""
        kept = {name: _detail(name, value) for name, value in sorted(details.items())}
        made, offset = time_to_row(self._now())
        ((number,),) = self._database.rows("SELECT coalesce(max(number) + 1, 0) FROM audit")
        text = msgspec.json.encode(kept).decode()
        leaf = leaf_of(content_of(number, event, made, offset, text))
        self._database.run(
            "INSERT INTO audit(number, leaf, made, made_offset, event, details) VALUES (?, ?, ?, ?, ?, ?)",
            (number, leaf, made, offset, event.value, text),
        )

    def after(self, event: Event, **details: Detail) -> None:
        """Add an event of what is done already: what cannot be written where it lies is not, and not told.

        :raises ValueError: as `log`.
        """
        if not self._database.read_only:
            with suppress(DiskFull, StorageFailed):
                self.log(event, **details)

    def prepare_within(self) -> None:
        """Make the key that signs, if there is none, inside the transaction that is going on: a vault put
        back to before its first checkpoint signs as it did.
        """
        if kept_setting(self._database, _SIGNER) is None:
            fresh = Ed25519PrivateKey.generate().private_bytes_raw()
            keep_setting(self._database, _SIGNER, fresh.hex())

    def events(self, *, last: int | None = None) -> list[Logged]:
        """All events, oldest first, or only the last few."""
        rows = self._database.rows(
            f"SELECT * FROM ({_SELECT} ORDER BY number DESC LIMIT ?) ORDER BY number",  # noqa: S608
            (-1 if last is None else last,),
        )
        return [_logged(row) for row in rows]

    def size(self) -> int:
        """How many events there are."""
        return int(self._database.rows("SELECT count(*) FROM audit")[0][0])

    def checkpoint(self) -> Checkpoint:
        """The log as it is now, signed."""
        with self._database.held():
            leaves = [bytes(row[0]) for row in self._database.rows("SELECT leaf FROM audit ORDER BY number")]
            signer = self._signer()
        return signed_checkpoint(signer, self._vault_id, len(leaves), root_of(leaves), self._now())

    def findings(self, checkpoint: Checkpoint | ShortCode | None = None) -> list[str]:
        """What is wrong with the log, by itself and against a checkpoint that was kept elsewhere."""
        with self._database.held():
            rows = self._database.rows(f"{_SELECT} ORDER BY number")
            signer = kept_setting(self._database, _SIGNER)
        found = findings_in(rows, checkpoint, vault_id=self._vault_id)
        if isinstance(checkpoint, Checkpoint) and checkpoint.vault == self._vault_id and signer is not None:
            own = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signer)).public_key()
            if own.public_bytes_raw() != checkpoint.key:
                found.append("the checkpoint was signed with another key than this vault's")
        return found

    def shorten(self, before: datetime) -> int:
        """Remove the particulars of events from before a moment; how many. Their leaves stay, and so does how
        many were removed before.
        """
        moment, _ = time_to_row(before)
        with self._database.transaction():
            count = self._database.run(
                "UPDATE audit SET details = NULL WHERE made < ? AND details IS NOT NULL AND event <> ?",
                (moment, Event.LOG_SHORTENED.value),
            )
            if count:
                self.log_within(Event.LOG_SHORTENED, events=count)
        return count

    def _signer(self) -> Ed25519PrivateKey:
        """One key for the life of the vault: a new vault key must not make another signer of it."""
        if kept_setting(self._database, _SIGNER) is None:
            with self._database.transaction():
                self.prepare_within()
        kept = kept_setting(self._database, _SIGNER) or ""
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept))


def content_of(number: int, event: str, made: int, offset: int, details: str) -> bytes:
    """What the leaf of an event is the hash of."""
    return msgspec.msgpack.encode([number, str(event), made, offset, details])


def findings_in(
    rows: Sequence[Row], checkpoint: Checkpoint | ShortCode | None, *, vault_id: bytes
) -> list[str]:
    """What is wrong with the rows (number, event, made, offset, details, leaf) of a log, in sentences."""
    found = _wrong_in(rows)
    if checkpoint is None:
        return found
    leaves = [bytes(row[5]) for row in rows]
    if isinstance(checkpoint, Checkpoint) and checkpoint.vault != vault_id:
        found.append(OF_ANOTHER_VAULT)
    elif len(leaves) < checkpoint.size:
        found.append(
            f"the log has {len(leaves)} events and had {checkpoint.size} at the checkpoint: it was shortened"
        )
    elif not _fits(root_of(leaves[: checkpoint.size]), checkpoint):
        found.append("events from before the checkpoint were changed, removed or put in another order")
    return found


def _fits(root: bytes, checkpoint: Checkpoint | ShortCode) -> bool:
    if isinstance(checkpoint, Checkpoint):
        return root == checkpoint.root
    return letters_of(root) == checkpoint.letters


def _wrong_in(rows: Sequence[Row]) -> list[str]:
    if [row[0] for row in rows] != list(range(len(rows))):
        return ["the numbers of its events have gaps: some were removed"]
    changed = sum(
        details is not None and leaf_of(content_of(number, event, made, offset, details)) != leaf
        for number, event, made, offset, details, leaf in rows
    )
    found = [f"{changed} of its events are not as they were logged"] if changed else []
    gone = sum(row[4] is None for row in rows)
    unsaid = gone - sum(_said_removed(row) for row in rows if row[1] == Event.LOG_SHORTENED)
    if unsaid > 0:
        found.append(
            f"{unsaid} of its events have lost their particulars, and none says that they were removed"
        )
    return found


class _Shortened(msgspec.Struct, frozen=True):
    events: int


def _said_removed(row: Row) -> int:
    """How many particulars an event says were removed.

    Earlier versions removed its own too: then it says the number that its leaf is the hash of.
    """
    number, event, made, offset, details, leaf = row
    if details is not None:
        with suppress(msgspec.MsgspecError):
            return msgspec.json.decode(details, type=_Shortened).events
        return 0
    for count in range(1, number + 1):
        text = msgspec.json.encode(_Shortened(count)).decode()
        if leaf_of(content_of(number, event, made, offset, text)) == leaf:
            return count
    return 0


def _logged(row: Row) -> Logged:
    number, event, made, offset, details, _ = row
    kept: Mapping[str, Detail] | None = None if details is None else msgspec.json.decode(details)
    return Logged(number=number, event=Event(event), made=time_from_row(made, offset), details=kept)


def _detail(name: str, value: Detail) -> Detail:
    word = isinstance(value, str) and re.fullmatch(_FORMS.get(name, "(?!)"), value)
    if isinstance(value, bool) or not (isinstance(value, int) or word):
        raise ValueError("a detail of an event is a number or a word from a list")
    return value
