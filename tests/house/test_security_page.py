"""SECURITY.md promises nothing without a test: every test it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
# Contract suites are tests too: they run for the fake and for the real thing.
TESTS = sorted({*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "tests" / "contracts").glob("*.py")})


def defined() -> set[str]:
    return {
        node.name
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_test_that_is_named_exists() -> None:
    files = {path.name for path in TESTS}
    named = set(re.findall(r"\btest_\w+\.py\b", PAGE))
    assert named - files == set()
    functions = set(re.findall(r"\btest_\w+\b(?!\.py)", PAGE))
    assert len(functions) > 40
    assert functions - defined() == set()


def test_every_guarantee_names_a_test() -> None:
    guarantees = re.findall(r"^- \*\*([A-Z]\d+)\.\*\*(.*?)(?=^- \*\*|^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert len(guarantees) > 40
    assert [number for number, text in guarantees if "test_" not in text] == []
