"""Everything of a damaged vault that still authenticates, as readable files in a folder.

    entries.jsonl      one entry a line: the interchange form, with its number, versions and transcripts;
                       `whole` is false when the manifest does not vouch for it
    deleted.jsonl      what was deleted and could still be brought back
    drafts.jsonl       what was not saved yet
    glossary.jsonl     the person's own names and terms
    recordings/        sound, named by the number of its entry; silence where a piece does not authenticate
    attachments/       files, likewise; zeros where a piece does not authenticate
    unsaved/           recordings that were no entries yet
    salvage.json       what was found, what was not, and which files are not whole

The vault is only read. What is written is readable by anybody who has the folder: files for the owner
alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from diary.durable import sync
from diary.errors import DiskFull, FileExists, Stopped, StorageFailed, VaultDamaged
from diary.model.checkup import Salvaged
from diary.model.key import Secret
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.rules import NO_CLINIC, Effective
from diary.vault.binding import require_any
from diary.vault.failures import told_to_the_reader
from diary.vault.files import FOLDER_OWNER_ONLY, OWNER_ONLY, open_plain
from diary.vault.header import Header
from diary.vault.keyed_files import identity
from diary.vault.keys import VaultKey
from diary.vault.lock import InstanceLock
from diary.vault.noted import attempt
from diary.vault.presence import emptied, is_emptied, require_vault
from diary.vault.removal import ATTACHMENTS
from diary.vault.rescue.gathering import Found, Gathered, entries_of, gather
from diary.vault.rescue.pages import PageFile
from diary.vault.rescue.records import Value
from diary.vault.rotation import DATABASE
from diary.vault.rows import tags_from_row, time_from_row
from diary.vault.spool_file import SpoolFile
from diary.vault.spools import SPOOLS, spool_identity
from diary.vault.stream import unseal_past_damage
from diary.vault.unlocking import open_header
from diary.vault.wav import wav_of

Fields = dict[str, Value]
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\]")
_LONGEST_NAME = 100
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Vaulted:
    """What is salvaged: a folder, its database, and what opens them."""

    folder: Path
    database: Path
    key: VaultKey
    header: Header


def salvage(
    folder: Path,
    secret: Secret,
    out: Path,
    *,
    policy: Effective = NO_CLINIC,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> Salvaged:
    """Write all of a vault that authenticates into `out`, which must be empty or not there yet.

    :param policy: the clinic's, as it is installed here.
    :raises diary.errors.PolicyForbids: when it lets nothing be written, or PolicyRefused, when the vault
        belongs under another.
    :raises diary.errors.FileExists: when it holds something.
    :raises diary.errors.WrongPassphrase: or VaultDamaged, when no copy of the header opens.
    :raises diary.errors.VaultDamaged: when no page of the database can be read, or there is none.
    :raises diary.errors.VaultBusy: when another process has the vault open.
    :raises diary.errors.DiskFull: or StorageFailed, when it cannot be written.
    :raises diary.errors.Stopped: when `cancelled` said so; what was written stays.
    """
    policy.require_export("salvage")
    with told_to_the_reader():
        require_empty(out)
        require_vault(folder, words_in_log=True)
        lock = InstanceLock(folder)
        try:
            with attempt(folder, secret):
                opened = open_header(folder, secret)
            try:
                vault = Vaulted(folder, folder / DATABASE, opened.key, opened.header)
                with PageFile(vault.database, vault.key, vault.header.page_size) as pages:
                    found = gather(pages, vault.key, report=report, cancelled=cancelled)
                if len(found.damaged) == found.pages:
                    raise emptied(folder) if is_emptied(folder) else _unreadable()
                require_any(found.bindings, policy)
                return _written(vault, out, found, report, cancelled)
            finally:
                opened.key.wipe()
        finally:
            lock.release()


def _written(vault: Vaulted, out: Path, found: Gathered, report: Report, cancelled: Cancelled) -> Salvaged:
    try:
        with told_to_the_reader():
            out.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
            return _Writer(vault, out, report, cancelled).write(found)
    except (DiskFull, StorageFailed) as error:
        raise type(error)(
            f"{error.message} What was written until then is in {out}, not encrypted, and is not all.",
            hint="Remove that, and name a folder on a disk that has room for all of the diary.",
        ) from None


def _unreadable() -> VaultDamaged:
    return VaultDamaged(
        "The vault is damaged: not one page of its database can be read with its key. Nothing was written.",
        hint="It may be another diary's database, cut off or overwritten. Restore your latest backup: "
        "diary restore FILE --to DIR",
    )


def require_empty(out: Path) -> None:
    """Refuse a folder with something in it.

    :raises diary.errors.FileExists: then nothing was written.
    """
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise FileExists(
            f"{out} is not an empty folder. Nothing was written.", hint="Choose one that is empty or new."
        )


class _Writer:
    def __init__(self, vault: Vaulted, out: Path, report: Report, cancelled: Cancelled) -> None:
        self._vault = vault
        self._out = out
        self._report = report
        self._cancelled = cancelled
        self._files = 0
        self._spoilt: list[str] = []

    def write(self, found: Gathered) -> Salvaged:
        entries = list(entries_of(found, self._vault.key))
        self._lines("entries.jsonl", (self._entry(one, len(entries)) for one in entries))
        self._lines("deleted.jsonl", (_deleted(row) for row in found.all_of("deleted")))
        for row in found.all_of("deleted_files"):
            self._keyed(ATTACHMENTS, _name(row["entry"], _named_in(row)), row)
        self._lines("drafts.jsonl", (_draft(row) for row in found.all_of("drafts")))
        self._lines("glossary.jsonl", ({**row, "id": None} for row in found.all_of("glossary")))
        for row in found.all_of("spools"):
            self._unsaved(row)
        there = {one.number for one in entries}
        made = Salvaged(
            folder=self._out,
            entries=len(entries),
            unvouched=tuple(one.number for one in entries if not one.vouched),
            missing=tuple(sorted(found.leaves.keys() - there)),
            files=self._files,
            spoilt=tuple(self._spoilt),
            pages=found.pages,
            damaged_pages=len(found.damaged),
            torn_rows=found.torn,
        )
        told = msgspec.json.encode({**asdict(made), "folder": str(self._out)})
        self._file("salvage.json", [msgspec.json.format(told, indent=2)])
        for folder in (*(path for path in self._out.iterdir() if path.is_dir()), self._out):
            sync(folder)
        return made

    def _entry(self, one: Found, total: int) -> dict[str, Any]:
        (row,) = one.rows["entries"][-1:]
        for recording in one.rows.get("recordings", ()):
            self._keyed("recordings", _name(one.number, recording["name"]), recording)
        for attachment in one.rows.get("attachments", ()):
            name = _name(one.number, attachment["name"], attachment["id"])
            self._keyed(ATTACHMENTS, name, attachment)
        self._report(Progress("Writing entries", 0, total))
        return {**_entry(row), "whole": one.vouched, **_belonging(one.rows)}

    def _lines(self, name: str, values: Iterable[object]) -> None:
        lines = list(self._until_cancelled(values))
        if lines or name == "entries.jsonl":
            self._file(name, (msgspec.json.encode(line) + b"\n" for line in lines))

    def _until_cancelled(self, values: Iterable[object]) -> Iterator[object]:
        for value in values:
            if self._cancelled():
                raise Stopped("Stopped. The vault is as it was; what was written stays in the folder.")
            yield value

    def _keyed(self, folder: str, name: str, row: Fields) -> None:
        file, key = str(row["file"]), row["key"]
        if not isinstance(key, bytes):
            return
        path = self._vault.folder / ATTACHMENTS / file
        try:
            with open_plain(path) as source:
                bound = identity(self._vault.header.vault_id, file)
                self._note(f"{folder}/{name}", self._pieces(f"{folder}/{name}", source, key, bound))
        except OSError as error:
            if error.filename not in (None, str(path)):
                raise
            self._spoilt.append(f"{folder}/{name}")

    def _pieces(self, name: str, source: BinaryIO, key: bytes, bound: bytes) -> bool:
        whole = True

        def pieces() -> Iterator[bytes]:
            nonlocal whole
            for piece, authentic in unseal_past_damage(source, key, identity=bound):
                whole = whole and authentic
                yield piece

        self._file(name, pieces())
        return whole

    def _unsaved(self, row: Fields) -> None:
        file, key = str(row["file"]), row["key"]
        name = f"unsaved/{file}.wav"
        if not isinstance(key, bytes):
            return
        try:
            spool = SpoolFile.open(
                self._vault.folder / SPOOLS / file, key, spool_identity(self._vault.header.vault_id, file)
            )
        except OSError:
            self._spoilt.append(name)
            return
        try:
            sound, _ = wav_of(lambda start, most: spool.read(start, most, without_damage=True), spool.size)
            self._file(name, iter(lambda: sound.read(_BLOCK), b""))
            self._note(name, spool.is_whole())
        finally:
            spool.close()

    def _note(self, name: str, whole: bool) -> None:
        self._files += 1
        if not whole:
            self._spoilt.append(name)

    def _file(self, name: str, pieces: Iterable[bytes]) -> None:
        path = self._out / name
        path.parent.mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(handle)


def _entry(row: Fields) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "date": _time(row, "happened"),
        "title": row["title"],
        "text": row["text"],
        "tags": list(_tags(row)),
        "starred": bool(row["starred"]),
        "kind": row["kind"],
        "written": _time(row, "written"),
        "recorded": _time(row, "recorded"),
        "revision": row["revision"],
        "source_id": row["source_id"],
        "metadata": row["metadata"],
    }


def _belonging(rows: dict[str, list[Fields]]) -> dict[str, Any]:
    return {
        "revisions": [
            {
                "number": row["number"],
                "made": _time(row, "made"),
                "date": _time(row, "happened"),
                "title": row["title"],
                "text": row["text"],
                "tags": list(_tags(row)),
                "starred": bool(row["starred"]),
            }
            for row in sorted(rows.get("revisions", ()), key=lambda row: int(str(row["number"])))
        ],
        "transcripts": [
            {"engine": row["engine"], "made": _time(row, "made"), "segments": _json(row["segments"])}
            for row in rows.get("transcripts", ())
        ],
    }


def _deleted(row: Fields) -> dict[str, Any]:
    return {"id": str(row["entry"]), "removed": _time(row, "removed"), "rows": _json(row["rows"])}


def _draft(row: Fields) -> dict[str, Any]:
    return {"text": row["text"], "saved": _time(row, "saved"), "entry": row["entry"]}


def _time(row: Fields, name: str) -> str | None:
    moment, offset = row[name], row[f"{name}_offset"]
    if not (isinstance(moment, int) and isinstance(offset, int)):
        return None
    with suppress(ValueError, OverflowError):
        return time_from_row(moment, offset).isoformat()
    return None


def _tags(row: Fields) -> tuple[str, ...]:
    with suppress(msgspec.DecodeError):
        return tags_from_row(str(row["tags"]))
    return ()


def _json(text: Value) -> Any:  # noqa: ANN401  any JSON value
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(str(text))
    return text


def _named_in(row: Fields) -> Value:
    kept = _json(row["row"])
    return kept.get("name", "") if isinstance(kept, dict) else ""


def _name(entry: Value, untrusted_name: Value, number: Value = None) -> str:
    """A name for a file: the entry's number first, and nothing that leads elsewhere or steers a terminal."""
    stem = _UNFIT.sub("_", str(untrusted_name))[-_LONGEST_NAME:].encode("utf-8", "replace").decode()
    numbers = "-".join(str(one) for one in (entry, number) if isinstance(one, int))
    return f"{numbers} {stem}".strip()
