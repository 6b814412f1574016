"""The language model: requantised once, loaded once, and asked for a few words.

Why: the packaged file is Q4_1, for which llama.cpp has no repacked kernel on CPUs; the same weights as
Q8_0 read a prompt twice as fast (477 against 228 tokens a second) and lose nothing more.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp

from diary.engine.messages import Generate, Piece, Turn
from diary.errors import ModelDamaged
from retrieval.engines.llama_model import LlamaModel

_SILENT = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)
"""The library prints each tensor; kept here because it calls this for as long as the process lives."""


def convert(source: Path, target: Path) -> None:
    """Write `source`, requantised to Q8_0, to `target`, and see that it loads and writes.

    :raises diary.errors.ModelDamaged: when it cannot be read or does not write.
    """
    llama_cpp.llama_log_set(_SILENT, None)
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    wanted.allow_requantize = True
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(wanted)) != 0:
        raise _unusable()
    check(target)


def check(model: Path) -> None:
    """See that the model loads and writes something.

    :raises diary.errors.ModelDamaged: when it does not.
    """
    question = Generate([Turn("user", "Say hello.")], 8)
    try:
        results = list(LlamaModel(model).run(question, b"", lambda: False))
    except Exception as error:  # whatever the library says of it, the file is of no use
        raise _unusable() from error
    if not any(isinstance(result, Piece) and result.text.strip() for result in results):
        raise _unusable()


def _unusable() -> ModelDamaged:
    return ModelDamaged(
        "The language model could not be converted, so it was not installed.",
        hint="Check that the disk has 300 MB free and run “make setup” again.",
    )
