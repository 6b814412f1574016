"""Files are taken as they are or not at all, whatever is done to them meanwhile."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import AttachmentRefused, Stopped, StorageFailed
from diary.model.progress import Progress
from tests.unit.attached.conftest import Desk
from tests.unit.attached.samples import png


def test_a_file_is_kept_byte_for_byte_with_what_its_bytes_say(desk: Desk) -> None:
    content = png() + bytes(200_000)
    (kept,) = desk.attached.add(desk.entry, [desk.file(content, "invoice.pdf")])
    assert desk.content(kept) == content
    assert (kept.name, kept.media_type, kept.size) == ("invoice.pdf", "image/png", len(content))
    assert (desk.folder / "invoice.pdf").read_bytes() == content


def test_an_empty_file_is_a_file(desk: Desk) -> None:
    (kept,) = desk.attached.add(desk.entry, [desk.file(b"", "empty.txt")])
    assert (kept.size, desk.content(kept)) == (0, b"")


@pytest.mark.parametrize("name", ["\x1b]0;owned\x07.txt", "a\u202etxt.exe", "-rf", ".hidden", "x\ny", "' ;"])
def test_a_hostile_name_is_kept_as_it_is_and_steers_no_sentence(desk: Desk, name: str) -> None:
    (kept,) = desk.attached.add(desk.entry, [desk.file(b"x", name)])
    assert kept.name == name
    (desk.folder / name).unlink()
    with pytest.raises(AttachmentRefused) as refused:
        desk.attached.add(desk.entry, [desk.folder / name])
    assert not {"\x1b", "\u202e", "\x07"} & set(refused.value.message)


def test_a_name_that_is_no_unicode_can_be_told(desk: Desk) -> None:
    path = Path(os.fsdecode(os.fsencode(desk.folder) + b"/\xff\xfe"))
    with pytest.raises(AttachmentRefused) as refused:
        desk.attached.add(desk.entry, [path])
    refused.value.message.encode()


def made_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def made_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    return path


def made_loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


def made_link(path: Path, target: str = "nowhere") -> Path:
    path.symlink_to(target)
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (made_pipe, "no regular file"),
        (made_socket, "no regular file"),
        (lambda _: Path("/dev/zero"), "no regular file"),
        (lambda path: made_link(path, "/dev/zero"), "no regular file"),
        (lambda path: path.parent, "is a folder"),
        (lambda path: path, "is not there"),
        (made_link, "is not there"),
        (made_loop, "cannot be read"),
        (lambda _: Path("/proc/self/status"), "changed while it was read"),  # it says that it has no bytes
    ],
)
def test_what_is_no_file_is_refused_without_being_waited_for(
    desk: Desk, make: Callable[[Path], Path], why: str
) -> None:
    good = desk.file()
    path = make(desk.folder / "given")
    with pytest.raises(AttachmentRefused, match=why):
        desk.attached.add(desk.entry, [good, path])
    assert desk.attached.of() == []


@pytest.mark.parametrize("why", ["no regular file", "part of this diary"])
def test_what_takes_the_place_of_a_file_after_it_was_looked_at_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """It is the open file that counts, and a pipe is opened without being waited for."""
    path, own, real = desk.file(), desk.file(b"vault", "vault.db"), os.open
    about = own.stat()
    desk.stores.attachments.own.add((about.st_dev, about.st_ino))

    times = list[Path]()

    def exchanges(given: Path, *more: int) -> int:
        times.append(given)
        if len(times) == 2:  # all are opened, and looked at, before the first is read
            given.unlink()
            os.mkfifo(given) if why == "no regular file" else os.link(own, given)
        return real(given, *more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", exchanges)
        with pytest.raises(AttachmentRefused, match=why):
            desk.attached.add(desk.entry, [path])
    assert desk.attached.of() == []


def test_a_file_that_may_not_be_read_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    path = desk.file()
    monkeypatch.setattr(os, "open", refuse)  # for root, every file may be read
    with pytest.raises(AttachmentRefused, match="may not be read"):
        desk.attached.add(desk.entry, [path])


def test_a_link_that_is_named_is_followed(desk: Desk) -> None:
    target = desk.file(b"words")
    (kept,) = desk.attached.add(desk.entry, [made_link(desk.folder / "link.txt", str(target))])
    assert (kept.name, desk.content(kept)) == ("link.txt", b"words")


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_the_vaults_own_files_are_refused_by_any_name(desk: Desk, link: Callable[..., None]) -> None:
    own, other = desk.file(b"vault", "vault.db"), desk.folder / "holiday.jpg"
    about = own.stat()
    desk.stores.attachments.own.add((about.st_dev, about.st_ino))
    link(own, other)
    for path in (own, other):
        with pytest.raises(AttachmentRefused, match="part of this diary"):
            desk.attached.add(desk.entry, [path])
    assert [one.path.name for one in desk.attached.offered(desk.folder)] == []


def meddled(desk: Desk, path: Path, meddle: Callable[[], object]) -> None:
    """Attach a file that is meddled with after its first two megabytes were read."""

    def report(progress: Progress) -> None:
        if progress.done == 2:
            meddle()

    with pytest.raises(AttachmentRefused, match="changed while it was read"):
        desk.attached.add(desk.entry, [desk.file(b"first", "first"), path], report=report)
    assert desk.attached.of() == []


def test_a_file_that_grows_while_it_is_read_is_refused(desk: Desk) -> None:
    path = desk.file(bytes(4_000_000))

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"more")

    meddled(desk, path, grow)


def test_a_file_that_shrinks_while_it_is_read_is_refused(desk: Desk) -> None:
    path = desk.file(bytes(4_000_000))
    meddled(desk, path, lambda: os.truncate(path, 3_000_000))


def test_a_file_that_is_written_in_place_while_it_is_read_is_refused(desk: Desk) -> None:
    path = desk.file(bytes(4_000_000))

    def change() -> None:
        with path.open("r+b") as file:
            file.write(b"other")
        os.utime(path, ns=(1, 1))  # however coarse the clock of the disk

    meddled(desk, path, change)


def test_a_file_that_another_takes_the_place_of_is_kept_as_it_was_opened(desk: Desk) -> None:
    path = desk.file(b"\1" * 4_000_000)

    def replace(progress: Progress) -> None:
        if progress.done == 2:
            desk.file(b"\2" * 4_000_000, "other").replace(path)

    (kept,) = desk.attached.add(desk.entry, [path], report=replace)
    assert desk.content(kept) == b"\1" * 4_000_000


def test_a_stop_keeps_nothing_and_closes_the_files(desk: Desk) -> None:
    path = desk.file(bytes(3_000_000))
    before = len(list(Path("/proc/self/fd").iterdir()))
    seen: list[Progress] = []
    with pytest.raises(Stopped):
        desk.attached.add(desk.entry, [path], report=seen.append, cancelled=lambda: len(seen) > 0)
    assert desk.attached.of() == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert seen == [Progress("Attaching (MB)", 1, 3)]


def test_the_exchange_folder_offers_files_and_nothing_else(desk: Desk) -> None:
    for name in ("b.txt", "A.txt", ".hidden", ".diary-0123456789abcdef.part"):
        desk.file(name=name)
    (desk.folder / "folder").mkdir()
    made_link(desk.folder / "link", "/etc/passwd")
    made_pipe(desk.folder / "pipe")
    assert [(one.path.name, one.size) for one in desk.attached.offered(desk.folder)] == [
        ("A.txt", 5),
        ("b.txt", 5),
    ]
    with pytest.raises(StorageFailed, match="cannot be read"):
        desk.attached.offered(desk.folder / "none")
