"""The import contracts hold on paper (import-linter) and in a running process (`sys.modules`)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "onnxruntime",
    "onnx",
    "tokenizers",
    "llama_cpp",
    "faster_whisper",
    "ctranslate2",
    "av",
    "pocketsphinx",
    "scipy",
    "sklearn",
}
NETWORK = {"ssl", "http.client", "urllib.request", "requests", "httpx", "huggingface_hub"}


def modules_after(statement: str) -> set[str]:
    """The names in sys.modules of a fresh interpreter that ran the statement."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout))


def test_every_import_contract_is_kept() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "6 kept, 0 broken" in ran.stdout


@pytest.mark.parametrize(
    "module", ["diary.session", "diary.bootstrap", "diary.cli.main", "diary.cli.answers_out"]
)
def test_the_core_loads_no_model_library_and_no_network_library(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert module in loaded
    assert not loaded & HEAVY
    assert not loaded & NETWORK


def test_the_command_line_does_without_the_screen_library() -> None:
    assert "textual" not in modules_after("import diary.cli.main, diary.bootstrap")
    assert "textual" in modules_after("import diary.tui.app")


def test_an_entry_is_written_without_numpy_and_without_the_grammar_of_times() -> None:
    loaded = modules_after("import diary.cli.main, diary.cli.entries, diary.bootstrap")
    assert not loaded & {"numpy", "retrieval.when", "ingest.observations.reading"}


def test_policies_load_nothing_of_ours_and_nothing_heavy() -> None:
    loaded = modules_after("import policies.enforcement, policies.policy")
    assert not {name for name in loaded if name.split(".")[0] in {"diary", "ingest", "retrieval", "numpy"}}
    assert not loaded & HEAVY


def test_nothing_is_imported_before_the_network_is_closed() -> None:
    """When `close_network` is called, only policies and Python's own modules are there."""
    script = """
        import sys
        import policies.enforcement as wall
        def look(**_):
            print(*sorted(name for name in sys.modules if name.split(".")[0] in
                  {"diary", "ingest", "retrieval", "numpy", "sqlcipher3", "textual", "msgspec", "argparse"}))
            raise SystemExit(0)
        wall.close_network = look
        from diary.__main__ import main
        main()
    """
    import textwrap

    ran = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert set(ran.stdout.split()) == {"diary", "diary.__main__"}
