"""A small sentence-transformers folder with random weights, written without torch: a BERT of two layers over
a vocabulary of whole words.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from diary.provisioning.sample_sentences import SAMPLE_SENTENCES

WIDTH, LAYERS, LONGEST = 32, 2, 64
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TRANSFORMER, POOLING, NORMALIZE = (
    f"sentence_transformers.models.{name}" for name in ("Transformer", "Pooling", "Normalize")
)


def write_sentence_model(folder: Path, *, pooling: str = "mean") -> Path:
    """Write the folder; it converts and embeds like any other, and knows nothing of meaning."""
    (folder / "1_Pooling").mkdir(parents=True)
    words = sorted({word for text in SAMPLE_SENTENCES for word in pre_tokenizers_words(text)})
    tokens = {token: place for place, token in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(tokens, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", tokens["[CLS]"]), ("[SEP]", tokens["[SEP]"])],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    _write(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **named})
    _write(
        folder / "config.json",
        {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "hidden_size": WIDTH,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 4,
            "intermediate_size": 2 * WIDTH,
            "max_position_embeddings": LONGEST,
            "vocab_size": len(tokens),
        },
    )
    parts = [(TRANSFORMER, ""), (POOLING, "1_Pooling"), (NORMALIZE, "2_Normalize")]
    _write(
        folder / "modules.json",
        [{"idx": n, "name": str(n), "path": path, "type": kind} for n, (kind, path) in enumerate(parts)],
    )
    ways = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens", "lasttoken": "lasttoken"}
    modes = {f"pooling_mode_{name}": way == pooling for way, name in ways.items()}
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH, **modes})
    _write(folder / "sentence_bert_config.json", {"max_seq_length": LONGEST, "do_lower_case": False})
    (folder / "README.md").write_text(
        "---\nlicense: mit\ntags: [made, up]\n---\n# A model of random numbers\n"
    )
    save_file(_weights(len(tokens)), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def pre_tokenizers_words(text: str) -> list[str]:
    """The words of a text as the tokenizer cuts them."""
    return [word for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text)]


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _weights(vocabulary: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(11)
    found: dict[str, NDArray[np.float32]] = {}

    def matrix(name: str, *shape: int) -> None:
        found[name] = (random.standard_normal(shape) * 0.3).astype(np.float32)

    def linear(name: str, out: int, given: int) -> None:
        matrix(f"{name}.weight", out, given)
        found[f"{name}.bias"] = np.zeros(out, np.float32)

    def norm(name: str) -> None:
        found[f"{name}.LayerNorm.weight"] = np.ones(WIDTH, np.float32)
        found[f"{name}.LayerNorm.bias"] = np.zeros(WIDTH, np.float32)

    for name, rows in (("word", vocabulary), ("position", LONGEST), ("token_type", 2)):
        matrix(f"embeddings.{name}_embeddings.weight", rows, WIDTH)
    norm("embeddings")
    for layer in range(LAYERS):
        of = f"encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            linear(f"{of}.attention.self.{name}", WIDTH, WIDTH)
        linear(f"{of}.attention.output.dense", WIDTH, WIDTH)
        norm(f"{of}.attention.output")
        linear(f"{of}.intermediate.dense", 2 * WIDTH, WIDTH)
        linear(f"{of}.output.dense", WIDTH, 2 * WIDTH)
        norm(f"{of}.output")
    linear("pooler.dense", WIDTH, WIDTH)
    return found
