"""A statement is believed as it was signed, to the last byte, or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies import report_key, signing, statement
from policies.errors import PolicyError
from policies.evidence import PACKAGES, libraries, program_files
from policies.stated import compared, in_words

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CONTENT: dict[str, object] = {
    "nonce": "heron", "sealed": True, "findings": ["a “note”"], "policy": None,
    "profiles": {"core": [{"name": "tcp4", "blocked": True, "by": "seccomp: EACCES"}]},
}  # fmt: skip


def test_a_statement_says_on_another_machine_what_was_signed_on_this_one() -> None:
    found = statement.decode(statement.encode(KEY, CONTENT))
    assert found.content == CONTENT
    assert found.key == signing.public_bytes(KEY)


def changed(**parts: object) -> bytes:
    return json.dumps(json.loads(statement.encode(KEY, CONTENT)) | parts).encode()


def signed_by_hand(content: dict[str, object]) -> bytes:
    """With a signature that holds, over what `canonical` refuses to write."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    by = signing.sign(KEY, signing.REPORT, written).signature.hex()
    return changed(statement=content, signature=by)


OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
WHOLE = statement.encode(KEY, CONTENT)
FORGED = {
    "another verdict": changed(statement=CONTENT | {"sealed": False}),
    "a route that was open": WHOLE.replace(b'"blocked": true', b'"blocked": false'),
    "something more": changed(statement=CONTENT | {"more": 1}),
    "another key": changed(key=signing.public_bytes(OTHER).hex()),
    "no signature": changed(signature=""),
    "a signature over a policy": changed(
        signature=signing.sign(KEY, signing.POLICY, statement.canonical(CONTENT)).signature.hex()
    ),
    "a name beside the signed ones": changed(remark="sealed"),
    "a name twice": WHOLE.replace(b'"sealed": true', b'"sealed": false,\n  "sealed": true'),
    "a fraction": signed_by_hand(CONTENT | {"made": 1.5}),
    "no number": signed_by_hand(CONTENT | {"made": float("nan")}),
    "a little depth": signed_by_hand(CONTENT | {"deep": [[[[[[[[]]]]]]]]}),
    "depth": b'{"form":"diary statement 1","statement":' + b"[" * 100_000,
    "a list": b"[]",
    "nothing": b"",
    "no text": b"\xff\xfe",
    "too much": WHOLE + b" " * statement.MOST_BYTES,
}


@pytest.mark.parametrize("how", FORGED)
def test_a_changed_statement_is_refused(how: str) -> None:
    with pytest.raises(PolicyError, match="nothing in it is believed"):
        statement.decode(FORGED[how])


def test_what_is_refused_for_what_it_says_would_else_be_believed() -> None:
    assert statement.decode(signed_by_hand(CONTENT)).content == CONTENT


def test_every_byte_that_says_something_is_signed() -> None:
    """Flipping a bit of any of them is refused, or changes nothing of what is read."""
    read = statement.decode(WHOLE)
    for place in range(len(WHOLE)):
        forged = bytearray(WHOLE)
        forged[place] ^= 1
        try:
            found = statement.decode(bytes(forged))
        except PolicyError:
            continue
        assert found == read


def test_the_report_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = signing.public_bytes(report_key.load_or_make(tmp_path))
    assert signing.public_bytes(report_key.load_or_make(tmp_path)) == made
    assert [path.name for path in tmp_path.iterdir()] == [report_key.NAME]
    assert stat.S_IMODE((tmp_path / report_key.NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("how", ["readable by others", "too short", "too long", "a link", "a folder"])
def test_a_report_key_that_cannot_be_trusted_is_refused_and_not_replaced(how: str, tmp_path: Path) -> None:
    path = tmp_path / report_key.NAME
    report_key.load_or_make(tmp_path)
    if how == "readable by others":
        path.chmod(0o640)
    elif how == "too short":
        path.write_bytes(b"k" * 31)
    elif how == "too long":
        path.write_bytes(b"k" * 33)
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere") if how == "a link" else path.mkdir()
    with pytest.raises(PolicyError, match="nothing was signed"):
        report_key.load_or_make(tmp_path)
    assert os.path.lexists(path)


def test_every_file_of_the_four_packages_is_hashed(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package / "deeper" / "__pycache__").mkdir(parents=True)
        (tmp_path / package / "deeper" / "one.json").write_text("{}")
        (tmp_path / package / "deeper" / "__pycache__" / "one.pyc").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "one.py").touch()
    files, compiled = program_files(tmp_path)
    assert set(files) == {f"{package}/deeper/one.json" for package in PACKAGES}
    assert set(compiled) == {f"{package}/deeper/__pycache__/one.pyc" for package in PACKAGES}
    assert all(len(digest) == 64 for digest in (files | compiled).values())


def test_a_program_with_one_more_one_less_or_one_other_file_is_told_from_this_one() -> None:
    files = program_files()[0]
    assert "policies/statement.py" in files
    assert compared({"program": {"files": files}}).different == ()
    name, digest = next(iter(files.items()))
    rest = {other: files[other] for other in files if other != name}
    for stated, different in (
        (rest, name),
        (files | {name: "0" + digest[1:] if digest[0] != "0" else "1" + digest[1:]}, name),
        (files | {"diary/added.py": digest}, "diary/added.py"),
    ):
        assert compared({"program": {"files": stated}}).different == (different,)


def test_libraries_are_named_with_their_versions(tmp_path: Path) -> None:
    for name in ("numpy-2.4.6.dist-info", "typing_extensions-4.0.dist-info", "numpy"):
        (tmp_path / name).mkdir()
    found = libraries([str(tmp_path), str(tmp_path / "missing")])
    assert found == {"numpy": "2.4.6", "typing_extensions": "4.0"}


def test_what_the_wall_does_not_reach_is_read_out() -> None:
    assert "In a sandbox." in in_words(CONTENT | {"surroundings": ["In a sandbox."]})


@pytest.mark.parametrize("wrong", [{}, {"profiles": 1, "policy": [], "kernel": "x", "findings": 3}])
def test_a_statement_of_another_kind_is_shown_as_unknown_and_as_not_sealed(wrong: dict[str, object]) -> None:
    words = in_words(wrong)
    assert "NOT sealed" in words
    assert "unknown" in words
    assert "0 in the diary itself" in words
