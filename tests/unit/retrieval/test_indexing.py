"""Indexing what is pending."""

from __future__ import annotations

import numpy as np
import pytest

from diary.errors import EngineFailed
from diary.model.entry import EntryChanges, EntryId
from diary.model.progress import Progress
from retrieval.indexing import BATCH_PASSAGES, Indexer, as_int8
from tests.fakes.models import FakeEmbedder
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.made import diary_of, draft, index_pending


def contexts(stores: FakeStores) -> dict[EntryId, str]:
    return {owner: kept.context for owner, kept in stores.passages._rows.values()}


def conversation(count: int, start: int = 0) -> list[object]:
    return [draft(f"Turn {number}.", f"2024-03-05T09:{number:02d}") for number in range(start, start + count)]


def test_everything_pending_is_indexed_once():
    stores, embedder = diary_of(*conversation(5)), FakeEmbedder()
    assert index_pending(stores.passages, embedder) == 5
    texts = len(embedder.embedded)
    assert index_pending(stores.passages, embedder) == 0
    assert len(embedder.embedded) == texts


def test_each_turn_knows_the_turns_beside_it():
    stores = diary_of(*conversation(3))
    index_pending(stores.passages, FakeEmbedder())
    assert list(contexts(stores).values()) == ["Turn 1.", "Turn 0.\nTurn 2.", "Turn 1."]


def test_an_entry_that_joins_an_episode_renews_its_neighbours_and_nothing_more():
    stores, embedder = diary_of(*conversation(20)), FakeEmbedder()
    index_pending(stores.passages, embedder)
    joined = stores.entries.add(draft("Joined.", "2024-03-05T09:09:30"))
    assert index_pending(stores.passages, embedder) == 3
    found = contexts(stores)
    assert found[joined.id] == "Turn 9.\nTurn 10."
    assert "Joined." in found[EntryId(10)]
    assert "Joined." in found[EntryId(11)]


def test_a_stop_between_an_entry_and_its_neighbours_is_made_good_later():
    stores, embedder = diary_of(*conversation(6)), FakeEmbedder()
    index_pending(stores.passages, embedder)
    stores.entries.add(draft("Joined.", "2024-03-05T09:02:30"))
    stopped = iter([False, False, True])
    index_pending(stores.passages, embedder, cancelled=lambda: next(stopped, True))
    index_pending(stores.passages, embedder)
    assert "Joined." in contexts(stores)[EntryId(3)]
    assert "Joined." in contexts(stores)[EntryId(4)]
    assert stores.passages.pending_count() == 0


def test_a_revised_entry_renews_what_its_neighbours_say_of_it():
    stores, embedder = diary_of(*conversation(4)), FakeEmbedder()
    index_pending(stores.passages, embedder)
    stores.entries.revise(EntryId(2), EntryChanges(text="Changed."))
    index_pending(stores.passages, embedder)
    assert "Changed." in contexts(stores)[EntryId(1)]
    assert "Changed." in contexts(stores)[EntryId(3)]


def test_a_crash_of_the_embedder_keeps_what_was_indexed_before():
    stores, embedder = diary_of(*conversation(40)), FakeEmbedder()

    def fail(progress: Progress) -> None:
        embedder.failure = EngineFailed("gone") if progress.done >= 32 else None

    with pytest.raises(EngineFailed):
        index_pending(stores.passages, embedder, report=fail)
    assert stores.passages.pending_count() == 8
    embedder.failure = None
    renewed = 1  # the last that was indexed learns in this run that the next one joined it
    assert index_pending(stores.passages, embedder) == 8 + renewed
    assert stores.passages.pending_count() == 0


def test_another_model_embeds_everything_again_as_if_it_had_been_the_first():
    stores, fresh = diary_of(*conversation(50)), diary_of(*conversation(50))
    index_pending(stores.passages, FakeEmbedder())
    assert index_pending(stores.passages, FakeEmbedder(32, "other")) == 0
    index_pending(fresh.passages, FakeEmbedder(32, "other"))
    assert stores.passages.models == ("other",)
    for which in ("own", "window"):
        assert np.array_equal(getattr(stores.passages.table(), which), getattr(fresh.passages.table(), which))


