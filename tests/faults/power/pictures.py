"""What is in a vault, as sums, so that what a process acknowledged can be compared with what is found later.

A picture has parts. `words` are all tables that hold what a person gave, row by row, with the content of
every encrypted file that a row has the key of; `noted` is what was written down of unsaved recordings, which
is not forced to the disk by itself; `sounds` are those recordings; `keys` is the header; `backups` are the
finished files on the stick. Left out is what is made again of the words (the index, what was read as
observations, the manifest): whether that agrees with the words is asked in `disagreements`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from diary.errors import DiaryError
from diary.vault import header as header_file
from diary.vault import keyed_files
from diary.vault.removal import ATTACHMENTS
from diary.vault.stream import NotAuthentic, unseal
from diary.vault.vault import Vault

Part = dict[str, str]
Picture = dict[str, Part]
PARTS = ("words", "noted", "sounds", "keys", "backups")

_MADE_AGAIN = re.compile(r"passages.*|vectors.*|pending|unread|indexed_with|observations|manifest|sqlite_.*")
_SETTINGS_OF_THE_INDEX = re.compile(r"embedding.*|observations\..*|manifest.*")


def picture_of(vault: Vault, stick: Path) -> Picture:
    """The vault as it is now, and the backups on the stick."""
    return {
        "words": _words(vault),
        "noted": {
            row[0]: _sum(row[1:])
            for row in vault._database.rows("SELECT file, segments, reached, engine FROM spools")
        },
        "sounds": {one.id: _sound(vault, one.id) for one in vault.spools.unfinished()},
        "keys": keys_of(vault.folder),
        "backups": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in stick.glob("*.backup")
        },
    }


def keys_of(folder: Path) -> Part:
    """The ways into the vault, of the newest header."""
    header = header_file.load(folder)[0].header
    return {"generation": str(header.generation), "slots": " ".join(slot.id for slot in header.slots)}


def _words(vault: Vault) -> Part:
    database = vault._database
    found = {}
    for (table,) in database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if _MADE_AGAIN.fullmatch(table):
            continue
        rows = database.rows(f'SELECT * FROM "{table}"')
        if table == "settings":
            rows = [row for row in rows if not _SETTINGS_OF_THE_INDEX.fullmatch(row[0])]
        if table == "spools":
            rows = database.rows("SELECT file, key, started, started_offset FROM spools")
        found[table] = _sum(sorted(map(repr, rows)))
    for one in keyed_files.all_files(database):
        found[f"{one.table} {one.file}"] = _content(vault, one)
    return found


def _content(vault: Vault, one: keyed_files.KeyedFile) -> str:
    identity = keyed_files.identity(vault.recordings._vault_id, one.file)
    try:
        with (vault.folder / ATTACHMENTS / one.file).open("rb") as source:
            return hashlib.sha256(b"".join(unseal(source, one.key, identity=identity))).hexdigest()[:16]
    except (NotAuthentic, FileNotFoundError) as error:
        return type(error).__name__


def _sound(vault: Vault, spool: str) -> str:
    try:
        return hashlib.sha256(vault.spools.read(spool, 0, 1 << 30)).hexdigest()[:16]  # type: ignore[arg-type]
    except DiaryError as error:
        return type(error).__name__


def _sum(values: Iterable[object]) -> str:
    return hashlib.sha256(repr(list(values)).encode()).hexdigest()[:16]


def disagreements(vault: Vault) -> list[str]:
    """What in the vault does not belong together, beside what its own check finds."""
    database = vault._database
    found = vault.check()
    table = vault.passages.table()
    passages = {row[0] for row in database.rows("SELECT id FROM passages")}
    if set(table.ids.tolist()) != passages:
        found.append("the vectors are not those of the passages")
    lost = database.rows(
        "SELECT id FROM entries WHERE text <> '' AND id NOT IN (SELECT entry FROM pending) "
        "AND id NOT IN (SELECT entry FROM passages)"
    )
    if lost:
        found.append(f"{len(lost)} entries are neither indexed nor about to be")
    for file in (vault.folder / ATTACHMENTS).iterdir():
        if file.name not in {one.file for one in keyed_files.all_files(database)}:
            found.append("a file that no row knows was not swept")
    return found
