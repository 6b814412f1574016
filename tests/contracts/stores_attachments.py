"""What every store of attachments must do, whether it keeps them in memory or in the vault."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from diary.errors import AttachmentNotFound, AttachmentRefused, EntryNotFound, Stopped
from diary.model.attachment import AttachmentDraft, AttachmentId
from diary.model.entry import EntryId
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import words


def file(content: bytes = b"content", name: str = "scan.png", kind: str = "image/png") -> AttachmentDraft:
    return AttachmentDraft(name=name, media_type=kind, content=io.BytesIO(content))


class Refusing:
    """A file that cannot be read to its end."""

    def read(self, size: int, /) -> bytes:
        raise AttachmentRefused("This file changed while it was read.")


class AttachmentsContract:
    @pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
    def test_a_file_comes_back_byte_for_byte(self, stores: Stores, size: int) -> None:
        entry = stores.entries.add(words()).id
        content = bytes(number % 251 for number in range(size))
        (kept,) = stores.attachments.add(entry, [file(content)])
        assert b"".join(stores.attachments.content(kept.id)) == content
        assert (kept.entry, kept.name, kept.media_type, kept.size) == (entry, "scan.png", "image/png", size)
        assert kept.added.utcoffset() is not None
        assert stores.attachments.get(kept.id) == kept

    def test_a_name_is_kept_as_it_is_whatever_is_in_it(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id
        names = ["../../etc/passwd", "\x1b[2J", "a\u202egnp.exe", "x" * 5_000, "頭痛 🙂", ".hidden", "a\nb"]
        kept = stores.attachments.add(entry, [file(name=name) for name in names])
        assert [one.name for one in kept] == names

    @pytest.mark.parametrize("name", ["", " ", "\n\t "])
    def test_a_file_without_a_name_is_refused(self, stores: Stores, name: str) -> None:
        entry = stores.entries.add(words()).id
        with pytest.raises(AttachmentRefused):
            stores.attachments.add(entry, [file(), file(name=name)])
        assert stores.attachments.of(entry) == []

    def test_they_are_listed_by_entry_in_the_order_they_were_added(self, stores: Stores) -> None:
        first, second = stores.entries.add(words()).id, stores.entries.add(words()).id
        (late,) = stores.attachments.add(second, [file(name="late")])
        made = stores.attachments.add(first, [file(name="b"), file(name="a"), file(name="a")])
        assert stores.attachments.of(first) == made
        assert stores.attachments.of(second) == [late]
        assert stores.attachments.of() == [*made, late]
        assert stores.attachments.of(EntryId(99)) == []
        assert len({one.id for one in (*made, late)}) == 4

    def test_several_are_kept_together_or_not_at_all(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id
        refused = AttachmentDraft(name="b", media_type="text/plain", content=Refusing())
        with pytest.raises(AttachmentRefused):
            stores.attachments.add(entry, [file(), refused])
        assert stores.attachments.of() == []

    def test_one_is_read_to_its_end_before_the_next_is_asked_for(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id
        opened: list[io.BytesIO] = []

        def drafts() -> Iterator[AttachmentDraft]:
            for number in range(3):
                assert all(one.read(1) == b"" for one in opened)
                opened.append(io.BytesIO(b"x" * 100_000))
                yield AttachmentDraft(name=str(number), media_type="x/y", content=opened[-1])

        assert [one.name for one in stores.attachments.add(entry, drafts())] == ["0", "1", "2"]

    def test_a_stop_keeps_nothing(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id
        asked = 0

        def cancelled() -> bool:
            nonlocal asked
            asked += 1
            return asked > 3

        with pytest.raises(Stopped, match="Nothing was attached"):
            stores.attachments.add(entry, [file(bytes(1_000_000))], cancelled=cancelled)
        assert asked == 4
        assert stores.attachments.of() == []

    def test_an_entry_that_is_not_there_takes_none(self, stores: Stores) -> None:
        with pytest.raises(EntryNotFound):
            stores.attachments.add(EntryId(77), [file()])

    def test_an_entry_that_is_deleted_meanwhile_takes_none(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id

        def drafts() -> Iterator[AttachmentDraft]:
            yield file()
            stores.entries.delete(entry)

        with pytest.raises(EntryNotFound):
            stores.attachments.add(entry, drafts())
        assert stores.attachments.of() == []

    def test_a_removed_one_is_gone_and_its_number_is_never_used_again(self, stores: Stores) -> None:
        entry = stores.entries.add(words()).id
        first, second = stores.attachments.add(entry, [file(name="a"), file(name="b")])
        assert stores.attachments.remove(second.id) == second
        assert stores.attachments.of(entry) == [first]
        for act in (stores.attachments.get, stores.attachments.remove, stores.attachments.content):
            with pytest.raises(AttachmentNotFound):
                act(second.id)
        (third,) = stores.attachments.add(entry, [file()])
        assert third.id > second.id

    def test_they_go_with_their_entry(self, stores: Stores) -> None:
        doomed, other = stores.entries.add(words()).id, stores.entries.add(words()).id
        stores.attachments.add(doomed, [file(), file()])
        (kept,) = stores.attachments.add(other, [file()])
        stores.entries.delete(doomed)
        assert stores.attachments.of() == [kept]

    def test_a_number_that_is_not_there_is_told(self, stores: Stores) -> None:
        for act in (stores.attachments.get, stores.attachments.remove, stores.attachments.content):
            with pytest.raises(AttachmentNotFound, match="no attachment 77"):
                act(AttachmentId(77))