def test_a_change_of_the_model_that_was_stopped_goes_on_where_it_was():
    stores, other = diary_of(*conversation(50)), FakeEmbedder(32, "other")
    index_pending(stores.passages, FakeEmbedder())
    seen: list[Progress] = []
    index_pending(stores.passages, other, report=seen.append, cancelled=lambda: len(seen) > 0)
    assert stores.passages.models == ("fake-embedder", "other")
    assert stores.passages.renewal.count() == 50 - BATCH_PASSAGES
    half = len(other.embedded)
    index_pending(stores.passages, other)
    assert stores.passages.models == ("other",)
    assert len(other.embedded) < 2 * 100 - half


def test_what_is_written_during_a_change_is_embedded_by_the_model_that_serves():
    stores, before, other = diary_of(*conversation(3)), FakeEmbedder(), FakeEmbedder(32, "other")
    index_pending(stores.passages, before)
    stores.passages.use_model(other.model, other.dimensions)
    stores.entries.add(draft("Written meanwhile.", "2024-03-06T09:00"))
    indexer = Indexer(stores.passages, other, former={before.model: before}.get)
    assert indexer.catch_up() == 1
    assert stores.passages.table().own[-1].any()
    assert other.embedded == []  # a search does not wait for the whole diary to be embedded again
    indexer.run()
    assert stores.passages.models == ("other",)
    assert stores.passages.table().own.any(axis=1).all()


def test_without_the_model_before_the_new_one_is_finished_before_a_search_from_the_command_line():
    stores, other = diary_of(*conversation(3)), FakeEmbedder(32, "other")
    index_pending(stores.passages, FakeEmbedder())
    Indexer(stores.passages, other).catch_up()
    assert stores.passages.models == ("other",)


def test_long_entries_are_kept_one_after_the_other_as_they_are_embedded():
    long = " ".join(f"Sentence number {number} says quite a lot of what was done." for number in range(120))
    stores, embedder = (
        diary_of(*(draft(long, f"2024-03-{day:02d}T09:00") for day in range(1, 6))),
        FakeEmbedder(),
    )
    seen: list[int] = []
    index_pending(stores.passages, embedder, report=lambda _: seen.append(len(embedder.embedded)))
    assert len(set(seen)) == 5


def test_a_search_does_not_wait_for_an_indexing_that_is_under_way():
    stores, embedder = diary_of(*conversation(3)), FakeEmbedder()
    indexer = Indexer(stores.passages, embedder)
    caught: list[int] = []
    assert indexer.run(report=lambda _: caught.append(indexer.catch_up())) == 3
    assert caught == [0, 0, 0]


def test_a_second_run_can_be_stopped_while_it_waits():
    stores, embedder = diary_of(*conversation(3)), FakeEmbedder()
    indexer = Indexer(stores.passages, embedder)
    waited: list[int] = []
    assert indexer.run(report=lambda _: waited.append(indexer.run(cancelled=lambda: True))) == 3
    assert waited == [0, 0, 0]


def test_progress_never_exceeds_its_total():
    stores, seen = diary_of(*conversation(40)), []
    index_pending(stores.passages, FakeEmbedder(), report=seen.append)
    assert [progress.done for progress in seen] == list(range(1, 41))
    assert all(progress.total >= progress.done for progress in seen)


def test_the_window_vector_is_of_the_passage_before_and_this_one():
    stores, embedder = (
        diary_of(draft("Alpha.", "2024-03-05T09:00"), draft("Beta.", "2024-03-05T09:01")),
        FakeEmbedder(),
    )
    index_pending(stores.passages, embedder)
    table = stores.passages.table()
    assert np.array_equal(table.own[0], table.window[0])
    assert np.array_equal(table.window[1], as_int8(embedder.embed(["Alpha.\nBeta."]))[0])


def test_int8_is_127_times_the_component_rounded():
    assert as_int8(np.array([[1.0, -1.0, 0.5, 0.0039, 0.0]], np.float32)).tolist() == [[127, -127, 64, 0, 0]]


def test_an_empty_entry_is_marked_indexed_without_passages():
    stores = diary_of(draft("", title="Only a title"))
    assert index_pending(stores.passages, FakeEmbedder()) == 1
    assert stores.passages.pending_count() == 0
