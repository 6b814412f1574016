"""Readers of a clinic's emergency access, of what a statement says, and of the small files that lie open
beside a vault or a model: notes of failed attempts, choices, results.
"""

from __future__ import annotations

import functools
import hashlib
import json
import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from diary.engine import choosing
from diary.engine import messages as engine
from diary.engine.embedder import EngineEmbedder
from diary.engine.models import ModelFolder
from diary.errors import DiaryError, EngineFailed, ModelDamaged
from diary.model.key import EmergencyKey
from diary.model_store import exams, importing
from diary.provisioning import sealed
from diary.tui import drafting
from diary.vault import binding, break_glass, header, noted
from diary.vault.backups import places
from diary.vault.rescue.pages import PageFile
from diary.vault.slots import BREAK_GLASS, KeySlot, make_slot
from diary.vault.unlocking import _open_sealed
from policies import emergency, key_file, report, report_key, stated
from policies.errors import PolicyError
from policies.evidence import program_files
from tests.fuzz.of_policies import CONTENT
from tests.fuzz.of_vaults import ID, SECRET, backup, headers, key
from tests.fuzz.target import Target

CLINIC = X25519PrivateKey.from_private_bytes(bytes([7]) * 32)
PUBLIC = emergency.public_bytes(CLINIC)


# Emergency access


def emergency_keys() -> list[bytes]:
    key_file._derived = lambda phrase, salt: hashlib.sha256(salt + phrase.encode()).digest()
    return [emergency.new_key("a phrase")]


def read_emergency_key(data: bytes, _: Path) -> None:
    emergency.load_key(data, "a phrase")


@functools.cache
def sealed_secret() -> bytes:
    return emergency.seal_secret(SECRET, PUBLIC, vault_id=ID)


def read_sealed(data: bytes, _: Path) -> None:
    emergency.open_secret(data, CLINIC, vault_id=ID)


@functools.cache
def slot() -> KeySlot:
    made = datetime(2026, 11, 21, tzinfo=UTC)
    more = {"sealed": sealed_secret(), "sealed_to": PUBLIC}
    return make_slot(BREAK_GLASS, SECRET, key(), vault_id=ID, made=made, **more)


def read_break_glass(data: bytes, _: Path) -> None:
    """A slot as a header may say it, opened with the clinic's key."""
    try:
        said = msgspec.json.decode(data, type=KeySlot)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # the header's reader turns these into a damaged copy
    whole = header.Header(version=1, vault_id=ID, generation=3, page_size=4096, slots=(said, slot()))
    _open_sealed(whole, EmergencyKey(private=CLINIC.private_bytes_raw(), reason="why"))


class Rows:
    """A database that answers one thing."""

    def __init__(self, rows: Iterable[tuple[object, ...]]) -> None:
        self._rows = list(rows)

    def rows(self, *_: object) -> list[tuple[object, ...]]:
        return self._rows


def uses() -> list[bytes]:
    made = datetime(2026, 11, 21, tzinfo=UTC)
    return [msgspec.json.encode(break_glass._Kept(made, "8520f0098930a754", "Unconscious."))]


