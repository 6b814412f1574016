"""The tables, as of the newest version. Older vaults come here by `migrations`.

- Times are microseconds since 1970 UTC with the UTC offset in seconds beside them (local mean times of old
  diaries have offsets that are no whole minutes). `happened_day` is the local day, proleptic ordinal.
- `entries` holds the newest version, `revisions` the earlier ones.
- `content` and `arrived` are keyed hashes of the words now and as they came: by them an import is recognised.
- `pending` lists what is to be indexed, in order; `indexed_with` tells whose words an entry's index holds
  beside its own, so that deleting an entry removes them there too.
- `observations` holds what was read as `key:: value` in the newest version of an entry; `unread` lists the
  entries that are to be read, in order.
- `transcripts` holds each writing-down of a recording, with the number of the revision that has its words;
  `partials` what there is of one that was stopped. Both outlive the recording, whose row has its key.
- `spools` holds the recordings that are no entries yet, each with the key of its file.
- `attachments` holds the files that were put with an entry, each with the key of its encrypted file.
- `deleted` holds the entries that can still be brought back: their rows, in no index; `deleted_files` the
  keys of their files. Erasing one is removing its row.
- `audit` holds what was done, without contents, each with the hash that its log's tree is made of (`audit`).
- `manifest` holds the keyed hash tree over the rows of the other tables (`manifest`).
- `passages_fts` reads its text from the view `passages_text`: words are stored once.
- Tables of vectors are made when an embedding model is named (`vectors`), since their width depends on it.
"""

from __future__ import annotations

from diary.vault.connection import Database

SCHEMA_VERSION = 4

_TABLES = (
    """CREATE TABLE imports (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        format TEXT NOT NULL,
        source TEXT NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        added INTEGER NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL,
        title TEXT,
        tags TEXT NOT NULL,
        starred INTEGER NOT NULL,
        kind TEXT NOT NULL,
        happened INTEGER NOT NULL, happened_offset INTEGER NOT NULL, happened_day INTEGER NOT NULL,
        written INTEGER NOT NULL, written_offset INTEGER NOT NULL,
        recorded INTEGER NOT NULL, recorded_offset INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        revised INTEGER NOT NULL, revised_offset INTEGER NOT NULL,
        source_format TEXT, source_id TEXT,
        metadata TEXT,
        batch INTEGER REFERENCES imports(id),
        transcript TEXT,
        content BLOB NOT NULL,
        arrived BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX entries_in_order ON entries(happened, id, happened_day)",
    "CREATE INDEX entries_by_source ON entries(source_id, source_format) WHERE source_id IS NOT NULL",
    "CREATE INDEX entries_by_content ON entries(content)",
    "CREATE INDEX entries_by_arrival ON entries(arrived)",
    "CREATE INDEX entries_by_batch ON entries(batch) WHERE batch IS NOT NULL",
    "CREATE INDEX entries_by_transcript ON entries(transcript) WHERE transcript IS NOT NULL",
    """CREATE TABLE revisions (
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        text TEXT NOT NULL,
        title TEXT,
        tags TEXT NOT NULL,
        starred INTEGER NOT NULL,
        happened INTEGER NOT NULL, happened_offset INTEGER NOT NULL,
        UNIQUE (entry, number)
    ) STRICT""",
    """CREATE TABLE recordings (
        entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
        file TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        engine TEXT NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX transcripts_by_entry ON transcripts(entry)",
    """CREATE TABLE partials (
        entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
        engine TEXT NOT NULL,
        reached REAL NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE spools (
        file TEXT PRIMARY KEY,
        key BLOB NOT NULL,
        started INTEGER NOT NULL, started_offset INTEGER NOT NULL,
        engine TEXT,
        reached REAL NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE attachments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        file TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        added INTEGER NOT NULL, added_offset INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX attachments_by_entry ON attachments(entry)",
    """CREATE TABLE deleted (
        entry INTEGER PRIMARY KEY,
        removed INTEGER NOT NULL, removed_offset INTEGER NOT NULL,
        rows TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE deleted_files (
        file TEXT PRIMARY KEY,
        key BLOB NOT NULL,
        entry INTEGER NOT NULL REFERENCES deleted(entry) ON DELETE CASCADE,
        "table" TEXT NOT NULL,
        row TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX deleted_files_by_entry ON deleted_files(entry)",
    """CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        leaf BLOB NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        event TEXT NOT NULL,
        details TEXT
    ) STRICT""",
    """CREATE TABLE manifest (
        part TEXT NOT NULL,
        level INTEGER NOT NULL,
        position INTEGER NOT NULL,
        mac BLOB NOT NULL,
        PRIMARY KEY (part, level, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE glossary (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        instead_of TEXT NOT NULL,
        also TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE drafts (
        slot TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        saved INTEGER NOT NULL, saved_offset INTEGER NOT NULL,
        entry INTEGER
    ) STRICT""",
    "CREATE INDEX drafts_by_entry ON drafts(entry) WHERE entry IS NOT NULL",
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        header TEXT NOT NULL,
        text TEXT NOT NULL,
        context TEXT NOT NULL,
        UNIQUE (entry, ordinal)
    ) STRICT""",
    """CREATE VIEW passages_text AS
        SELECT id, header || ' ' || text AS body, context FROM passages""",
    """CREATE VIRTUAL TABLE passages_fts USING fts5(
        body, context, content = 'passages_text', content_rowid = 'id',
        tokenize = 'porter unicode61 remove_diacritics 2'
    )""",
    "INSERT INTO passages_fts(passages_fts, rank) VALUES ('secure-delete', 1)",
    """CREATE TABLE pending (
        happened INTEGER NOT NULL,
        entry INTEGER NOT NULL UNIQUE REFERENCES entries(id) ON DELETE CASCADE,
        PRIMARY KEY (happened, entry)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE indexed_with (
        entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
        before INTEGER, after INTEGER
    ) STRICT""",
    "CREATE INDEX indexed_with_before ON indexed_with(before) WHERE before IS NOT NULL",
    "CREATE INDEX indexed_with_after ON indexed_with(after) WHERE after IS NOT NULL",
    """CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        key TEXT NOT NULL, part TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        written TEXT NOT NULL,
        value REAL, unit TEXT NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (entry, ordinal)
    ) STRICT""",
    "CREATE INDEX observations_by_key ON observations(key, entry)",
    """CREATE TABLE unread (
        happened INTEGER NOT NULL,
        entry INTEGER NOT NULL UNIQUE REFERENCES entries(id) ON DELETE CASCADE,
        PRIMARY KEY (happened, entry)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)


def statement_of(table: str) -> str:
    """What makes a table of ours."""
    return next(one for one in _TABLES if one.startswith(f"CREATE TABLE {table} ("))


def create_schema(database: Database) -> None:
    """Make the tables of the newest version in an empty database, all or none."""
    with database.transaction():
        for statement in _TABLES:
            database.run(statement)
        database.run(f"PRAGMA user_version = {SCHEMA_VERSION}")
