"""A signing key is followed by another: what is asked, and when."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diary.cli import policy_commands
from policies import signing


@dataclass
class Asking:
    """Answers, and remembers that it was asked."""

    steps: list[str]

    def ask(self, prompt: str) -> str:
        self.steps.append(prompt)
        return "words"


def test_both_passphrases_are_asked_for_before_a_key_is_derived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def derive(_file: bytes, _passphrase: str) -> Ed25519PrivateKey:
        steps.append("derived")
        return Ed25519PrivateKey.generate()

    monkeypatch.setattr(signing, "load_key", derive)
    for name in ("old", "new"):
        (tmp_path / name).touch()
    arguments = argparse.Namespace(
        old_key=tmp_path / "old", new_key=tmp_path / "new", new=tmp_path / "succession"
    )
    console = SimpleNamespace(document=lambda _: None, say=lambda _: None)
    policy_commands._succeed(
        SimpleNamespace(  # type: ignore[arg-type]
            arguments=arguments, console=console, passphrase=Asking(steps), new_passphrase=Asking(steps)
        )
    )
    assert steps == ["Passphrase of the old key: ", "Passphrase of the new key: ", "derived", "derived"]
