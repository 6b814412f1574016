"""Readers of other programs' files: imports, attachments, sound."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest  # noqa: F401 - fakes run beside it only

from diary.attached.names import file_name
from diary.attached.showing import view
from diary.attached.signatures import HEAD_BYTES, encoding_of, kind_words, media_type_of
from diary.errors import DiaryError
from diary.model.attachment import Attachment
from diary.pictures import pixels
from tests.fuzz.target import Read, Target

NOTES = [
    json.dumps(
        {"date": "2025-03-02T17:20:00+01:00", "text": "Peas in.", "id": "x1", "tags": ["garden"]}
    ).encode(),
    b'{"date": "2025-03-02", "title": "T", "body": "b", "starred": true, "kind": "voice", "more": [1]}\n' * 2,
]
JRNL_JSON = [
    json.dumps(
        {
            "tags": {"@a": 1},
            "entries": [
                {
                    "title": "One.",
                    "body": "Two.",
                    "date": "2024-05-01",
                    "time": "09:30",
                    "tags": ["@a"],
                    "starred": False,
                }
            ],
        }
    ).encode()
]
JRNL = [b"[2024-05-01 09:30] Slept badly. @sleep *\nMore words.\n\n[2024-05-02 10:00 AM] Again.\n"]
MARKDOWN = [
    b'---\ndate: 2024-05-01\ntags: [a, "b c"]\naliases:\n  - x\n---\n# One\n\nWords #tag [[link]]\n',
    b"# 2024-05-01\n\n- pain:: 3/10\n\n> quoted\n",
]


def _import_of(name: str, format: str | None) -> Read:
    def read(data: bytes, place: Path) -> None:
        from tests.unit.ingest_imports.importer import Importer

        path = place / name
        path.write_bytes(data)
        importer = Importer()
        report = importer.run(path, format=format)
        assert report.added == importer.stores.entries.count()

    return read


def read_folder(data: bytes, place: Path) -> None:
    """An Obsidian folder of notes whose names and contents come from the input."""
    from tests.unit.ingest_imports.importer import Importer

    folder = place / "notes"
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    for number, part in enumerate(data.split(b"\n---", 3)):
        bare = part[:40].translate(None, b"/\0").strip(b".") or b"note"
        name = folder / (str(number) + bare.decode("utf-8", "surrogateescape") + ".md")
        name.write_bytes(part)
    Importer().run(folder)


def files() -> list[bytes]:
    from tests.unit.attached import samples

    return [
        samples.png(),
        samples.jpeg()[:200] + b"\xff\xc0\0\x0b\x08\0\x10\0\x10\x01",
        samples.zipped("word/document.xml"),
        samples.isobmff(b"heic", samples.ispe(10, 20)),
        b"GIF89a\x10\0\x10\0",
        b"BM" + bytes(40),
        "Words, ü".encode(),
        b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(20),
        b"RIFF\x20\0\0\0WEBPVP8L" + bytes(20),
        b"%PDF-1.7 x",
        "Words".encode("utf-16"),
        b"<?xml version='1.0'?><a/>",
        b'{"a": 1}',
    ]


def read_attached(data: bytes, _: Path) -> None:
    name = file_name(data[-60:].decode("utf-8", "surrogateescape"))
    assert "/" not in name
    assert name not in ("", ".", "..")
    for whole in (True, False):
        media_type = media_type_of(data[:HEAD_BYTES], name, whole=whole)
        kind_words(media_type)
        encoding_of(data[:HEAD_BYTES], whole=whole)
        attachment = Attachment(
            id=1,
            entry=1,
            name=name,
            media_type=media_type,
            size=len(data),
            added=datetime.now(UTC),
        )
        view(attachment, iter([data[:100], data[100:]]))
    pixels(data)


def sounds() -> list[bytes]:
    import io
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(400))
    return [
        buffer.getvalue(),
        b"OggS\0\x02" + bytes(21) + b"\x01\x13OpusHead" + bytes(11),
        b"fLaC" + bytes(40),
    ]


def read_sound(data: bytes, _: Path) -> None:
    from ingest.engines.sound import recognise
    from ingest.engines.wholeness import cut_off, knows_length

    reader = recognise(data)
    cut_off(data, reader)
    knows_length(data, reader)


def decode_sound(data: bytes, _: Path) -> None:
    from ingest.engines.sound import blocks, made

    made(data)
    for _block in blocks(data):
        pass


def _damaged() -> tuple[type[Exception], ...]:
    from ingest.engines.sound import SoundDamaged

    return (SoundDamaged,)


_REFUSED = (DiaryError,)


def targets() -> tuple[Target, ...]:
    """FFmpeg is loaded for the last two."""
    return (
        Target(
            name="import-unknown",
            samples=lambda: NOTES + JRNL,
            read=_import_of("x.any", None),
            refuses=_REFUSED,
            share=20,
        ),
        Target(
            name="import-jsonl", samples=lambda: NOTES, read=_import_of("x.jsonl", "jsonl"), refuses=_REFUSED
        ),
        Target(
            name="import-jrnl-json",
            samples=lambda: JRNL_JSON,
            read=_import_of("x.json", "jrnl-json"),
            refuses=_REFUSED,
        ),
        Target(name="import-jrnl", samples=lambda: JRNL, read=_import_of("x.txt", "jrnl"), refuses=_REFUSED),
        Target(
            name="import-markdown",
            samples=lambda: MARKDOWN,
            read=_import_of("x.md", "markdown"),
            refuses=_REFUSED,
            share=20,
        ),
        Target(name="import-folder", samples=lambda: MARKDOWN, read=read_folder, refuses=_REFUSED, share=10),
        Target(name="attachment-type", samples=files, read=read_attached, share=30),
        Target(name="sound-header", samples=sounds, read=read_sound, refuses=_damaged(), share=40),
        Target(
            name="sound-decoded",
            samples=sounds,
            read=decode_sound,
            refuses=_damaged(),
            share=5,
            everyday=False,
        ),
    )
