"""Looks into the memory of other processes from outside, for words and keys in all their forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_UNREADABLE = ("[vvar]", "[vsyscall]", "[vvar_vclock]")


def forms_of_words(words: str) -> dict[str, bytes]:
    """As files and terminals hold them, and as Python holds a text with or without wider letters in it."""
    return {
        "UTF-8 or Latin-1": words.encode(),
        "UTF-16, Python's two bytes a letter": words.encode("utf-16-le"),
        "UTF-16, big end first": words.encode("utf-16-be"),
        "UTF-32, Python's four bytes a letter": words.encode("utf-32-le"),
        "hexadecimal": words.encode().hex().encode(),
    }


def forms_of_key(key: bytes) -> dict[str, bytes]:
    """32 bytes as they are and as the digits that SQLCipher takes, in either case, order and width.

    What SQLCipher takes begins with the 64 digits of the key, so that these find all 96.
    """
    digits = key.hex()
    return {
        "raw": key,
        "raw, last byte first": key[::-1],
        "digits": digits.encode(),
        "capital digits": digits.upper().encode(),
        "digits, last byte first": key[::-1].hex().encode(),
        "digits, two bytes each": digits.encode("utf-16-le"),
        "digits, four bytes each": digits.encode("utf-32-le"),
    }


def holds_any(process: int, forms: Mapping[str, bytes]) -> bool:
    """Whether one of the forms stands in the memory of the process; it looks no further than the first.

    :raises PermissionError: as `copies`.
    """
    return any(form in piece for piece in _memory(process) for form in forms.values())


def copies(processes: Iterable[int], forms: Mapping[str, bytes]) -> Counter[str]:
    """How often each form stands in the memory of the processes, by name; those that do not are left out.

    :raises PermissionError: when a process may not be looked into: only root may, into one of ours.
    """
    found: Counter[str] = Counter()
    for process in processes:
        for piece in _memory(process):
            for name, form in forms.items():
                if count := piece.count(form):
                    found[name] += count
    return found


def _memory(process: int) -> Iterator[bytes]:
    """Piece by piece; left out is what may not be written and is to the byte what its file has there, as the
    code of libraries is.
    """
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "r" not in rights or line.rstrip().endswith(_UNREADABLE):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                piece = memory.read(end - start)
            except (OSError, ValueError):
                continue
            if "w" in rights or not _is_as_in_its_file(piece, line):
                yield piece


def _is_as_in_its_file(piece: bytes, line: str) -> bool:
    """:param line: of /proc/PID/maps: span, rights, offset, device, number, path."""
    _, _, offset, _, _, *path = line.split(maxsplit=5)
    try:
        with Path(path[0].rstrip("\n")).open("rb") as file:
            file.seek(int(offset, 16))
            return file.read(len(piece)).ljust(len(piece), b"\0") == piece
    except (OSError, IndexError):
        return False


def children(parent: int) -> list[tuple[int, str]]:
    """The running processes that this process, or its former images, started: number and command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # ended meanwhile
            if int(stat[1]) == parent and stat[0] != "Z":
                found.append((int(folder.name), command))
    return found
