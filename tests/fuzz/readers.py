"""Where this program decodes bytes, by its own source: so that no reader is without a target unless somebody
said why.

A decoder is a function of a library that makes values of bytes. What is written by hand (slices, regular
expressions, `str.split`) is not found; it stands in functions that these tests enter by other ways.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("diary", "ingest", "retrieval", "policies")
CALLS = ("json.loads", "json.load", "tomllib.loads", "tomllib.load", "wave.open", "msgspec.convert")
ENDS = (
    *(".unpack", ".unpack_from", ".iter_unpack", ".frombuffer", ".from_bytes", ".fromhex", ".safe_load"),
    *("json.decode", "msgpack.decode", "decoder.decode"),
)
_LAST = {name.rpartition(".")[2] for name in (*CALLS, *ENDS)}

_AUTHENTIC = "a row of the vault, which SQLCipher has authenticated and the manifest counts"
_TREE = "the manifest's own tree in the vault, authenticated by page and by node"
_PAGES = "a page of the open database, which SQLCipher has authenticated"
_OWN = "a file of the program itself, whose hash is in its report"
_WRITES = "makes a file of sound, or reads one that it has made itself"
_CHECKED = "what `policies.reading` has let through"
_TYPED = "an option that a person types, of hexadecimal digits"
_SOUND = "samples of sound in whole numbers of bytes: any value is one, and frames are checked before"
_CONFINED = "runs in an engine, behind its wall, on what its own model said"

WHY_NONE = {
    "diary/bootstrap.py::note_model": "the hash of a model whose manifest was read and checked",
    "diary/cli/grammar_of_proof.py::_key": _TYPED,
    "diary/cli/voice_test.py::_wav": _WRITES,
    "diary/recorder/decimating.py::Decimator.take": _SOUND,
    "diary/retention.py::Retention._announced": _AUTHENTIC,
    "diary/rules.py::Effective.break_glass": _CHECKED,
    "diary/sample/__init__.py::questions": _OWN,
    "diary/sample/recording.py::spoken_sample": _OWN,
    "diary/vault/audit.py::AuditLog.findings": _AUTHENTIC,
    "diary/vault/audit.py::AuditLog._signer": _AUTHENTIC,
    "diary/vault/audit.py::_logged": _AUTHENTIC,
    "diary/vault/audit.py::_said_removed": _AUTHENTIC,
    "diary/vault/backups/making.py::Backups._remembered": _AUTHENTIC,
    "diary/vault/deleted.py::Deleted.restore": _AUTHENTIC,
    "diary/vault/deleted.py::Deleted._rows": _AUTHENTIC,
    "diary/vault/deleted.py::_stored": _AUTHENTIC,
    "diary/vault/deleted.py::_deleted_from_row": _AUTHENTIC,
    "diary/vault/full_text.py::_first_word": _PAGES,
    "diary/vault/manifest_tree.py::decode_slots": _TREE,
    "diary/vault/manifest_journal.py::journalled": _TREE,
    "diary/vault/manifest_journal.py::JournalledTree._read": _TREE,
    "diary/vault/manifest_tree.py::Agreement.has": _TREE,
    "diary/vault/manifest_tree.py::Tree.agreement": _TREE,
    "diary/vault/manifest_tree.py::authentic_root": _TREE,
    "diary/vault/migrations.py::_add_transcripts": _AUTHENTIC,
    "diary/vault/opening_log.py::_log_ways": _AUTHENTIC,
    "diary/vault/opening_log.py::_log_note": "eight bytes that `noted.notes` has read",
    "diary/vault/pages.py::children_of": _PAGES,
    "diary/vault/pages.py::_short": _PAGES,
    "diary/vault/passage_arrays.py::_numbers": _AUTHENTIC,
    "diary/vault/passage_arrays.py::_entries_as_they_are": _AUTHENTIC,
    "diary/vault/rescue/pages.py::PageFile.missing": "a page that was authenticated on its own",
    "diary/vault/rescue/salvage.py::_json": "a record of a page that was authenticated on its own",
    "diary/vault/rows.py::tags_from_row": _AUTHENTIC,
    "diary/vault/settings.py::content_key": _AUTHENTIC,
    "diary/vault/structure.py::_free_pages": _PAGES,
    "diary/vault/transcripts.py::segments_from_row": _AUTHENTIC,
    "diary/vault/vectors.py::chunk_after": _AUTHENTIC,
    "diary/voice/reviewing.py::_own_samples": _WRITES,
    "diary/voice/saving.py::Saving._wav": _WRITES,
    "ingest/engines/hearing.py::_floats": _SOUND,
    "ingest/sound_check.py::check": _SOUND,
    "retrieval/engines/llama_model.py::LlamaModel._written": _CONFINED,
    "retrieval/engines/slot_filling.py::SlotFiller._say": _CONFINED,
    "retrieval/exam/items.py::the_exam": _OWN,
    "retrieval/thresholds.py::all_fitted": _OWN,
    "policies/issuing.py::require_usable_emergency_key": _CHECKED,
}
"""Readers that need no target."""


@functools.cache
def readers() -> frozenset[str]:
    """Every function of ours that calls a decoder, as `module.py::name`; what tries the wall is left out."""
    found: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if "probes" not in name:
                found |= {f"{name}::{one}" for one in _in(ast.parse(path.read_text(encoding="utf-8")))}
    return frozenset(found)


def _in(tree: ast.AST, path: tuple[str, ...] = ()) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if any(_decodes(one) for one in ast.walk(node)):
                yield ".".join((*path, node.name))
        elif isinstance(node, ast.ClassDef):
            yield from _in(node, (*path, node.name))


def _decodes(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LAST):
        return False
    called = ast.unparse(node.func)
    return called in CALLS or called.endswith(ENDS)
