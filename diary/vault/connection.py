"""The encrypted database, opened so that nothing readable can reach the disk, or not opened at all.

In order: silence SQLCipher's own log (it would print over the screen); refuse a library that cannot encrypt
and a file that is not encrypted; give the key; then set and check each property the guarantees rest on.
`PRAGMA temp_store` is forced to memory, because file would write readable temporary files. Every write of
words is forced to the disk (WAL with synchronous=FULL; NORMAL loses acknowledged commits in a power cut, and
is for the index alone, which can be made again). Deleted words are overwritten (secure_delete). Attaching
another database is denied by an authorizer: attached without a key it would be readable.
`cipher_memory_security` stays off: it costs 5 to 14 times, and locking ends the process anyway.

Where nothing may be written it is opened to be read. A log that a crash left is read too: SQLite's index of
it is then in memory (exclusive locking), for which no file lock may be asked of the disk (`unix-none`; the
instance lock stands for all). Without a log none can be made, and it is read as one that nobody changes.

One connection is shared by all threads under a lock that the same thread may take again.
Not here: tables (`schema`), where errors become sentences (`failures`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import DiaryError, StorageFailed, VaultUnencrypted
from diary.model.entry import EntryId
from diary.vault.failures import damaged, of_the_disk, read_only, told_to_the_reader
from diary.vault.files import open_plain
from diary.vault.holding import Holding
from diary.vault.keys import VaultKey

Row = tuple[Any, ...]

# 60,000 passages with two 384-byte vectors each are read in 0.72 s with pages of 4 KiB, 0.57 s with 8,
# 0.41 s with 16, 0.34 s with 32 and with 64; a commit takes 4.0 ms with each of them.
PAGE_SIZE = 16 * 1024
_CACHE_KIB = 64 * 1024
_BUSY_SECONDS = 5.0
# More than the program has: an import takes four times as long once sqlcipher3's cache is full.
_STATEMENTS = 1024
_LOG_PAGES = 1000  # in the log when it is moved into the main file by itself; SQLite's own default
_PAGES_AT_ONCE = 256
_MOST_CHANGES = 10_000  # entries told apart since the opening; after more, all count as changed
_PLAIN = b"SQLite format 3\x00"
_REQUIRED = (  # the first is how it is written, and says nothing where that is not done
    ("journal_mode", "wal", "wal"),
    ("synchronous", "FULL", 2),
    ("temp_store", "MEMORY", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
)
_NEVER_SET = {"temp_store", "key", "rekey", "hexkey", "hexrekey", "cipher_plaintext_header_size"}


class BeforeCommit(Protocol):
    """Writes what belongs to a transaction just before it is committed."""

    @property
    def due(self) -> bool:
        """Whether there is something to write."""

    def flush(self) -> None:
        """Write it, inside the transaction; what it raises rolls the transaction back."""

    def settle(self) -> None:
        """Write it, and let nothing stay in it of what was erased."""

    def committed(self) -> None:
        """The transaction was committed."""

    def forget(self) -> None:
        """The transaction was rolled back."""


class Database:
    """An open, unlocked database.

    :ivar require_erasable: called by all that erases words, sound or files for good, before it does; raises
        `diary.errors.PolicyForbids` under a clinic's legal hold.
    :ivar passages_version: grows whenever stored passages change; in memory, as one process has the vault.
    :ivar hook: is called at the end of every transaction; None: nothing is.
    :ivar read_only: whether nothing may be written; every transaction is refused then.
    """

    def __init__(self, connection: sqlcipher.Connection, *, read_only: bool = False) -> None:
        self._connection = connection
        self.read_only = read_only
        self._holding = Holding()
        self._lock = self._holding.lock
        self.require_erasable: Callable[[], None] = lambda: None
        self.passages_version = 1
        self._changes: dict[EntryId, int] = {}
        self._all_changed_at = 1
        self._still = 0
        self.hook: BeforeCommit | None = None

    def create_function(self, name: str, arguments: int, function: Callable[..., None]) -> None:
        """Let statements of this connection call a function."""
        with self.held():
            self._connection.create_function(name, arguments, function)

    def held(self) -> Holding:
        """Keep other threads out for a moment, so that several reads belong together.

        :raises diary.errors.StorageFailed: when the vault was closed, by another thread for instance.
        """
        return self._holding

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a query.

        :raises diary.errors.DiaryError: as `failures.told_to_the_reader` says.
        """
        with self._holding:
            found: list[Row] = self._connection.execute(statement, values).fetchall()
            return found

    def row(self, statement: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run a statement; the number of rows it changed."""
        with self._holding:
            count = int(self._connection.execute(statement, values).rowcount)
            self._follow()
            return count

    def run_many(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row of values."""
        with self.held():
            self._connection.executemany(statement, values)
            self._follow()

    def insert(self, statement: str, values: Sequence[object]) -> int:
        """Run an INSERT; the row's number."""
        with self.held():
            number = int(self._connection.execute(statement, values).lastrowid)
            self._follow()
            return number

    def _follow(self) -> None:
        """A statement outside of any transaction is one by itself: what belongs to it comes right after."""
        hook = self.hook
        if hook is not None and not self._connection.in_transaction and hook.due:
            with self.transaction():
                pass

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[None]:
        """All of it is on the disk when the block ends, or none of it. Not to be nested.

        :param lasting: False for what can be made again from the words: it is on the disk with the next
            lasting transaction, or at closing. A power cut before that takes it back whole.
        """
        if self.read_only:
            raise read_only()
        with self.held():
            if self._connection.in_transaction:
                raise RuntimeError("a transaction is going on in this thread already")
            if lasting:
                with self._committed_or_rolled_back():
                    yield
                return
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._committed_or_rolled_back():
                    yield
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _committed_or_rolled_back(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if self.hook is not None:
                self.hook.flush()
            self._connection.execute("COMMIT")
        except BaseException:
            if self.hook is not None:
                self.hook.forget()
            # SQLite may have rolled back by itself, when the disk is full for instance.
            if self._connection.in_transaction:
                with suppress(sqlcipher.Error):
                    self._connection.execute("ROLLBACK")
            raise
        if self.hook is not None:
            self.hook.committed()

    def passages_changed(self, entry: EntryId | None = None) -> None:
        """Tell readers that what they read of this entry's passages is old; None: of all."""
        with self._lock:
            self.passages_version += 1
            if entry is not None and len(self._changes) < _MOST_CHANGES:
                self._changes[entry] = self.passages_version
            else:
                self._changes.clear()
                self._all_changed_at = self.passages_version

    def entries_changed_since(self, version: int) -> list[EntryId] | None:
        """The entries whose passages changed after this version; None when it is not known which."""
        with self._lock:
            if version < self._all_changed_at:
                return None
            return [entry for entry, changed in self._changes.items() if changed > version]

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the database and empty it: what was deleted is gone from both.
        Whether that was done; then all of it is on the disk.

        A refusal is passed over: the words are safe in the log. While the main file is still it is put off.
        """
        with suppress(DiaryError), self.held():
            if not self._still:
                ((refused, *_),) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                return not refused
        return False

    @contextmanager
    def still(self) -> Iterator[None]:
        """The main file is whole and does not change inside, so that it can be copied: what other threads
        write meanwhile stays in the log, which is empty at the beginning.

        :raises diary.errors.StorageFailed: when the log cannot be emptied.
        """
        with self.held():
            ((refused, *_),) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if refused:
                raise StorageFailed(
                    "Another program reads the diary's database, so this was not done. Nothing was changed.",
                    hint="Close it, then try again.",
                )
            self._still += 1
            self._connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        try:
            yield
        finally:
            with self._lock:
                self._still -= 1
                if not self._still and not self._holding.closed:
                    with suppress(sqlcipher.Error):
                        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}").fetchall()
            self.checkpoint()

    def copy_to(self, other: Database, *, step: Callable[[int, int], None]) -> None:
        """Copy every page into an empty database of the same page size, encrypted there with its key.

        Nothing is forced to the disk; a crash leaves a copy that is good for nothing. Other threads wait.

        :param step: told the pages copied and all pages now and then; what it raises ends the copying.
        :raises diary.errors.VaultDamaged: when a page does not authenticate.
        """
        with self.held(), other.held():
            other._connection.execute("PRAGMA journal_mode = OFF").fetchall()
            other._connection.execute("PRAGMA synchronous = OFF")
            self._connection.backup(
                other._connection,
                pages=_PAGES_AT_ONCE,
                progress=lambda _, remaining, total: step(total - remaining, total),
            )

    def close(self) -> None:
        """Close; a second time does nothing."""
        with self._lock, suppress(sqlcipher.Error):
            self._holding.closed = True
            self._connection.close()


def open_database(
    path: Path,
    key: VaultKey,
    *,
    page_size: int = PAGE_SIZE,
    writable: bool = True,
    connect: Callable[..., Any] = sqlcipher.connect,
) -> Database:
    """Open an encrypted database, or make an empty one when the file has no bytes yet.

    :param writable: False opens it where nothing may be written.
    :param connect: makes the connection; another than SQLCipher's is refused.
    :raises diary.errors.VaultUnencrypted: when the library cannot encrypt or the file is not encrypted.
    :raises diary.errors.VaultDamaged: when the key does not open it.
    :raises diary.errors.StorageFailed: when a property that the guarantees rest on cannot be had.
    """
    with told_to_the_reader():
        _refuse_readable(path)
        connection = connect(
            _address(path, writable=writable),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_SECONDS,
            cached_statements=_STATEMENTS,
        )
        try:
            connection.execute("PRAGMA cipher_log_level = none")
            if not writable:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
            _refuse_unencrypting(connection)
            _give_key(connection, key, page_size)
            _require_properties(connection, _REQUIRED if writable else _REQUIRED[1:])
            _load_vectors(connection)
            # SQLite folds the case of ASCII only; used in queries, never in the tables.
            connection.create_function("casefold", 1, str.casefold)
            connection.set_authorizer(_authorize)
        except BaseException:
            connection.close()
            raise
    return Database(connection, read_only=not writable)


def _address(path: Path, *, writable: bool) -> str:
    if writable:
        return path.absolute().as_uri()
    has_log = path.with_name(path.name + "-wal").exists()
    return path.absolute().as_uri() + "?mode=ro&" + ("vfs=unix-none" if has_log else "immutable=1")


def _refuse_readable(path: Path) -> None:
    with open_plain(path) as file:
        if file.read(len(_PLAIN)) == _PLAIN:
            raise VaultUnencrypted(
                "The vault's database is not encrypted, so it was not opened. Nothing was changed.",
                hint="Something replaced it. Keep the folder as it is, and restore your latest backup.",
            )


def _refuse_unencrypting(connection: sqlcipher.Connection) -> None:
    if not connection.execute("PRAGMA cipher_version").fetchall():
        raise VaultUnencrypted(
            "The database library on this machine cannot encrypt, so nothing was opened or written.",
            hint="Install diary again: it needs the package sqlcipher3.",
        )


def _give_key(connection: sqlcipher.Connection, key: VaultKey, page_size: int) -> None:
    # executescript keeps no copy of its statement in the connection's statement cache.
    connection.executescript(f'PRAGMA key = "{key.as_sqlcipher_key()}"')
    connection.execute(f"PRAGMA cipher_page_size = {int(page_size)}")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlcipher.Error as error:
        refused = of_the_disk(error) or damaged(
            f"its database is cut off, or its key does not open it ({error.sqlite_errorname})"
        )
    else:
        return
    raise refused  # outside the handler: a key must not be seen in a chained error


def _require_properties(
    connection: sqlcipher.Connection, required: Sequence[tuple[str, str, object]]
) -> None:
    for name, value, expected in required:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        ((found,),) = connection.execute(f"PRAGMA {name}").fetchall()
        if found != expected:
            raise StorageFailed(
                f"The database refused a safety setting ({name}), so the vault was not opened. "
                "Nothing was changed.",
                hint="A folder on a local disk is needed: some network and cloud folders do not work.",
            )
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _load_vectors(connection: sqlcipher.Connection) -> None:
    # Found, not imported: its Python part imports numpy, which a person who writes an entry would wait for.
    package = find_spec("sqlite_vec")
    if package is None or package.origin is None:
        raise StorageFailed(
            "The vector library is missing here, so the vault was not opened. Nothing was changed.",
            hint="Install diary again: it needs the package sqlite-vec.",
        )
    connection.enable_load_extension(True)
    try:
        connection.load_extension(str(Path(package.origin).parent / "vec0"))
    finally:
        connection.enable_load_extension(False)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action == sqlcipher.SQLITE_ATTACH:
        return int(sqlcipher.SQLITE_DENY)
    setting = action == sqlcipher.SQLITE_PRAGMA and second is not None
    if setting and first is not None and first.lower() in _NEVER_SET:
        return int(sqlcipher.SQLITE_DENY)
    return int(sqlcipher.SQLITE_OK)
