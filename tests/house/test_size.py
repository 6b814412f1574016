"""Files and functions stay small enough to read in one sitting."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("diary", "ingest", "retrieval", "policies", "tests")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def long_functions(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                found.append(f"{node.name} ({lines} lines, at {node.lineno})")
    return found


def test_the_rooms_are_found() -> None:
    assert len(SOURCES) > 50


def test_a_file_and_its_functions_are_short() -> None:
    found = {}
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        long = long_functions(source)
        if (lines := source.count("\n")) > LONGEST_FILE:
            long.append(f"the file itself ({lines} lines)")
        if long:
            found[str(path.relative_to(ROOT))] = long
    assert found == {}


def test_a_long_function_is_noticed() -> None:
    body = "\n".join("    x = 1" for _ in range(LONGEST_FUNCTION))
    assert long_functions(f"def long():\n{body}\n") != []
    assert long_functions("def short():\n    return 1\n") == []
