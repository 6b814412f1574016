"""Set-up of the embedded models: `python -m diary.provision`, run by the Makefile after pip; never by the
diary itself.

For each model: check every file of its package against the pinned hashes, convert, compare or try the
result, and only then put it into `<environment>/share/diary/models/`. A second run checks the hashes of
what is there and does nothing else. The network is closed first, as everywhere: conversion needs none,
and the libraries it uses would look.

Not here: models bigger than the embedded ones, which a person imports.
"""

from __future__ import annotations

import sys

from policies.enforcement import ACCEPT, PolicyError, close_network

if __name__ == "__main__":  # before any other import, as in every process of the diary
    try:
        close_network(accept_unsealed=ACCEPT in sys.argv)
    except PolicyError as refusal:
        sys.stderr.write(f"{refusal}\n{refusal.hint}\n")
        sys.exit(1)

import argparse
import time
from pathlib import Path

from diary.engine.models import Manifest
from diary.errors import DiaryError
from diary.provisioning.installing import alone, described, install, is_installed, unfinished
from diary.provisioning.sources import MINILM, SMOLLM2, checked_folder
from diary.settings import installed_models

EMBEDDER = "all-MiniLM-L6-v2"
EMBEDDER_RECIPE = "onnx opset 17, 1"
LANGUAGE_MODEL = "SmolLM2-135M-Instruct"
LANGUAGE_MODEL_FILE = "SmolLM2-135M-Instruct.Q8_0.gguf"
LANGUAGE_MODEL_RECIPE = "gguf Q8_0, 1"
"""Recipes are recorded in the manifests, with what they came to after a colon; a change converts anew."""


def main(arguments: list[str] | None = None) -> int:
    """Set both models up; 0 when they stand, 1 with a sentence when one does not."""
    parser = argparse.ArgumentParser(
        prog="python -m diary.provision", description="Set up the embedded models."
    )
    parser.add_argument("--models", type=Path, default=installed_models(), help="the folder to fill")
    parser.add_argument(ACCEPT, action="store_true", help="go on where the kernel cannot close the network")
    models: Path = parser.parse_args(arguments).models
    try:
        close_network()
        with alone(models):
            provision_embedder(models)
            provision_language_model(models)
    except (DiaryError, PolicyError) as error:
        return _refused(error.message, error.hint)
    except Exception as error:  # a library's fault; its text may be megabytes of weights
        why = f"{type(error).__name__}: {str(error)[:200]}"
        return _refused(
            f"A model could not be converted, and nothing was installed. {why}", "Please report this."
        )
    return 0


def _refused(message: str, hint: str) -> int:
    _say(message)
    if hint:
        _say(hint)
    return 1


def provision_embedder(models: Path) -> Path:
    """The folder of the embedder, converted unless it stands already.

    :raises diary.errors.DiaryError: when the package is missing or changed, or the result differs.
    """
    folder = models / EMBEDDER
    if is_installed(folder, source=MINILM.title, recipe=EMBEDDER_RECIPE):
        _say(f"{EMBEDDER}: installed and unchanged.")
        return folder
    source = checked_folder(MINILM)
    _say(f"{EMBEDDER}: the package is whole; converting to ONNX (less than a minute) …")
    started = time.monotonic()
    from diary.provisioning import embedder  # imports torch

    with unfinished(folder) as temporary:
        made = embedder.convert(source, temporary)
        manifest = Manifest(
            kind="embedder",
            name=EMBEDDER,
            source=MINILM.title,
            recipe=f"{EMBEDDER_RECIPE}: {made.precision}",
            files=described(temporary),
            dimensions=made.dimensions,
            max_length=made.max_length,
            cosine=round(made.cosine, 4),
            licence=MINILM.licence,
        )
        install(temporary, folder, manifest)
    seconds = time.monotonic() - started
    _say(f"{EMBEDDER}: {made.precision}, cosine to the original at least {made.cosine:.3f}, {seconds:.0f} s.")
    return folder


def provision_language_model(models: Path) -> Path:
    """The folder of the language model, requantised unless it stands already.

    :raises diary.errors.DiaryError: when the package is missing or changed, or the result does not write.
    """
    folder = models / LANGUAGE_MODEL
    if is_installed(folder, source=SMOLLM2.title, recipe=LANGUAGE_MODEL_RECIPE):
        _say(f"{LANGUAGE_MODEL}: installed and unchanged.")
        return folder
    source = checked_folder(SMOLLM2)
    _say(f"{LANGUAGE_MODEL}: the package is whole; requantising …")
    started = time.monotonic()
    from diary.provisioning import language_model  # imports llama_cpp

    with unfinished(folder) as temporary:
        (packaged,) = SMOLLM2.files
        language_model.convert(source / packaged, temporary / LANGUAGE_MODEL_FILE)
        manifest = Manifest(
            kind="language",
            name=LANGUAGE_MODEL,
            source=SMOLLM2.title,
            recipe=LANGUAGE_MODEL_RECIPE,
            files=described(temporary),
            licence=SMOLLM2.licence,
        )
        install(temporary, folder, manifest)
    _say(f"{LANGUAGE_MODEL}: installed in {time.monotonic() - started:.0f} s.")
    return folder


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
