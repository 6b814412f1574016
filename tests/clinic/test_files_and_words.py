"""Key files under a policy that counts guesses, and the glossary under a legal hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diary.bootstrap import open_keys
from diary.errors import PolicyForbids
from diary.key_file import fill_or_read, read_key_file, ready_for_new
from diary.model.glossary import TermDraft, TermKind
from tests.clinic.signed import settings
from tests.clinic.test_rules_kept import WALL, diary
from tests.unit.vault.fresh import fresh_folder


def test_where_guesses_are_counted_no_file_that_was_there_before_opens_the_diary(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "[passphrase]\nguesses = 14")
    _, code = fresh_folder(tmp_path)
    licence, made = tmp_path / "GPL-3", tmp_path / "key"
    licence.write_bytes(bytes(range(64)))
    ready_for_new(made, chosen.vault)
    with open_keys(WALL, chosen, code) as ring:
        with pytest.raises(PolicyForbids, match=r"passphrase.guesses.*there before"):
            ring.add_key_file(fill_or_read(licence)[0])
        added = ring.add_key_file(fill_or_read(made)[0])
    with open_keys(WALL, chosen, read_key_file(made)) as ring:
        assert ring.key(added.id).in_use


def test_no_word_of_the_glossary_is_lost_under_a_legal_hold_and_more_can_be_added(tmp_path: Path) -> None:
    with diary(tmp_path, "[retention]\nlegal_hold = true") as (session, _):
        glossary = session._stores.glossary
        ada = TermDraft(text="Ada", kind=TermKind.PERSON, instead_of=("Ether",))
        kept = glossary.add(ada)
        for lose in (
            lambda: glossary.remove(kept.id),
            lambda: glossary.add(replace(ada, instead_of=("Aida",))),
            lambda: glossary.change(replace(kept, text="Eda")),
            lambda: glossary.change(replace(kept, kind=TermKind.PLACE)),
            lambda: glossary.change(replace(kept, instead_of=())),
        ):
            with pytest.raises(PolicyForbids, match=r"legal_hold.*Nothing was changed"):
                lose()
        assert glossary.terms() == [kept]
        more = glossary.add(replace(ada, instead_of=("Ether", "Aida")))
        assert glossary.terms() == [more]
        further = replace(more, also=("Augusta",))
        assert glossary.change(further) == further
        with pytest.raises(PolicyForbids, match=r"legal_hold"):
            glossary.change(more)
        assert glossary.terms() == [further]
