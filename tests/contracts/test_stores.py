"""The fakes and the vault pass the same suites."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.stores import DraftStoreContract, EntryEditorContract, EntryStoreContract
from tests.contracts.stores_ageing import AgeingStoreContract
from tests.contracts.stores_attachments import AttachmentsContract
from tests.contracts.stores_backups import BackupMakerContract
from tests.contracts.stores_deleted import DeletedStoreContract
from tests.contracts.stores_index import IndexWriterContract, PassageIndexContract
from tests.contracts.stores_observations import ObservationsContract
from tests.contracts.stores_renewal import VectorRenewalContract
from tests.contracts.stores_shape import Stores
from tests.contracts.stores_taken_in import ImportsContract, RecordingStoreContract
from tests.contracts.stores_voice import (
    GlossaryStoreContract,
    PreferencesContract,
    SpoolStoreContract,
    TranscriptHistoryContract,
)
from tests.fakes.stores import fake_stores
from tests.unit.vault.fresh import fresh_vault


@pytest.fixture(params=["fake", "vault"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        fake = fake_stores()
        yield Stores(
            entries=fake.entries,
            deleted=fake.deleted,
            ageing=fake.ageing,
            drafts=fake.drafts,
            imports=fake.imports,
            recordings=fake.recordings,
            attachments=fake.attachments,
            passages=fake.passages,
            observations=fake.observations,
            spools=fake.spools,
            glossary=fake.glossary,
            preferences=fake.preferences,
            backups=fake.backups,
        )
        return
    with fresh_vault(tmp_path) as vault:
        yield Stores(
            entries=vault.entries,
            deleted=vault.deleted,
            ageing=vault.ageing,
            drafts=vault.drafts,
            imports=vault.imports,
            recordings=vault.recordings,
            attachments=vault.attachments,
            passages=vault.passages,
            observations=vault.observations,
            spools=vault.spools,
            glossary=vault.glossary,
            preferences=vault.preferences,
            backups=vault.backups,
        )
        assert vault.check() == []


class TestEntryStore(EntryStoreContract):
    pass


class TestEntryEditor(EntryEditorContract):
    pass


class TestDeletedStore(DeletedStoreContract):
    pass


class TestAgeingStore(AgeingStoreContract):
    pass


class TestDraftStore(DraftStoreContract):
    pass


class TestImports(ImportsContract):
    pass


class TestRecordingStore(RecordingStoreContract):
    pass


class TestAttachments(AttachmentsContract):
    pass


class TestSpoolStore(SpoolStoreContract):
    pass


class TestTranscriptHistory(TranscriptHistoryContract):
    pass


class TestGlossaryStore(GlossaryStoreContract):
    pass


class TestPreferences(PreferencesContract):
    pass


class TestIndexWriter(IndexWriterContract):
    pass


class TestPassageIndex(PassageIndexContract):
    pass


class TestVectorRenewal(VectorRenewalContract):
    pass


class TestObservations(ObservationsContract):
    pass


def test_a_fake_refuses_to_be_built_outside_a_test_run() -> None:
    script = "from tests.fakes.stores import fake_stores; fake_stores()"
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "for tests only" in ran.stderr


class TestBackupMaker(BackupMakerContract): ...
