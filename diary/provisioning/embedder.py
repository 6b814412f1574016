"""The embedder: exported to ONNX, quantised to int8 per channel, and compared with sentence-transformers.

Why: sentence-transformers needs torch, seconds to import and 750 MB; the export has its first vector in
0.17 s, 4.5 times the throughput, and lost no retrieval quality (LoCoMo dense R@10 .482 against .471).
Per-tensor quantisation moved the vectors too far (cosine .911 at worst), so it is not used. The output is
the last hidden state: token vectors can be had from it, and the mean pool is taken outside.

torch and sentence-transformers are imported here and nowhere else in the diary.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diary.errors import ModelDamaged
from diary.provisioning.sample_sentences import SAMPLE_SENTENCES
from retrieval.engines.sentence_embedder import SentenceEmbedder

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
LEAST_COSINE = 0.98
"""To the original's vector, for each sample sentence."""

DIMENSIONS = 384
MAX_LENGTH = 256
"""Tokens; what the model's own sentence_bert_config.json says."""

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUT = "last_hidden_state"


class Precision(StrEnum):
    """How the weights are kept, tried in this order until the vectors are near enough.

    A processor without VNNI instructions adds 8-bit products in 16 bits, which may overflow (onnxruntime's
    notes on U8S8); 7-bit weights do not, and float32 is the original.
    """

    INT8 = "int8 per channel"
    INT7 = "int8 per channel, 7-bit range"
    FLOAT32 = "float32"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was made, and its least cosine to the original over the sample sentences."""

    precision: Precision
    cosine: float


def convert(source: Path, target: Path) -> Conversion:
    """Write the converted model and its tokenizer into `target`.

    :raises diary.errors.ModelDamaged: when the conversion moved a vector further than it may.
    """
    with _quiet():
        shutil.copyfile(source / TOKENIZER_FILE, target / TOKENIZER_FILE)
        full, model = target / "unfinished.onnx", target / MODEL_FILE
        _export(source, full)
        original = _original_vectors(source)
        for precision in Precision:
            _write(precision, full, model)
            embedder = SentenceEmbedder(model, target / TOKENIZER_FILE, max_length=MAX_LENGTH)
            cosine = least_cosine(original, embedder.embed(list(SAMPLE_SENTENCES)))
            if cosine >= LEAST_COSINE:
                break
        full.unlink()
    check(cosine)
    return Conversion(precision, cosine)


def least_cosine(original: NDArray[np.float32], converted: NDArray[np.float32]) -> float:
    """The smallest cosine between rows of the same number; rows are L2-normalised, shape [n, dimensions]."""
    if original.shape != converted.shape or not np.isfinite(converted).all():
        return -1.0
    return float(np.sum(original * converted, axis=1).min())


def check(cosine: float) -> None:
    """Refuse a conversion that is not the same model any more.

    :raises diary.errors.ModelDamaged: when the cosine is below the least.
    """
    if not cosine >= LEAST_COSINE:  # said so that a NaN is refused
        raise ModelDamaged(
            f"The converted embedding model differs too much from the original (cosine {cosine:.3f}, "
            f"at least {LEAST_COSINE} is asked for), so it was not installed.",
            hint="Please report this, with the versions of torch, onnx and onnxruntime.",
        )


def _export(source: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(source, attn_implementation="eager", local_files_only=True).eval()

    class HiddenState(torch.nn.Module):
        """The transformer with one output, and its inputs in a fixed order."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model  # as a submodule, so that its weights become the graph's

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:  # noqa: ANN401 - tensors
            given = {"attention_mask": attention_mask, "token_type_ids": token_type_ids}
            return self.model(input_ids=input_ids, **given).last_hidden_state

    ids = torch.arange(1000, 1018).reshape(2, 9)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0  # padding is part of what is traced
    with torch.inference_mode():
        torch.onnx.export(
            HiddenState(),
            (ids, mask, torch.zeros_like(ids)),
            str(target),
            input_names=list(_INPUTS),
            output_names=[_OUTPUT],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in (*_INPUTS, _OUTPUT)},
            opset_version=17,
            dynamo=False,
        )


def _write(precision: Precision, full: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if precision is Precision.FLOAT32:
        shutil.copyfile(full, target)
        return
    reduced = precision is Precision.INT7
    quantize_dynamic(full, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=reduced)


def _original_vectors(source: Path) -> NDArray[np.float32]:
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(source), device="cpu", local_files_only=True)
    found = original.encode(list(SAMPLE_SENTENCES), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(found, dtype=np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' advice to developers, which says nothing to whoever sets the diary up."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has no types
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.setLevel(level)