def read_use(data: bytes, _: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    break_glass.uses_in(Rows([("emergency.use.0000000007", text)]))  # type: ignore[arg-type]


def read_reason(data: bytes, _: Path) -> None:
    reason = break_glass.plain_reason(data.decode("utf-8", "surrogateescape"))
    assert reason.isprintable() and len(reason) <= 300


# A clinic's memory and what a statement says


def bindings() -> list[bytes]:
    return [msgspec.json.encode(("aa" * 32, 3, "bb" * 32, "St Anna, Ghent"))]


def read_binding(data: bytes, _: Path) -> None:
    binding._decoded(data.decode("utf-8", "surrogateescape"))


WHOLE = {
    **CONTENT,
    "nonce": "17 heron",
    "program": {"version": "1", "files": {"diary/cli/main.py": "aa" * 32}},
    "interpreter": {"version": "3.11.7 (main)"},
    "libraries": {"msgspec": "0.22.0"},
    "models": {},
    "kernel": {"system": "Linux", "release": "6.1", "machine": "x86_64"},
    "policy": {"clinic": "St Anna", "version": 3, "key": "aa" * 32},
    "profiles": {"core": [{"name": "tcp", "blocked": True, "by": "x"}], "engine": []},
    "findings": ["one"],
    "surroundings": [],
    "sealed": True,
}


def told() -> list[bytes]:
    stated.program_files = functools.cache(program_files)  # hashed once and not for each
    return [json.dumps(WHOLE).encode(), json.dumps(CONTENT).encode()]


def read_told(data: bytes, _: Path) -> None:
    """What whoever holds a report key can have stated."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return  # the statement's reader refuses these
    if isinstance(content, dict):
        assert isinstance(stated.in_words(content), str)
        assert isinstance(stated.compared(content).words, str)


def read_report_key(data: bytes, place: Path) -> None:
    path = place / report_key.NAME
    path.write_bytes(data)
    path.chmod(0o600)
    report_key.load_or_make(place)


def routes() -> list[bytes]:
    return [json.dumps([{"name": "tcp", "blocked": True, "by": "EPERM"}]).encode()]


def read_routes(data: bytes, _: Path) -> None:
    report._read(data)


# Files that lie open


def attempts() -> list[bytes]:
    return [struct.pack("<4q", *(1_780_000_000_000_000 + n for n in range(4)))]


def notes() -> list[bytes]:
    return [b"".join(struct.pack("<qBB8s", 1_780_000_000_000_000, what, 1, bytes(8)) for what in range(1, 8))]


def read_noted(data: bytes, place: Path) -> None:
    for name in (noted.ATTEMPTS, noted.NOTED):
        (place / name).write_bytes(data)
    noted.attempts(place)
    noted.notes(place)
    noted.forget(place, attempts=1, notes=noted.counts(place)[1])
    assert noted.counts(place)[1] == 0


def read_choice(data: bytes, place: Path) -> None:
    (place / choosing.CHOSEN).write_bytes(data)
    choosing.in_order([place], "language")


MODEL = "sha256"


def results() -> list[bytes]:
    result = exams.ExamResult(
        model=MODEL, exam=exams.the_exam().version, manner=exams.Manner.RETELL, taken="2026-11-21",
        grounding=1.0, abstention=0.5, format=1.0, answerable=20, unanswerable=20, written=10,
    )  # fmt: skip
    return [msgspec.json.encode(result)]


def read_result(data: bytes, place: Path) -> None:
    exams._key = lambda _: MODEL
    path = exams._path(place, MODEL)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    found = exams.result_of(ModelFolder, place)  # type: ignore[arg-type]  # named by `_key` alone
    assert found is None or found.outcome in set(exams.Exam)


def answers() -> list[bytes]:
    return [msgspec.json.encode(sealed.Outcome())]


def read_answer(data: bytes, _: Path) -> None:
    sealed._checked(data)


def read_opening(data: bytes, place: Path) -> None:
    (place / "one.backup").write_bytes(data)
    places.opening_of(place / "one.backup")


def read_draft(data: bytes, _: Path) -> None:
    drafting.decode(data.decode("utf-8", "surrogateescape"))


class Vectors(EngineEmbedder):
    """One of four dimensions whose engine never runs."""

    dimensions = 4  # type: ignore[assignment]

    def __init__(self) -> None:
        pass

    def close(self) -> None:
        pass


def vectors() -> list[bytes]:
    unit, token = struct.pack("<4f", 1, 0, 0, 0), bytes([127, 0, 0, 0])
    two = engine.TokenVectors([1, 1], 4, token * 2, struct.pack("<4I", 0, 3, 0, 4))
    return [msgspec.msgpack.encode(one) for one in (engine.Vectors(2, 4, unit * 2), two)]


def read_vectors(data: bytes, _: Path) -> None:
    """What an engine says of two texts."""
    try:
        said = msgspec.msgpack.decode(data, type=engine.Vectors | engine.TokenVectors)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return  # the frame's reader refuses these
    if isinstance(said, engine.Vectors):
        Vectors()._checked(said, 2)
    else:
        Vectors()._checked_tokens(said, ["rain", "frost"])


def read_length(data: bytes, place: Path) -> None:
    (place / "tokenizer_config.json").write_bytes(data)
    assert 0 < importing._length(place) <= importing._LONGEST_LENGTH


def logs() -> list[bytes]:
    """A write-ahead log of two frames of a page."""
    start = struct.pack(">8I", 0x377F0682, 3007000, 1024, 0, 1, 2, 0, 0)
    return [start + b"".join(struct.pack(">6I", n, 2, 1, 2, 0, 0) + bytes(1024) for n in (1, 2))]


def read_log(data: bytes, place: Path) -> None:
    (place / "vault.db").write_bytes(bytes(2048))
    (place / "vault.db-wal").write_bytes(data)
    pages = PageFile(place / "vault.db", key(), page_size=1024)
    assert all(content is None or len(content) == 1024 for _, content in pages.pages())
    pages.close()


_REFUSED = (PolicyError,)
_OURS = (DiaryError,)

TARGETS = (
    Target(name="emergency-key", samples=emergency_keys, read=read_emergency_key, refuses=_REFUSED),
    Target(name="emergency-sealed", samples=lambda: [sealed_secret()], read=read_sealed, share=20),
    Target(
        name="break-glass-slot",
        samples=lambda: [msgspec.json.encode(slot())],
        read=read_break_glass,
        refuses=_OURS,
        share=40,
    ),
    Target(name="emergency-use", samples=uses, read=read_use, refuses=_OURS, share=20),
    Target(
        name="emergency-reason",
        samples=lambda: ["Found at home. Dr Maës".encode()],
        read=read_reason,
        refuses=_OURS,
        share=20,
    ),
    Target(name="clinic-binding", samples=bindings, read=read_binding, refuses=_OURS, share=20),
    Target(name="stated", samples=told, read=read_told, share=40),
    Target(
        name="report-key",
        samples=lambda: [bytes(range(32))],
        read=read_report_key,
        refuses=_REFUSED,
        share=10,
    ),
    Target(name="routes", samples=routes, read=read_routes, refuses=(ValueError,), share=10),
    Target(name="noted", samples=lambda: [*attempts(), *notes()], read=read_noted, share=10),
    Target(name="chosen-model", samples=lambda: [b'{"language": "a"}'], read=read_choice, share=10),
    Target(name="exam-result", samples=results, read=read_result, share=10),
    Target(
        name="conversion",
        samples=answers,
        read=read_answer,
        refuses=(EngineFailed, ModelDamaged),
        share=10,
    ),
    Target(name="backup-opening", samples=lambda: [backup(), headers()[0]], read=read_opening, share=10),
    Target(name="draft", samples=lambda: [b'{"text": "Rain", "at": ""}'], read=read_draft, share=20),
    Target(name="engine-vectors", samples=vectors, read=read_vectors, refuses=_OURS, share=40),
    Target(
        name="tokenizer-length",
        samples=lambda: [b'{"model_max_length": 512}'],
        read=read_length,
        share=10,
    ),
    Target(name="rescued-log", samples=logs, read=read_log, share=20),
)
