"""The log: events without contents, and no way to shorten, reorder or rewrite it against a checkpoint."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from diary.model.audit import OF_ANOTHER_VAULT, Checkpoint, Event, ShortCode
from diary.vault.audit import AuditLog, content_of, findings_in
from diary.vault.checkpoints import CheckpointWrong, decode, encode, read_code, short_code
from diary.vault.connection import Row
from diary.vault.log_tree import includes, inclusion_proof, leaf_of, root_of
from tests.unit.vault.fresh import MORNING, fresh_vault

VAULT = b"0123456789abcdef"
# The test data of RFC 6962's reference implementation (google/certificate-transparency), and its roots.
DATA = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_tree_is_that_of_rfc_6962() -> None:
    leaves = [leaf_of(bytes.fromhex(data)) for data in DATA]
    assert tuple(root_of(leaves[:size]).hex() for size in range(1, 9)) == ROOTS
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_proof_leads_from_each_leaf_to_the_root_and_from_no_other() -> None:
    for size in range(1, 20):
        leaves = [leaf_of(bytes([number])) for number in range(size)]
        root = root_of(leaves)
        for number in range(size):
            proof = inclusion_proof(leaves, number)
            assert includes(leaves[number], number, size, proof, root)
            assert not includes(leaf_of(b"another"), number, size, proof, root)
            assert not includes(leaves[number], number, size, [*proof, root], root)
    with pytest.raises(IndexError):
        inclusion_proof([], 0)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    vault = fresh_vault(tmp_path)
    return AuditLog(vault._database, vault_id=VAULT, now=lambda: MORNING)


def rows_of(log: AuditLog) -> list[Row]:
    return log._database.rows(
        "SELECT number, event, made, made_offset, details, leaf FROM audit ORDER BY number"
    )


def test_events_come_back_as_they_were_logged(log: AuditLog) -> None:
    log.log(Event.UNLOCKED, way="passphrase")
    log.log(Event.EXPORTED, format="markdown", entries=12)
    found = log.events()[-2:]
    assert [one.event for one in found] == [Event.UNLOCKED, Event.EXPORTED]
    assert (found[1].details, found[1].made) == ({"entries": 12, "format": "markdown"}, MORNING)
    assert log.events(last=1) == found[1:]
    assert log.findings() == []


WORDS = ["", "Slept badly, again", "slept badly", "a\nb", "x" * 21, "\x1b[31m", "/home/me", "7 mg", "Ada"]


@pytest.mark.parametrize("words", WORDS)
def test_what_a_person_could_have_written_is_no_detail(log: AuditLog, words: str) -> None:
    before = log.size()
    for name in ("format", "by", "kind", "way", "what", "at", "key", "hash", "change", "asked", "title"):
        with pytest.raises(ValueError, match="a word from a list"):
            log.log(Event.EXPORTED, **{name: words})
    with pytest.raises(ValueError, match="a word from a list"):
        log.log(Event.EXPORTED, title="weir")  # of a name that no event has
    assert log.size() == before


def test_particulars_go_after_their_time_and_the_tree_holds(log: AuditLog) -> None:
    before = log.size()
    for number in range(5):
        log.log(Event.IMPORTED, entries=number)
    kept = log.checkpoint()
    assert log.shorten(MORNING) == 0
    assert log.shorten(MORNING + timedelta(seconds=1)) == 5
    assert [one.details for one in log.events()[before:-1]] == [None] * 5
    assert all(one.details is not None for one in log.events()[:before])
    assert log.events()[-1].event is Event.LOG_SHORTENED
    assert log.findings(kept) == []
    log.shorten(MORNING + timedelta(days=900))
    assert [one.details for one in log.events()[-2:]] == [{"events": 5}, {"events": before}]
    assert log.findings(kept) == []
    earlier = [(*row[:4], None, row[5]) if row[4] == '{"events":5}' else row for row in rows_of(log)]
    assert findings_in([*earlier, *_shortening(len(earlier), 1)], kept, vault_id=VAULT) == []


def _shortening(number: int, count: int) -> list[Row]:
    """An event that says that so many were removed."""
    said = (number, Event.LOG_SHORTENED.value, 7, 0, f'{{"events":{count}}}')
    return [(*said, leaf_of(content_of(*said)))]


def test_particulars_that_are_gone_and_no_event_says_so_are_found(log: AuditLog) -> None:
    """Without them the tree vouches for the place of an event alone: it could be called another."""
    log.log(Event.EXPORTED, format="ics", items=4)
    kept = log.checkpoint()
    log.log(Event.UNLOCKED, way="passphrase")
    for event in Event:
        rows = rows_of(log)
        number, _, made, offset, _, leaf = rows[kept.size - 1]
        rows[kept.size - 1] = (number, event.value, made, offset, None, leaf)
        assert "have lost their particulars" in findings_in(rows, kept, vault_id=VAULT)[0], event


def test_a_checkpoint_is_of_one_vault_and_one_signer(log: AuditLog, tmp_path: Path) -> None:
    log.log(Event.UNLOCKED)
    first, second = log.checkpoint(), log.checkpoint()
    assert first.key == second.key
    assert decode(encode(first)) == first
    assert log.findings(replace(first, vault=b"x" * 16)) == [OF_ANOTHER_VAULT]
    assert short_code(first).startswith(f"{first.size}-")
    assert len(short_code(first)) == len(str(first.size)) + 15


@pytest.mark.parametrize(
    "typed",
    [
        "18-OIBA-2345-ZZZZ",
        "18-oiba-2345-zzzz",
        " 18 OIBA 2345 ZZZZ",
        "18-01BA-2345-ZZZZ",
        "18-018A-2345-ZZZZ",
    ],
)
def test_a_code_is_read_as_a_hand_wrote_it(typed: str) -> None:
    assert read_code(typed) == ShortCode(18, "OIBA2345ZZZZ")


@pytest.mark.parametrize(
    "typed", ["", "18", "OIBA-2345-ZZZZ", "18-OIBA-2345-ZZZ9", "18-OIBA-2345", "1.8-OIBA-2345-ZZZZ"]
)
def test_what_is_no_code_is_read_as_none(typed: str) -> None:
    assert read_code(typed) is None


def test_a_checkpoint_that_was_changed_is_refused(log: AuditLog) -> None:
    log.log(Event.UNLOCKED)
    good = encode(log.checkpoint())
    form = msgspec.json.decode(good)
    spoilt = [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        good[:-5],
        *(
            msgspec.json.encode({**form, name: value})
            for name, value in (
                ("size", form["size"] + 1),
                ("size", -1),
                ("root", "00" * 32),
                ("vault", "00" * 16),
                ("key", "00" * 32),
                ("key", "zz"),
                ("signature", "00" * 64),
                ("made", "2020-01-01T00:00:00Z"),
                ("made", "2020-01-01T00:00:00"),
                ("form", "another"),
                ("more", 1),
            )
        ),
    ]
    for content in spoilt:
        with pytest.raises(CheckpointWrong, match="no checkpoint"):
            decode(content)


def shortened(rows: list[Row], chance: random.Random, size: int) -> list[Row]:
    """Events cut off at the end, or taken out and the rest numbered anew."""
    if chance.random() < 0.5:
        return rows[: chance.randrange(size)]
    gone = chance.randrange(size)
    return [(number, *row[1:]) for number, row in enumerate(rows[:gone] + rows[gone + 1 :])]


def reordered(rows: list[Row], chance: random.Random, size: int) -> list[Row]:
    one, other = chance.sample(range(size), 2)
    found = list(rows)
    found[one], found[other] = (one, *rows[other][1:]), (other, *rows[one][1:])
    return found


def rewritten(rows: list[Row], chance: random.Random, size: int) -> list[Row]:
    """As somebody with the vault key would: another event, with the leaf that belongs to it."""
    at = chance.randrange(size)
    number, event, made, offset, details, _ = rows[at]
    match chance.randrange(4):
        case 0:
            event = next(one.value for one in Event if one.value != event)
        case 1:
            made += chance.choice((-1, 1)) * chance.randrange(1, 10**9)
        case 2:
            offset += 60
        case _:
            details = f'{{"entries":{chance.randrange(10**6, 10**9)}}}'
    found = list(rows)
    found[at] = (
        number,
        event,
        made,
        offset,
        details,
        leaf_of(content_of(number, event, made, offset, details)),
    )
    return found


def edited(rows: list[Row], chance: random.Random, size: int) -> list[Row]:
    """A row changed and its leaf left as it was, or the other way round."""
    at = chance.randrange(size)
    found = list(rows)
    leaf = bytearray(rows[at][5])
    leaf[chance.randrange(32)] ^= 1 << chance.randrange(8)
    found[at] = (*rows[at][:5], bytes(leaf))
    if chance.random() < 0.5:
        found[at] = (*rows[at][:2], rows[at][2] + 1, *rows[at][3:])
    return found


def blanked(rows: list[Row], chance: random.Random, size: int) -> list[Row]:
    """Without its particulars an event could be any other, at any time, with the same leaf."""
    at = chance.randrange(size)
    number, _, made, offset, _, leaf = rows[at]
    found = list(rows)
    found[at] = (number, chance.choice(list(Event)).value, made - chance.randrange(10**9), offset, None, leaf)
    return found


def test_ten_thousand_shortened_reordered_and_rewritten_logs_are_all_found(log: AuditLog) -> None:
    chance = random.Random(6962)
    for number in range(40):
        log.log(chance.choice(list(Event)), entries=number)
    kept: list[Checkpoint] = [log.checkpoint()]
    for number in range(24):
        log.log(Event.UNLOCKED, entries=number)
    rows = rows_of(log)
    assert findings_in(rows, kept[0], vault_id=VAULT) == []
    ways: list[Callable[[list[Row], random.Random, int], list[Row]]]
    ways = [shortened, reordered, rewritten, edited, blanked]
    missed = [
        attempt
        for attempt in range(10_000)
        if not findings_in(ways[attempt % 5](rows, chance, kept[0].size), kept[0], vault_id=VAULT)
    ]
    assert missed == []
