"""What broken input brought to light, once each: a refusal in words where there was a traceback."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from diary.cli.output import Console
from diary.cli.questions import batch_line
from diary.engine.whisper_folder import check_whisper_folder
from diary.errors import EngineFailed, ModelDamaged, UsageError
from diary.provisioning import sealed
from diary.settings import load_settings
from diary.settings_file import SettingsWrong
from diary.tui.drafting import decode
from diary.vault.rescue.pages import PageFile
from diary.vault.rescue.records import Tally, _local, records
from policies import report
from tests.fuzz.of_engines import _WHISPER
from tests.fuzz.of_imports import sounds
from tests.fuzz.of_small_files import logs
from tests.fuzz.of_vaults import key

DEEP = "[" * 20_000


@pytest.mark.parametrize(
    "text",
    [
        'vault = "~nobody-of-this-name/diary"',
        '[screen]\nexchange = "~nobody-of-this-name/x"',
        '[backup]\nfolder = "~nobody-of-this-name/x"',
        'vault = "a\\u0000b"',
        f"x = {'9' * 5000}",
        f"x = {DEEP}",
    ],
)
def test_settings_that_name_no_folder_or_no_number_are_refused(tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    with pytest.raises(SettingsWrong, match="nothing was opened"):
        load_settings(config=config)


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
@pytest.mark.parametrize(
    "content", [b'{"\xff": 1}', b'{"alignment_heads": ' + DEEP.encode(), b'{"\xed\xa0\x80":1}']
)
def test_a_speech_model_whose_settings_are_no_text_or_too_deep_is_damaged(
    tmp_path: Path, name: str, content: bytes
) -> None:
    for one, usual in (_WHISPER | {name: content}).items():
        (tmp_path / one).write_bytes(usual)
    with pytest.raises(ModelDamaged, match=f"cannot read {name}"):
        check_whisper_folder(tmp_path)


def test_a_line_of_a_batch_that_is_no_unicode_is_refused_by_its_number() -> None:
    """As a terminal without a language gives it: bytes that are no UTF-8, carried as half characters."""
    with pytest.raises(UsageError, match="Line 3 of the batch"):
        batch_line('{"q": "\udc9a"}', 3)


def test_a_draft_that_is_brackets_without_end_is_its_text() -> None:
    assert decode(DEEP).text == DEEP


def test_json_steers_no_terminal_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON escapes C0 and lets DEL, C1 (a CSI of one character) and bidirectional overrides stand."""
    words = "a\x1b]52;c;QQ==\x07 \x9b31m \x7f \u202egpj.exe\u2066 \u2028 \u200e1\u200f2\u061c end"
    Console(json=True).document({"text": words, words: [words]})
    written = capsys.readouterr().out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", written)
    assert json.loads(written) == {"text": words, words: [words]}


def test_a_row_whose_pages_lead_back_to_themselves_is_torn_and_ends() -> None:
    """A row that says it has 2^40 bytes, and goes on in a page that goes on in itself."""
    size, on_page, number = bytes([0xA0, 0x80, 0x80, 0x80, 0x80, 0x00]), _local(0x0D, 2**40, 1024), b"\x01"
    row = size + number + bytes(on_page) + (2).to_bytes(4, "big")
    start = bytes([0x0D, 0, 0, 0, 1]).ljust(8, b"\0") + (10).to_bytes(2, "big")
    page = (start + row).ljust(1024, b"\0")
    going_on = (2).to_bytes(4, "big") + bytes([1]) * 1020
    tally, looked = Tally(), []

    def read_page(number: int) -> bytes | None:
        looked.append(number)
        assert len(looked) < 100, "it goes round"
        return going_on

    assert list(records(2, page, 1024, read_page, tally)) == []
    assert tally.torn == 1
    assert looked == [2]


@pytest.mark.parametrize("unit", ["°C", "°F"])
def test_a_temperature_under_the_name_of_a_substance_is_kept_and_not_converted(unit: str) -> None:
    """It cannot be so many moles; an entry that said so could not be saved."""
    from ingest.observations.reading import read_observations

    found = read_observations(f"glucose:: 5.6 mmol/l and glucose:: 38 {unit}; glucose:: 99 mg/dl")
    assert len(found) == 3


def test_a_sound_of_a_billion_samples_a_second_is_refused_at_once() -> None:
    """A filter for it took 23 seconds, which no one could stop."""
    from ingest.engines.sound import SoundDamaged, blocks

    whole = bytearray(sounds()[0])
    whole[24:28] = (0x62003E80).to_bytes(4, "little")
    started = time.process_time()
    with pytest.raises(SoundDamaged, match="samples a second"):
        list(blocks(bytes(whole)))
    assert time.process_time() - started < 5


def test_a_sound_of_an_unknown_coding_is_damaged() -> None:
    from ingest.engines.sound import SoundDamaged, blocks

    whole = bytearray(sounds()[0])
    whole[20:22] = b"\x77\x77"  # the number of its coding
    with pytest.raises(SoundDamaged, match="no decoder"):
        list(blocks(bytes(whole)))


def test_a_log_that_says_there_are_thousands_of_millions_of_pages_is_believed_no_further_than_its_frames(
    tmp_path: Path,
) -> None:
    """Getting words out of a damaged vault would have looked for each of them: for hours."""
    whole = bytearray(logs()[0])
    whole[36:40] = (2**32 - 1).to_bytes(4, "big")  # of its first frame: how many pages the database has
    (tmp_path / "vault.db").write_bytes(bytes(2048))
    (tmp_path / "vault.db-wal").write_bytes(whole)
    with PageFile(tmp_path / "vault.db", key(), page_size=1024) as pages:
        assert pages.count == 2


def test_an_answer_that_is_brackets_without_end_is_refused() -> None:
    with pytest.raises(EngineFailed):
        sealed._checked(b'{"failure": ' + DEEP.encode())
    with pytest.raises(ValueError, match="too deep"):
        report._read(DEEP.encode())
