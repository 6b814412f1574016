"""What no file can be used for, since nothing here reads it: archives that unpack to a flood, XML with
entities, objects that run as they are loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("diary", "ingest", "retrieval", "policies")
ARCHIVES = {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zipimport", "zstandard"}
XML = {"xml", "lxml", "defusedxml", "plistlib", "html", "bs4"}
OBJECTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle"}
RUNS = {"eval", "exec", "compile", "__import__", "runpy.run_path", "os.system", "torch.load"}
LETS_IT = {"allow_pickle", "trust_remote_code", "shell"}
"""Arguments that, when they are anything but False, have a library run what it reads."""
LOADERS = {f"{kind}Loader" for kind in ("", "C", "Unsafe", "CUnsafe", "Full", "CFull")}
"""Of PyYAML, which make objects."""


def imported(tree: ast.AST) -> Iterator[str]:
    """The first parts of the names that are imported, anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def called(tree: ast.AST) -> Iterator[str]:
    """The plain names that are called, and what is called of another module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def allowed(tree: ast.AST) -> Iterator[str]:
    """What a library is let run, and YAML that makes objects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in LETS_IT and ast.unparse(node.value) != "False":
            yield node.arg
        elif isinstance(node, ast.Attribute) and node.attr in LOADERS and ast.unparse(node.value) == "yaml":
            yield f"yaml.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "yaml":
            yield "from yaml import"


def trees() -> Iterator[tuple[str, ast.AST]]:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def harmful(tree: ast.AST) -> set[str]:
    """What there is of it in a module."""
    calls = set(called(tree))
    return {
        *(set(imported(tree)) & (ARCHIVES | XML | OBJECTS)),
        *(calls & (RUNS | {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "zlib.decompress"})),
        *(one for one in calls if one.endswith((".unpack_archive", ".decompressobj"))),
        *allowed(tree),
    }


def test_nothing_reads_archives_xml_or_objects_and_nothing_runs_what_it_read() -> None:
    found = {path: what for path, tree in trees() if (what := harmful(tree))}
    assert found == {}


def test_one_that_did_would_be_noticed() -> None:
    planted = ast.parse("import zipfile\nfrom xml.etree import ElementTree\nyaml.load(x)\neval(y)")
    assert set(imported(planted)) == {"zipfile", "xml"}
    assert set(called(planted)) >= {"yaml.load", "eval"}
    objects = "np.load(x, allow_pickle=y)\nclass A(yaml.UnsafeLoader): pass\nfrom yaml import load\n"
    harmless = "f(x, trust_remote_code=False)\nclass A(yaml.SafeLoader): pass\n"
    assert set(allowed(ast.parse(objects + harmless))) == {
        "allow_pickle", "yaml.UnsafeLoader", "from yaml import"
    }  # fmt: skip
