"""The embedder: exported to ONNX, quantised to int8 per channel, and compared with sentence-transformers.

Why: sentence-transformers needs torch, seconds to import and 750 MB; the export has its first vector in
0.17 s, 4.5 times the throughput, and lost no retrieval quality (LoCoMo dense R@10 .482 against .471).
Per-tensor quantisation moved the vectors too far (cosine .911 at worst), so it is not used. The output is
the last hidden state: token vectors can be had from it, and the mean pool is taken outside.

torch and sentence-transformers are imported here and nowhere else in the diary.
"""

from __future__ import annotations

import inspect
import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from diary.errors import ModelDamaged
from diary.provisioning.sample_sentences import SAMPLE_SENTENCES
from retrieval.engines.sentence_embedder import SentenceEmbedder

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
LEAST_COSINE = 0.98
"""To the original's vector, for each sample sentence."""

LONGEST = 512
"""Tokens of a text at most, whatever the model could read: passages are shorter, and memory grows with it."""

Pooling = Literal["mean", "cls", "max"]
POOLINGS: tuple[Pooling, ...] = ("mean", "cls", "max")
"""Ways from the vectors of the tokens to that of the text which the diary computes."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was made.

    :ivar cosine: the least to the original over the sample sentences. :ivar dimensions: of a vector.
    :ivar max_length: tokens it reads. :ivar pooling: one of `POOLINGS`.
    """

    precision: Precision
    cosine: float
    dimensions: int
    max_length: int
    pooling: Pooling


def convert(source: Path, target: Path) -> Conversion:
    """Write the converted model and its tokenizer into `target`.

    :param source: a folder of sentence-transformers' with safetensors and tokenizer.json.
    :raises diary.errors.ModelDamaged: when it is of another kind, or the conversion moved a vector further
        than it may.
    """
    with _quiet():
        original = _Original(source)
        shutil.copyfile(original.tokenizer_file, target / TOKENIZER_FILE)
        full, model = target / "unfinished.onnx", target / MODEL_FILE
        original.export(full)
        wanted = original.vectors()
        for precision in Precision:
            _write(precision, full, model)
            embedder = SentenceEmbedder(
                model, target / TOKENIZER_FILE, max_length=original.max_length, pooling=original.pooling
            )
            found = embedder.embed(list(SAMPLE_SENTENCES))
            cosine = least_cosine(wanted, found)
            if cosine >= LEAST_COSINE:
                break
        full.unlink()
    check(cosine)
    return Conversion(
        precision=precision,
        cosine=cosine,
        dimensions=found.shape[1],
        max_length=original.max_length,
        pooling=original.pooling,
    )


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


class _Original:
    """The model as sentence-transformers loads it.

    :ivar max_length: tokens it reads. :ivar pooling: one of `POOLINGS`. :ivar tokenizer_file: its tokenizer.
    :raises diary.errors.ModelDamaged: when it is made of parts that the diary does not compute.
    """

    def __init__(self, source: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(
            str(source),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"attn_implementation": "eager", "use_safetensors": True, "dtype": "float32"},
        ).eval()
        self._model.default_prompt_name = None  # the diary's texts are no instructions
        kinds = [type(module).__name__ for module in self._model]
        if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
            raise _unknown(f"its parts are {', '.join(kinds)}")
        if self._model[1].pooling_mode not in POOLINGS:
            raise _unknown(f"it pools by {self._model[1].pooling_mode}")
        self.pooling: Pooling = next(way for way in POOLINGS if way == self._model[1].pooling_mode)
        self.max_length = min(LONGEST, int(self._model.max_seq_length or LONGEST))
        self._model.max_seq_length = self.max_length
        self.tokenizer_file = next(
            path for path in (source / TOKENIZER_FILE, *source.glob(f"*/{TOKENIZER_FILE}")) if path.is_file()
        )

    def vectors(self) -> NDArray[np.float32]:
        """L2-normalised, of the sample sentences, shape [n, dimensions]."""
        found = self._model.encode(list(SAMPLE_SENTENCES), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)

    def export(self, target: Path) -> None:
        """Write the transformer, with the last hidden state as its output."""
        import torch

        model: Any = self._model[0].auto_model
        taken = inspect.signature(model.forward).parameters
        inputs = [name for name in _INPUTS if name in taken]

        class HiddenState(torch.nn.Module):
            """The transformer with one output, and its inputs in a fixed order."""

            def __init__(self) -> None:
                super().__init__()
                self.model = model  # as a submodule, so that its weights become the graph's

            def forward(self, *given: Any) -> Any:  # noqa: ANN401 - tensors
                return self.model(**dict(zip(inputs, given, strict=True))).last_hidden_state

        ids = torch.arange(1000, 1018).reshape(2, 9) % int(model.config.vocab_size)
        mask = torch.ones_like(ids)
        mask[1, 5:] = 0  # padding is part of what is traced
        given = dict(zip(_INPUTS, (ids, mask, torch.zeros_like(ids)), strict=True))
        with torch.inference_mode():
            torch.onnx.export(
                HiddenState(),
                tuple(given[name] for name in inputs),
                str(target),
                input_names=inputs,
                output_names=[_OUTPUT],
                dynamic_axes={name: {0: "batch", 1: "length"} for name in (*inputs, _OUTPUT)},
                opset_version=17,
                dynamo=False,
            )


def _unknown(why: str) -> ModelDamaged:
    return ModelDamaged(
        f"This embedding model is of a kind that the diary does not compute ({why}). It was not installed.",
        hint="Models of a transformer with mean, CLS or max pooling are taken.",
    )


def _write(precision: Precision, full: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if precision is Precision.FLOAT32:
        shutil.copyfile(full, target)
        return
    reduced = precision is Precision.INT7
    quantize_dynamic(full, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=reduced)


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
