"""What a backup says it holds is believed only when it makes sense: the file may be anybody's."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from diary.vault.backups.index import Base, ChangedPages, Increment, Member, Whole, decode, encode

SUM = "0" * 64
ONE, TWO = "attachments/" + "1" * 32, "attachments/" + "2" * 32


def member(name: str, size: int = 0) -> Member:
    return Member(name=name, sha256=SUM, size=size)


OTHERS = (member("vault.header"), member("manifest"))
WHOLE = Whole(members=(*OTHERS, member("vault.db", 4096), member(ONE, 5)))
INCREMENT = Increment(
    base=Base(name="a.backup", sha256=SUM),
    database=ChangedPages(page_size=1024, count=9, runs=((1, 1), (2, 2), (9, 1))),
    kept=(TWO,),
    members=(*OTHERS, member("vault.db.pages", 4096), member(ONE, 5)),
)


def changed(change: Callable[[dict[str, Any]], object], index: Whole | Increment = INCREMENT) -> bytes:
    plain = msgspec.json.decode(encode(index))
    change(plain)
    return msgspec.json.encode(plain)


def pages(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda plain: plain["database"].update(fields)


def test_what_was_written_is_read() -> None:
    assert decode(encode(WHOLE), increment=False) == WHOLE
    assert decode(encode(INCREMENT), increment=True) == INCREMENT
    assert decode(encode(WHOLE), increment=True) is None
    assert decode(encode(INCREMENT), increment=False) is None


@pytest.mark.parametrize(
    "change",
    [
        pages(runs=[[0, 1], [2, 2], [9, 1]]),
        pages(runs=[[1, 1], [2, 2], [10, 1]]),
        pages(runs=[[1, 1], [1, 2], [9, 1]]),
        pages(runs=[[2, 2], [1, 1], [9, 1]]),
        pages(runs=[[1, 0], [2, 3], [9, 1]]),
        pages(runs=[[1, -1], [2, 4], [9, 1]]),
        pages(runs=[[1, 4]], count=3),
        pages(runs=[[1, 5]]),
        pages(runs=[[1, 2**40]], count=2**40),
        pages(count=0, runs=[]),
        pages(page_size=1000),
        pages(page_size=0),
        pages(page_size=2**40),
        lambda plain: plain["base"].update(name="../a.backup"),
        lambda plain: plain["base"].update(name="/etc/passwd"),
        lambda plain: plain["base"].update(name=".."),
        lambda plain: plain["base"].update(name=""),
        lambda plain: plain["base"].update(name="a\0b"),
        lambda plain: plain["base"].update(name="a" * 256),
        lambda plain: plain["base"].update(sha256="0" * 63),
        lambda plain: plain["base"].update(sha256="g" * 64),
        lambda plain: plain.update(kept=[TWO, TWO]),
        lambda plain: plain.update(kept=[ONE]),
        lambda plain: plain.update(kept=["vault.db"]),
        lambda plain: plain.update(kept=["attachments/../../x"]),
        lambda plain: plain.update(kept=["spools/" + "3" * 32]),
        lambda plain: plain["members"].append(plain["members"][0]),
        lambda plain: plain["members"][3].update(size=-1),
        lambda plain: plain["members"][3].update(sha256=""),
        lambda plain: plain["members"][3].update(name="attachments/x"),
        lambda plain: plain["members"][2].update(name="vault.db"),
        lambda plain: plain["members"].pop(1),
        lambda plain: plain.update(more=1),
        lambda plain: plain.pop("base"),
    ],
)
def test_what_makes_no_sense_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    assert decode(changed(lambda plain: None), increment=True) == INCREMENT
    assert decode(changed(change), increment=True) is None


def test_a_whole_one_has_no_pages_of_another_and_not_its_own_twice() -> None:
    for change in (
        lambda plain: plain["members"][2].update(name="vault.db.pages"),
        lambda plain: plain["members"][3].update(name="vault.db.pages"),
        lambda plain: plain["members"][3].update(name="vault.db"),
    ):
        assert decode(changed(change, WHOLE), increment=False) is None


def test_any_bytes_are_an_index_or_none_and_never_a_fault() -> None:
    dice = random.Random(6)
    for increment, good in ((False, encode(WHOLE)), (True, encode(INCREMENT))):
        for _ in range(2000):
            spoilt = bytearray(good)
            for _ in range(dice.randrange(1, 4)):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            decode(bytes(spoilt[: dice.randrange(len(spoilt) // 2, len(spoilt) + 1)]), increment=increment)
    assert decode(b"[" * 100_000, increment=True) is None
