"""From the lines of a trace to operations on the disk; names and open files are followed, as the system has
them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.power.disk import (
    ROOT,
    Disk,
    Named,
    Operation,
    Renamed,
    Sized,
    Synced,
    Told,
    Unnamed,
    Wrote,
)

_LINE = re.compile(r"^(?P<thread>\d+)\s+(?P<rest>.*)$", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>")
_CALL = re.compile(r"^(?P<name>\w+)\((?P<rest>.*)\)\s+= (?P<result>-?\w+)(?: .*)?$", re.DOTALL)
_BIRTH = re.compile(r"(?:clone3?|v?fork)\b.*= (?P<child>\d+)$")
_NEVER = {
    "writev",
    "pwritev",
    "pwritev2",
    "splice",
    "sync_file_range",
    "sync",
    "syncfs",
    "openat2",
    "truncate",
}
SHARED = "-shm"
"""Ends the name of the index beside a log: memory that is shared, whose content is never recorded."""


class NotModelled(Exception):
    """The process did something to the folder that the model of the disk does not know."""


@dataclass
class _Opened:
    """:ivar node: its file or folder; -1 for what is told. :ivar place: where `write` goes on."""

    node: int
    place: int = 0
    appends: bool = False


class CallReader:
    """Reads the lines of one trace; `disk` follows, so that names are known at each moment."""

    def __init__(self, disk: Disk, root: Path, told: Path) -> None:
        self._disk = disk
        self._root = str(root.resolve()) + "/"
        self._told_path = str(told.resolve())
        self._told = b""
        self._opened: dict[int, _Opened] = {}
        self._begun: dict[str, str] = {}

    def read(self, lines: Sequence[str]) -> Iterator[Operation]:
        """The operations, in order; `lines` is the whole trace."""
        others = _other_processes(lines)
        for line in lines:
            match = _LINE.match(line.rstrip("\n"))
            if match is None:
                raise NotModelled(line[:200])
            thread, rest = match["thread"], match["rest"]
            if thread in others:
                self._require_elsewhere(rest)
                continue
            if rest.endswith(_UNFINISHED):
                self._begun[thread] = rest.removesuffix(_UNFINISHED)
                continue
            if _RESUMED.match(rest):
                rest = self._begun.pop(thread) + _RESUMED.sub("", rest)
            call = _CALL.match(rest)
            if call is None or call["result"].startswith("-") or call["result"] == "?":
                continue  # refused, or the process ended within it
            for one in self._operations(call["name"], call["rest"], int(call["result"], 0)):
                self._require_no_sync_under_way(one)
                self._disk.apply(one)
                yield one

    def _require_elsewhere(self, rest: str) -> None:
        """Another process may read below the root. What it writes there is not followed."""
        reads = rest.startswith("open") and "O_RDONLY" in rest and "O_CREAT" not in rest
        if not reads and _quoted(self._root) in rest:
            raise NotModelled(f"another process: {rest[:200]}")

    def _require_no_sync_under_way(self, one: Operation) -> None:
        """Whether a write beside a sync is covered by it cannot be told."""
        if isinstance(one, Wrote | Sized):
            for call in self._begun.values():
                if call.startswith(("fsync", "fdatasync")):
                    opened = self._opened.get(int(call.partition("(")[2]))
                    if opened is not None and opened.node == one.file:
                        raise NotModelled("a write beside a sync of the same file")

    def _operations(self, name: str, rest: str, result: int) -> Iterator[Operation]:
        handler = getattr(self, f"_{name}", None)
        if handler is not None:
            yield from handler(rest, result) or ()
        elif name in _NEVER:
            raise NotModelled(f"{name}({rest[:200]}")

    # Opening and closing

    def _openat(self, rest: str, result: int) -> Iterator[Operation]:
        folder, quoted, flags, *_ = rest.split(", ")
        self._opened.pop(result, None)
        path = self._absolute(folder, quoted)
        if path == self._told_path:
            self._opened[result] = _Opened(-1, appends=True)
        elif path is not None and (path + "/").startswith(self._root):
            yield from self._open_within(path, flags.split("|"), result)

    def _open(self, rest: str, result: int) -> Iterator[Operation]:
        yield from self._openat(f"AT_FDCWD, {rest}", result)

    def _creat(self, rest: str, result: int) -> Iterator[Operation]:
        quoted = rest.split(", ")[0]
        yield from self._openat(f"AT_FDCWD, {quoted}, O_WRONLY|O_CREAT|O_TRUNC", result)

    def _open_within(self, path: str, flags: list[str], result: int) -> Iterator[Operation]:
        if "O_TMPFILE" in flags:
            raise NotModelled("a file without a name")
        node = self._node(path)
        if node is None:
            folder, name = self._place(path)
            node = self._disk.new_node()
            yield Named(folder, name, node)
        elif "O_TRUNC" in flags:
            yield Sized(node, 0)
        self._opened[result] = _Opened(node, appends="O_APPEND" in flags)

    def _close(self, rest: str, _: int) -> None:
        self._opened.pop(int(rest), None)

    def _close_range(self, rest: str, _: int) -> None:
        first, last, *_flags = (int(one, 0) for one in rest.split(", "))
        for number in [number for number in self._opened if first <= number <= last]:
            del self._opened[number]

    def _fcntl(self, rest: str, result: int) -> None:
        number, command, *_ = rest.split(", ")
        if command.startswith("F_DUPFD"):
            self._dup(number, result)

    def _dup(self, rest: str, result: int) -> None:
        source = self._opened.get(int(rest.split(", ")[0]))
        self._opened.pop(result, None)
        if source is not None:
            self._opened[result] = source  # and its place, as the system has it

    _dup2 = _dup3 = _dup

    def _lseek(self, rest: str, result: int) -> None:
        opened = self._opened.get(int(rest.split(", ")[0]))
        if opened is not None:
            opened.place = result

    # Bytes

    def _write(self, rest: str, result: int) -> Iterator[Operation]:
        number, quoted, _ = rest.split(", ")
        opened = self._opened.get(int(number))
        if opened is None:
            return
        content = _bytes(quoted)[:result]
        if opened.node < 0:
            yield from self._tell(content)
            return
        if opened.appends:
            opened.place = len(self._disk.files[opened.node].shown())
        yield Wrote(opened.node, opened.place, content)
        opened.place += result

    def _pwrite64(self, rest: str, result: int) -> Iterator[Operation]:
        number, quoted, _, place = rest.split(", ")
        opened = self._opened.get(int(number))
        if opened is not None:
            yield Wrote(opened.node, int(place), _bytes(quoted)[:result])

    def _tell(self, content: bytes) -> Iterator[Operation]:
        *lines, self._told = (self._told + content).split(b"\n")
        for line in lines:
            yield Told(json.loads(line))

    def _copied(self, rest: str, _: int) -> None:
        if any(int(one) in self._opened for one in rest.split(", ") if one.isdecimal()):
            raise NotModelled("bytes copied by the system")

    _sendfile = _copy_file_range = _copied

    def _ftruncate(self, rest: str, _: int) -> Iterator[Operation]:
        number, size = rest.split(", ")
        opened = self._opened.get(int(number))
        if opened is not None:
            yield Sized(opened.node, int(size))

    def _fallocate(self, rest: str, _: int) -> Iterator[Operation]:
        number, mode, start, length = rest.split(", ")
        opened = self._opened.get(int(number))
        if opened is None:
            return
        if mode not in ("0", "FALLOC_FL_KEEP_SIZE"):
            raise NotModelled(f"fallocate({rest})")
        end = int(start) + int(length)
        if mode == "0" and end > len(self._disk.files[opened.node].shown()):
            yield Sized(opened.node, end)

    def _fsync(self, rest: str, _: int) -> Iterator[Operation]:
        opened = self._opened.get(int(rest))
        if opened is not None:
            yield Synced(opened.node)

    _fdatasync = _fsync

    def _mmap(self, rest: str, _: int) -> None:
        if "MAPSHARED" not in rest or "PROT_WRITE" not in rest:
            return
        opened = self._opened.get(int(rest.split(", ")[4]))
        if opened is not None and not self._name_of(opened.node).endswith(SHARED):
            raise NotModelled("a file mapped to be written")

    # Names

    def _renameat2(self, rest: str, _: int) -> Iterator[Operation]:
        old_folder, old, new_folder, new, *flags = rest.split(", ")
        source, target = self._absolute(old_folder, old), self._absolute(new_folder, new)
        if not any(path is not None and path.startswith(self._root) for path in (source, target)):
            return
        if source is None or target is None or flags not in ([], ["0"]):
            raise NotModelled(f"rename({rest})")
        (folder, name), (other, new_name) = self._place(source), self._place(target)
        if folder != other:
            raise NotModelled("a rename between folders")
        yield Renamed(folder, name, new_name)

    _renameat = _renameat2

    def _rename(self, rest: str, result: int) -> Iterator[Operation]:
        old, new = rest.split(", ")
        yield from self._renameat2(f"AT_FDCWD, {old}, AT_FDCWD, {new}", result)

    def _linkat(self, rest: str, _: int) -> Iterator[Operation]:
        old_folder, old, new_folder, new, *_flags = rest.split(", ")
        source, target = self._absolute(old_folder, old), self._absolute(new_folder, new)
        if target is None or not target.startswith(self._root):
            return
        node = self._node(source) if source is not None else None
        if node is None:
            raise NotModelled(f"link({rest})")
        yield Named(*self._place(target), node)

    def _link(self, rest: str, result: int) -> Iterator[Operation]:
        old, new = rest.split(", ")
        yield from self._linkat(f"AT_FDCWD, {old}, AT_FDCWD, {new}", result)

    def _symlinkat(self, rest: str, _: int) -> None:
        path = self._absolute(*rest.split(", ")[1:])
        if path is not None and path.startswith(self._root):
            raise NotModelled("a symbolic link")

    def _symlink(self, rest: str, result: int) -> None:
        target, quoted = rest.split(", ")
        self._symlinkat(f"{target}, AT_FDCWD, {quoted}", result)

    def _unlinkat(self, rest: str, _: int) -> Iterator[Operation]:
        folder, quoted, *_flags = rest.split(", ")
        path = self._absolute(folder, quoted)
        if path is not None and path.startswith(self._root):
            yield Unnamed(*self._place(path))

    def _unlink(self, rest: str, result: int) -> Iterator[Operation]:
        yield from self._unlinkat(f"AT_FDCWD, {rest}", result)

    _rmdir = _unlink

    def _mkdirat(self, rest: str, _: int) -> Iterator[Operation]:
        folder, quoted, *_mode = rest.split(", ")
        path = self._absolute(folder, quoted)
        if path is not None and path.startswith(self._root):
            yield Named(*self._place(path), self._disk.new_node(), is_folder=True)

    def _mkdir(self, rest: str, result: int) -> Iterator[Operation]:
        yield from self._mkdirat(f"AT_FDCWD, {rest}", result)

    # Finding

    def _absolute(self, folder: str, quoted: str) -> str | None:
        """The path; None when it is below a folder that is none of ours."""
        path = os.fsdecode(_bytes(quoted))
        if path.startswith("/"):
            return os.path.normpath(path)
        opened = self._opened.get(int(folder)) if folder != "AT_FDCWD" else None
        return (
            None if opened is None else os.path.normpath(f"{self._root}{self._path_of(opened.node)}/{path}")
        )

    def _path_of(self, node: int, below: int = ROOT) -> str | None:
        if node == below:
            return ""
        for name, child in self._disk.folders[below].shown().items():
            if child == node:
                return name
            if child in self._disk.folders and (rest := self._path_of(node, child)) is not None:
                return f"{name}/{rest}"
        return None

    def _name_of(self, node: int) -> str:
        return (self._path_of(node) or "").rpartition("/")[2]

    def _node(self, path: str) -> int | None:
        node: int | None = ROOT
        for name in path[len(self._root) :].split("/") if len(path) >= len(self._root) else ():
            node = self._disk.folders[node].shown().get(name) if node in self._disk.folders else None
        return node

    def _place(self, path: str) -> tuple[int, str]:
        above, _, name = path.rpartition("/")
        folder = self._node(above)
        if folder is None:
            raise NotModelled(f"{path} is in no folder that is known")
        return folder, name


def _other_processes(lines: Sequence[str]) -> set[str]:
    """The threads of every process but the first, which may have lines before that of their birth."""
    parents, begun = {}, {}
    processes = set()
    for line in lines:
        if "clone" not in line and "fork" not in line:
            continue
        thread, _, rest = line.rstrip("\n").partition(" ")
        rest = rest.strip()
        if rest.endswith(_UNFINISHED):
            begun[thread] = rest
        elif birth := _BIRTH.search(rest):
            parents[birth["child"]] = thread
            if "CLONE_THREAD" not in begun.pop(thread, "") + rest:
                processes.add(birth["child"])
    while more := {child for child, parent in parents.items() if parent in processes} - processes:
        processes |= more
    return processes


def _quoted(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(text))


def _bytes(quoted: str) -> bytes:
    if not (quoted.startswith('"') and quoted.endswith('"')):
        raise NotModelled(f"bytes that were not recorded: {quoted[:60]}")
    return bytes.fromhex(quoted[1:-1].replace("\\x", ""))
