"""What the first bytes of a file say that it is, as a media type. Pure; nothing is decoded or unpacked.

The name is a hint and no more: it tells apart what the bytes leave open, a CSV from any other text or the
kinds of old Office documents, and never makes a text of what is none, nor a picture of a program.
Sources: the files' own specifications; the WHATWG MIME Sniffing Standard for the order of pictures and sound;
PRONOM for the rest.
"""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at."""

UNKNOWN = "application/octet-stream"

_AT_THE_START: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"8BPS\0", "image/vnd.adobe.photoshop"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b"#!AMR", "audio/amr"),
    (b"caff\0\x01", "audio/x-caf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"(\xb5/\xfd", "application/zstd"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"PK\x05\x06", "application/zip"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\x7fELF", "application/x-elf"),
    (b"age-encryption.org/v1\n", "application/x-age-encryption"),
)
_FORM_OF_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp", b"crx ": "image/x-canon-cr3",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_SAYS_ITSELF = re.compile(rb"application/(epub\+zip|vnd\.oasis\.opendocument\.[a-z-]{1,40})")
_FRAMES_OF_SOUND = {0xFB: "audio/mpeg", 0xF3: "audio/mpeg", 0xF2: "audio/mpeg", 0xFA: "audio/mpeg",
                    0xF1: "audio/aac", 0xF9: "audio/aac"}  # fmt: skip

# Texts.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before its beginning, which is the next one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")  # ESC is in many a log
_TEXTS_BY_NAME = {
    "md": "text/markdown", "markdown": "text/markdown", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "json": "application/json", "html": "text/html", "htm": "text/html",
}  # fmt: skip
_PLAIN_BY_NAME = {"txt", "text", "log", "csv", "tsv", "md", "ini", "conf", "eml", "srt", "tex"}
_BEGINNINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"BEGIN:VCALENDAR\b", re.I), "text/calendar"),
    (re.compile(r"BEGIN:VCARD\b", re.I), "text/vcard"),
    (re.compile(r"(<!doctype html|<html[\s>])", re.I), "text/html"),
    (re.compile(r"<\?xml\s"), "text/xml"),
)
_BEGINS_A_DRAWING = ("<svg", "<?xml", "<!--", "<!DOCTYPE svg")
_JSON_BEGINS = re.compile(r'\s*([\[{"]|-?[0-9]|true|false|null)')
_TEXT_THOUGH_NOT_SAID = {"application/json", "image/svg+xml"}

_WORDS = {
    "application/pdf": "PDF document",
    "application/rtf": "RTF document",
    "application/msword": "Word document",
    "application/vnd.ms-excel": "Excel sheet",
    "application/vnd.ms-powerpoint": "PowerPoint slides",
    _OFFICE[b"word/"]: "Word document",
    _OFFICE[b"xl/"]: "Excel sheet",
    _OFFICE[b"ppt/"]: "PowerPoint slides",
    "application/epub+zip": "EPUB book",
    "application/zip": "ZIP archive",
    "application/dicom": "DICOM image",
    "application/json": "JSON text",
    "application/vnd.sqlite3": "SQLite database",
    "application/x-elf": "program",
    "application/vnd.microsoft.portable-executable": "program",
    "image/svg+xml": "SVG drawing",
    "text/plain": "text",
    "text/markdown": "Markdown text",
    "text/csv": "CSV table",
    "text/tab-separated-values": "TSV table",
    "text/html": "web page",
    "text/calendar": "calendar",
    "text/vcard": "contacts",
    "text/xml": "XML text",
    UNKNOWN: "file of unknown kind",
}
_WORDS_OF_FAMILY = {"image": "image", "audio": "sound", "video": "video", "text": "text"}


def media_type_of(untrusted_head: bytes, untrusted_name: str, *, whole: bool) -> str:
    """The media type; UNKNOWN when the bytes do not say.

    :param untrusted_head: the first HEAD_BYTES of the file. :param whole: whether that is all of it.
    """
    suffix = untrusted_name.rpartition(".")[2].lower() if "." in untrusted_name else ""
    return _by_signature(untrusted_head, suffix) or _text_type(untrusted_head, suffix, whole) or UNKNOWN


def is_text(media_type: str) -> bool:
    """Whether what has this type is shown as text."""
    return media_type.startswith("text/") or media_type in _TEXT_THOUGH_NOT_SAID


def kind_words(media_type: str) -> str:
    """What a person calls it: `PDF document`, `PNG image`."""
    family, _, member = media_type.partition("/")
    if media_type in _WORDS:
        return _WORDS[media_type]
    if "opendocument" in member:
        return "OpenDocument file"
    name = member.removeprefix("x-")
    if family in _WORDS_OF_FAMILY:
        plain = name.isalnum() and len(name) <= 5
        return f"{name.upper()} {_WORDS_OF_FAMILY[family]}" if plain else _WORDS_OF_FAMILY[family]
    return f"{name.upper()} file" if name.isalnum() and len(name) <= 5 else "packed or special file"


def encoding_of(untrusted_head: bytes, *, whole: bool) -> str | None:
    """The Unicode encoding of a text, by its mark or by its bytes; None when it has none."""
    for mark, encoding in _MARKS:
        if untrusted_head.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(untrusted_head, final=whole)
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _by_signature(head: bytes, suffix: str) -> str | None:
    for start, found in _AT_THE_START:
        if head.startswith(start):
            return found
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(head)
    if head.startswith(_OLE):
        return _OLD_OFFICE.get(suffix, "application/x-ole-storage")
    if head[:4] == b"RIFF":
        return _FORM_OF_RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"OggS"):
        return "video/ogg" if b"theora" in head[:256] else "audio/ogg"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:1] == b"\xff" and head[1:2]:
        return _FRAMES_OF_SOUND.get(head[1])
    return _elsewhere(head)


def _elsewhere(head: bytes) -> str | None:
    """Signatures that are no first bytes, or too short to be trusted alone."""
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head[128:132] == b"DICM":
        return "application/dicom"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if head.startswith(b"BM") and head[14:18] in (b"(\0\0\0", b"l\0\0\0", b"|\0\0\0", b"\x0c\0\0\0"):
        return "image/bmp"
    if head.startswith(b"MZ") and b"PE\0\0" in head[:4096]:
        return "application/vnd.microsoft.portable-executable"
    return None


def _of_zip(head: bytes) -> str:
    if head[30:38] == b"mimetype" and (said := _SAYS_ITSELF.match(head, 38)):
        return said[0].decode("ascii")
    if head[30:].startswith((b"[Content_Types].xml", b"_rels/", b"docProps/")):
        for folder, found in _OFFICE.items():
            if re.search(rb"PK\x03\x04.{26}" + folder, head, re.DOTALL):
                return found
    return "application/zip"


def _text_type(head: bytes, suffix: str, whole: bool) -> str | None:
    encoding = encoding_of(head, whole=whole)
    if not head:
        return None
    if encoding in (None, "utf-8") and _NO_TEXT.search(head):
        return None
    if encoding is None:  # an older encoding, or no text; only what claims to be one is taken for one
        return _TEXTS_BY_NAME.get(suffix, "text/plain") if suffix in _PLAIN_BY_NAME else None
    text = head[:4096].decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(_BEGINS_A_DRAWING) and "<svg" in text:
        return "image/svg+xml"
    for beginning, found in _BEGINNINGS:
        if beginning.match(text):
            return found
    by_name = _TEXTS_BY_NAME.get(suffix, "text/plain")
    if by_name == "text/html" or (by_name == "application/json" and not _JSON_BEGINS.match(text)):
        return "text/plain"
    return by_name
