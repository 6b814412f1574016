"""A small mmproj file for the tiny model: the network that Gemma 3 sees with, small and with random weights.

SigLIP as `clip.cpp` of llama.cpp builds it for "gemma3": patches of 14 pixels, two layers, then 4 x 4 patches
are averaged into a token. An image of any size becomes 224 x 224 pixels, 256 patches, 16 tokens. What comes
of it means nothing, but takes the same way.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import gguf
import msgspec
import numpy as np

from diary.engine.models import MANIFEST, Manifest, ModelFile, ModelFolder, read_model
from tests.tiny_gguf import Tiny, write_tiny

TOKENS = 16  # of an image
_SIDE, _PATCH, _WIDTH, _HIDDEN, _LAYERS, _HEADS = 224, 14, 16, 32, 2, 2


def write_mmproj(path: Path, tiny: Tiny) -> None:
    """Write the file for a tiny model of this width."""
    writer = gguf.GGUFWriter(str(path), "clip")
    writer.add_type("mmproj")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "gemma3")
    writer.add_uint32("clip.vision.image_size", _SIDE)
    writer.add_uint32("clip.vision.patch_size", _PATCH)
    writer.add_uint32("clip.vision.embedding_length", _WIDTH)
    writer.add_uint32("clip.vision.feed_forward_length", _HIDDEN)
    writer.add_uint32("clip.vision.projection_dim", tiny.width)
    writer.add_uint32("clip.vision.block_count", _LAYERS)
    writer.add_uint32("clip.vision.attention.head_count", _HEADS)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_bool("clip.use_gelu", True)
    random = np.random.default_rng(11)

    def weights(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.normal(0, 0.1, shape).astype(np.float32))

    def ones(name: str, width: int) -> None:
        writer.add_tensor(name, np.ones(width, np.float32))

    weights("v.patch_embd.weight", _WIDTH, 3, _PATCH, _PATCH)
    weights("v.patch_embd.bias", _WIDTH)
    weights("v.position_embd.weight", (_SIDE // _PATCH) ** 2, _WIDTH)
    ones("v.post_ln.weight", _WIDTH)
    weights("v.post_ln.bias", _WIDTH)
    for layer in range(_LAYERS):
        of = f"v.blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            weights(f"{of}{name}.weight", _WIDTH, _WIDTH)
            weights(f"{of}{name}.bias", _WIDTH)
        for name in ("ln1", "ln2"):
            ones(f"{of}{name}.weight", _WIDTH)
            weights(f"{of}{name}.bias", _WIDTH)
        weights(f"{of}ffn_up.weight", _HIDDEN, _WIDTH)
        weights(f"{of}ffn_up.bias", _HIDDEN)
        weights(f"{of}ffn_down.weight", _WIDTH, _HIDDEN)
        weights(f"{of}ffn_down.bias", _WIDTH)
    weights("mm.input_projection.weight", _WIDTH, tiny.width)
    ones("mm.soft_emb_norm.weight", _WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def seeing_folder(folder: Path, tiny: Tiny) -> ModelFolder:
    """A model folder with a model and its mmproj, which is listed first: the names say nothing."""
    folder.mkdir(parents=True)
    write_mmproj(folder / "eyes.gguf", tiny)
    write_tiny(folder / "tiny.gguf", tiny)
    files = []
    for name in ("eyes.gguf", "tiny.gguf"):
        data = (folder / name).read_bytes()
        files.append(ModelFile(name, len(data), hashlib.sha256(data).hexdigest()))
    manifest = Manifest(kind="language", name="tiny that sees", source="made by a test", files=files)
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return read_model(folder)


def png(width: int, height: int, *, shade: int = 200) -> bytes:
    """A grey picture with a slope in it."""
    rows = b"".join(
        b"\0" + bytes((shade + column + row) % 256 for column in range(width) for _ in range(3))
        for row in range(height)
    )
    return png_of(width, height, zlib.compress(rows))


def png_of(width: int, height: int, data: bytes) -> bytes:
    """A PNG file that says it is so large, with these compressed bytes for its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")
