"""Real tokenizers and chat templates, out of the source package of llama-cpp-python: `python -m
tests.real_tokenizers`, run by the Makefile before the tests.

The source package carries vocabularies of models without their weights, and their templates. They belong to
whoever made the models, so they are fetched with pip, the same version that is installed, and never kept in
this repository. Tests that need them are skipped where they could not be had.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest
from llama_cpp import llama_cpp as library

from retrieval.engines.llama_library import Vocabulary, drop_log

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
FOLDER = Path(sys.prefix) / "share" / "diary-tests" / "tokenizers"
VOCABULARIES = ("ggml-vocab-gemma-4.gguf", "ggml-vocab-qwen35.gguf")
TEMPLATES = (
    "google-gemma-4-31B-it.jinja",
    "google-gemma-2-2b-it.jinja",
    "Qwen3.5-4B.jinja",
    "Qwen-Qwen3-0.6B.jinja",
    "HuggingFaceTB-SmolLM3-3B.jinja",
)


def vocabulary(name: str) -> tuple[Vocabulary, str | None]:
    """A vocabulary and the template in its file, loaded without weights; skips the test where it is not at
    hand.
    """
    library.llama_log_set(drop_log, ctypes.c_void_p(0))
    library.llama_backend_init()
    parameters = library.llama_model_default_params()
    parameters.vocab_only = True
    handle = library.llama_model_load_from_file(str(_there(name)).encode(), parameters)
    assert handle
    inside = library.llama_model_chat_template(handle, None)
    return Vocabulary(handle), inside.decode() if inside else None


def template(name: str) -> str:
    """A chat template; skips the test where it is not at hand."""
    return _there(name).read_text("utf-8")


def _there(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand: python -m tests.real_tokenizers")
    return path


def fetch() -> None:
    """Download the source package with pip and take out the files.

    :raises subprocess.CalledProcessError: when it cannot be had.
    """
    package = f"llama-cpp-python=={version('llama-cpp-python')}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [*PIP, "download", "--no-deps", "--no-binary", "llama-cpp-python", "--dest", folder, package],
            check=True,
        )
        (archive,) = Path(folder).glob("*.tar.gz")
        _take(archive)


def _take(archive: Path) -> None:
    wanted = {*VOCABULARIES, *TEMPLATES}
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as files:
        for member in files:
            path = Path(member.name)
            if member.isreg() and path.name in wanted and "models" in path.parts:
                file = files.extractfile(member)
                assert file is not None
                (FOLDER / path.name).write_bytes(file.read())
                wanted.discard(path.name)
    if wanted:
        raise SystemExit(f"The source package lacks {', '.join(sorted(wanted))}.")


if __name__ == "__main__":
    print("Fetching real tokenizers for the tests, from the source of llama-cpp-python (77 MB) …")
    try:
        fetch()
    except subprocess.CalledProcessError:
        raise SystemExit("They could not be had; the tests that need them are skipped.") from None
