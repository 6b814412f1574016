"""Each rule of a clinic's policy is kept by what the command line and the screen have in common."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from diary import rules as rules_module
from diary.bootstrap import open_diary, open_keys, under_policy
from diary.engine import allowed
from diary.errors import DiaryError, ModelNotAllowed, PolicyForbids, WeakPassphrase
from diary.model.entry import BatchId, EntryChanges, EntryId
from diary.model.progress import silent
from diary.model.retention import RetentionDone, RetentionRules
from diary.retention import Retention
from diary.rules import under
from diary.session import Session
from diary.settings import BackupHabit, Compose, Settings, Speech
from diary.upkeep import back_up, salvage_vault
from diary.vault.vault import Vault
from policies.enforcement import Enforced
from policies.rules import EXPORTS, RULES
from tests.clinic.signed import CLINIC, settings, signed
from tests.unit.vault.fresh import CHEAPEST, MORNING, fresh_folder

WALL = cast("Enforced", None)
"""The proof is a parameter that nobody reads."""
STRONG = "seven quiet herons by the weir"


@dataclass(frozen=True)
class Kernel:
    """What a wall says of itself."""

    landlock_abi: int
    sealed: bool = True


@pytest.fixture(autouse=True)
def every_model_again() -> Iterator[None]:
    yield
    allowed.only(None, ModelNotAllowed)


@contextmanager
def diary(place: Path, rules: str, **own: object) -> Iterator[tuple[Session, Settings]]:
    """An open diary of a clinic with these rules, with one entry."""
    chosen = settings(place, rules, **own)
    _, code = fresh_folder(place)
    with closing(open_diary(WALL, chosen, code, now=lambda: MORNING)) as session:
        session.write("Slept badly.")
        yield session, chosen


ONE = EntryId(1)
DAYS = timedelta(days=1)


def test_no_rule_is_left_unread() -> None:
    source = Path(rules_module.__file__).read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if f'"{rule.name}"' not in source] == []


@pytest.mark.parametrize(
    ("rules", "own", "reads"),
    [
        ("[lock]\nafter_minutes = 5", {}, lambda s: s.lock_after == 5 * DAYS / 1440),
        ("[lock]\nafter_minutes = 5", {"lock_after": None}, lambda s: s.lock_after == 5 * DAYS / 1440),
        (
            "[lock]\nafter_minutes = 5",
            {"lock_after": 3 * DAYS / 1440},
            lambda s: s.lock_after == 3 * DAYS / 1440,
        ),
        ("[audio]\nkeep_days = 30", {}, lambda s: s.speech.keep_audio == 30 * DAYS),
        (
            "[audio]\nkeep_days = 30",
            {"speech": Speech(keep_audio=0 * DAYS)},
            lambda s: s.speech.keep_audio == 0 * DAYS,
        ),
        ("[retention]\nentries_days = 90", {}, lambda s: s.retention.entries == 90 * DAYS),
        ("[retention]\ncondense_days = 60", {}, lambda s: s.retention.condense == 60 * DAYS),
        (
            "[retention]\ncondense_days = 60",
            {"retention": RetentionRules(condense=30 * DAYS)},
            lambda s: s.retention.condense == 30 * DAYS,
        ),
        ("[retention]\nrevisions_days = 9", {}, lambda s: s.retention.revisions == 9 * DAYS),
        ("[retention]\ndeleted_days = 0", {}, lambda s: s.retention.deleted == 0 * DAYS),
        (
            "[retention]\nentries_days = 90",
            {"retention": RetentionRules(entries=1000 * DAYS)},
            lambda s: s.retention.entries == 90 * DAYS,
        ),
        ('[answers]\ncompose = "never"', {}, lambda s: s.compose is Compose.NEVER),
        (
            '[answers]\ncompose = "examined"',
            {"compose": Compose.NEVER},
            lambda s: s.compose is Compose.NEVER,
        ),
        (
            "[backup]\nevery_days = 7",
            {"backup": BackupHabit(every=None)},
            lambda s: s.backup.every == 7 * DAYS,
        ),
        ("[audit]\nkeep = true", {"log_kept": 30 * DAYS}, lambda s: s.log_kept is None),
        ("[audit]\ndays = 400", {"log_kept": 30 * DAYS}, lambda s: s.log_kept == 400 * DAYS),
        ("[audit]\ndays = 400", {"log_kept": 900 * DAYS}, lambda s: s.log_kept == 900 * DAYS),
        ("[audit]\ndays = 400", {}, lambda s: s.log_kept is None),
    ],
)
def test_what_is_a_setting_is_tightened_in_the_settings(
    tmp_path: Path, rules: str, own: dict[str, object], reads: Callable[[Settings], bool]
) -> None:
    assert reads(settings(tmp_path, rules, **own))


def test_without_a_clinic_the_settings_are_the_very_same(tmp_path: Path) -> None:
    plain = settings(tmp_path)
    assert under(plain, None) is plain
    assert plain.clinic.backup_target(tmp_path) is tmp_path
    for form in EXPORTS:
        plain.clinic.require_export(form)


def test_where_there_is_no_clinic_nothing_waits_for_what_reads_a_policy(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from policies import place; place.FOLDER = Path(sys.argv[1])\n"
        "from diary import rules; from diary.settings import load_settings\n"
        "plain = load_settings(); assert rules.under(plain, rules.read()) is plain\n"
        "print(*(name for name in sys.modules if name.startswith(('cryptography', 'policies'))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert set(ran.stdout.split()) <= {"policies", "policies.errors", "policies.place"}


def test_a_legal_hold_keeps_what_every_other_rule_would_take(tmp_path: Path) -> None:
    held = settings(
        tmp_path,
        "[retention]\nlegal_hold = true\nentries_days = 1\ncondense_days = 1\nrevisions_days = 1\n"
        "deleted_days = 0\n"
        "[audio]\nkeep_days = 0",
    )
    assert held.retention == RetentionRules(deleted=30 * DAYS, hold=True)
    assert held.speech.keep_audio is None


@pytest.mark.parametrize(
    "erase",
    [
        lambda session: session.delete(ONE, erase=True),
        lambda session: session.erase_deleted([session.delete(ONE).entry.id]),
        lambda session: session.undo_import(BatchId(1)),
        lambda session: session._stores.ageing.erase(session._stores.ageing.entries(MORNING + 900 * DAYS)),
        lambda session: session._stores.ageing.erase(session._stores.ageing.versions(MORNING + 900 * DAYS)),
        lambda session: session._stores.ageing.condense(
            session._stores.ageing.to_condense(MORNING + 900 * DAYS), lambda _: ""
        ),
        lambda session: session.attachments.remove(session.attachments.of()[0].id),
        lambda session: session._stores.recordings.forget_sound(ONE),
        lambda session: session.voice.discard_recording(session.voice.unfinished()[0].id),
    ],
    ids=[
        "delete",
        "deleted",
        "import",
        "old",
        "old versions",
        "condensed",
        "attachment",
        "sound",
        "recording",
    ],
)
def test_nothing_is_erased_under_a_legal_hold(tmp_path: Path, erase: Callable[[Session], object]) -> None:
    with diary(tmp_path, "[retention]\nlegal_hold = true") as (session, _):
        file = tmp_path / "entries.jsonl"
        file.write_text('{"id": "7", "date": "2026-05-01T10:00:00+02:00", "text": "Imported."}\n')
        session.import_files([file])
        session.edit(ONE, EntryChanges(text="Slept well."))
        session.attachments.add(ONE, [file])
        with closing(session._stores.spools.begin(MORNING)) as spool:
            spool.append(bytes(3200))
        count = session.status().entries
        with pytest.raises(PolicyForbids, match=r"legal_hold.*Nothing was changed"):
            erase(session)
        for one in session.deleted():
            session.restore_deleted(one.entry.id)
        assert session.status().entries == count
        assert len(session.history(ONE)) == 2
        assert len(session.attachments.of()) == 1 and len(session.voice.unfinished()) == 1


def test_retention_pauses_under_a_legal_hold(tmp_path: Path) -> None:
    with diary(tmp_path, "[retention]\nlegal_hold = true\nentries_days = 1") as (session, _):
        session.delete(session.write("Gone.").id)
        late = Retention(
            session._stores.ageing,
            session._stores.deleted,
            session._stores.preferences,
            session.retention.rules,
            now=lambda: MORNING + 900 * DAYS,
            clock_in_doubt=lambda: None,
        )
        assert (late.outlook(), late.run(at_once=True)) == ([], RetentionDone())
        assert (len(session.entries()), len(session.deleted())) == (1, 1)


def test_what_is_deleted_under_a_legal_hold_can_be_brought_back(tmp_path: Path) -> None:
    own = {"retention": RetentionRules(deleted=timedelta(0))}
    with diary(tmp_path, "[retention]\nlegal_hold = true", **own) as (session, _):
        assert session.delete(ONE) is not None
        assert session.restore_deleted(ONE).text == "Slept badly."


@pytest.mark.parametrize("passphrase", ["correct horse battery staple", STRONG])
def test_a_new_passphrase_withstands_as_many_guesses_as_the_clinic_asks(
    tmp_path: Path, passphrase: str
) -> None:
    chosen = settings(tmp_path, "[passphrase]\nguesses = 29")
    says = rf"asked for by the policy of “{CLINIC}” \(passphrase.guesses\)"
    with pytest.raises(WeakPassphrase, match=says):
        Vault.create(chosen.vault, passphrase, policy=chosen.clinic)
    _, code = fresh_folder(tmp_path)
    with open_keys(WALL, chosen, code) as ring:
        with pytest.raises(WeakPassphrase, match=says):
            ring.add_passphrase(passphrase, kdf=CHEAPEST)
        with pytest.raises(WeakPassphrase, match=says):
            ring.change("1", passphrase, kdf=CHEAPEST)


def test_a_clinic_cannot_ask_for_fewer_guesses_than_the_program(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "[passphrase]\nguesses = 6")
    with pytest.raises(WeakPassphrase):
        Vault.create(chosen.vault, "password12", policy=chosen.clinic)


def test_no_attachment_leaves_where_none_may(tmp_path: Path) -> None:
    with diary(tmp_path, '[export]\nformats = ["ics"]') as (session, _):
        file = tmp_path / "letter.txt"
        file.write_text("A letter.")
        (kept,) = session.attachments.add(ONE, [file])
        with pytest.raises(PolicyForbids, match=r"export.formats.*attachments"):
            session.attachments.export(kept.id, tmp_path / "out.txt")
        assert not (tmp_path / "out.txt").exists()


def test_nothing_is_salvaged_where_that_may_not_leave(tmp_path: Path) -> None:
    with diary(tmp_path, '[export]\nformats = ["ics"]') as (_, chosen):
        pass
    with pytest.raises(PolicyForbids, match=r"export.formats"):
        salvage_vault(WALL, chosen, "a passphrase", tmp_path / "out", report=silent)
    assert not (tmp_path / "out").exists()


def test_only_the_formats_of_the_clinic_are_imported(tmp_path: Path) -> None:
    with diary(tmp_path, '[import]\nformats = ["markdown"]') as (session, _):
        lines, note = tmp_path / "entries.jsonl", tmp_path / "note.md"
        lines.write_text('{"id": "7", "date": "2026-05-01T10:00:00+02:00", "text": "Imported."}\n')
        note.write_text("---\ndate: 2026-05-01\n---\nWalked.\n")
        for named in (None, "jsonl"):
            with pytest.raises(PolicyForbids, match=r"import.formats.*jsonl"):
                session.import_files([note, lines], format=None if named is None else named)
        assert session.status().entries == 1
        assert session.import_files([note]).added == 1


@pytest.mark.parametrize(
    "target",
    [
        lambda place: place / "outside" / "b",
        lambda place: place / "in" / ".." / "outside" / "b",
        lambda place: place / "in" / "link" / "b",
        lambda place: place / "in" / "file",
        lambda place: place / "inside",
    ],
    ids=["elsewhere", "dots", "a link within", "a link of the last", "the same beginning"],
)
def test_a_backup_is_written_only_where_the_clinic_says(
    tmp_path: Path, target: Callable[[Path], Path]
) -> None:
    for folder in ("in", "outside", "inside"):
        (tmp_path / folder).mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "file").symlink_to(tmp_path / "outside" / "b")
    chosen = settings(tmp_path, f'[backup]\nfolders = ["{tmp_path}/in"]')
    _, code = fresh_folder(tmp_path)

    def make(where: Path) -> Path:
        return back_up(
            WALL, chosen, code, where, keep=None, full=True, now=lambda: MORNING, report=silent, warn=print
        ).file

    with pytest.raises(PolicyForbids, match=r"backup.folders"):
        make(target(tmp_path))
    assert not [*(tmp_path / "outside").iterdir(), *(tmp_path / "inside").iterdir()]
    assert make(tmp_path / "in" / "b").is_file()


def test_the_screens_backup_goes_only_where_the_clinic_says(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    rules = f'[backup]\nfolders = ["{tmp_path}/in"]'
    with (
        diary(tmp_path, rules, backup=BackupHabit(folder=tmp_path / "out")) as (session, _),
        pytest.raises(PolicyForbids, match=r"backup.folders"),
    ):
        session.backups.make()


def test_where_the_wall_must_close_files_a_kernel_without_landlock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diary.rules.read", lambda: signed('[seal]\nlevel = "files"'))
    under_policy(cast("Enforced", Kernel(landlock_abi=4)), settings(tmp_path))
    with pytest.raises(PolicyForbids, match=r"seal.level"):
        under_policy(cast("Enforced", Kernel(landlock_abi=0)), settings(tmp_path))


def test_a_refusal_names_the_clinic_and_the_rule_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DiaryError) as refusal:
        settings(tmp_path, '[export]\nformats = ["ics"]').clinic.require_export("fhir")
    assert (CLINIC in refusal.value.message, refusal.value.code) == (True, "policy-forbids")
    assert "export.formats" in refusal.value.message and "diary policy show" in refusal.value.hint
