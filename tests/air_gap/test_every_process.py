"""Every process that the diary starts seals itself before anything else, seen from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.engine.process import EngineProcess
from diary.settings import installed_models
from policies.before_the_wall import spawn, surroundings
from tests.air_gap.sealed import ROOT, run

PATIENCE = 60.0
PATHS = f"import sys; sys.path[:0] = {sys.path!r}"

STARTED = {
    "diary": "core", "diary.engine": "core", "diary.recorder": "recorder", "diary.provisioning.child": "core",
    "diary.provision": "core",
}  # fmt: skip
"""Every module of ours that is run as a program, but the probes, and the wall that it begins with; an engine
narrows its own when its paths are known."""

LOOKS = """
import runpy
import policies.enforcement as wall
from policies.profile import Profile
OURS = {"diary", "ingest", "retrieval", "numpy", "msgspec", "torch", "sqlcipher3", "argparse", "socket",
        "pathlib", "textual", "miniaudio", "onnxruntime", "llama_cpp"}
def look(profile=Profile.CORE, **_):
    print(profile.value, *sorted(name for name in sys.modules if name.split(".")[0] in OURS))
    raise SystemExit(0)
wall.close_network = look
module = sys.argv.pop(1)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", STARTED)
def test_a_process_closes_the_network_before_it_imports_anything_else(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PATHS + LOOKS, module],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    profile, *loaded = ran.stdout.split()
    assert profile == STARTED[module]
    # packages above it, which are empty; `runpy` itself loads what finds a module
    parts = f"{module}.__main__".split(".")
    above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    assert set(loaded) <= above


def test_no_other_module_is_started_as_a_program() -> None:
    packages = ("diary", "ingest", "retrieval", "policies")
    sources = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    named = {
        name
        for path in sources
        for name in re.findall(r'"-m",\s*"((?:diary|policies)[\w.]*)"', path.read_text(encoding="utf-8"))
    }
    entries = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        for path in sources
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    # the probes stand behind the wall of whoever starts them; `policies.reading` prints its schema, for us
    assert named | entries == STARTED.keys() | {"policies.probes", "policies.reading"}


@contextmanager
def core(*command: str, folder: Path) -> Iterator[int]:
    """A command that waits behind its wall for words on standard input."""
    passphrase = folder / "p"
    passphrase.write_text("seven quiet herons by the weir")
    (folder / "vault").mkdir()
    words = [*command, "--vault", str(folder / "vault"), "--passphrase-file", str(passphrase), "write", "-"]
    child = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    try:
        yield child.pid
    finally:
        child.kill()
        child.communicate()


@contextmanager
def engine(service: str, *paths: Path) -> Iterator[int]:
    process = EngineProcess(service, paths)
    try:
        process.read(PATIENCE)  # that it is ready
        yield process.pid
    finally:
        process.end()


@contextmanager
def recorder() -> Iterator[int]:
    pipes = spawn("diary.recorder", surroundings(dict(os.environ)))
    assert pipes is not None
    try:
        yield pipes.process
    finally:
        os.close(pipes.outgoing)
        os.waitpid(pipes.process, 0)
        os.close(pipes.incoming)


@contextmanager
def program(*arguments: str) -> Iterator[int]:
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield child.pid
    finally:
        child.kill()
        child.communicate()


def status_when_sealed(process: int) -> dict[str, str]:
    """Its status as soon as a filter stands; what it last was when none ever does."""
    ends = time.monotonic() + PATIENCE
    outside = int(status_of(os.getpid())["Seccomp_filters"])
    while True:
        status = status_of(process)
        sealed = int(status.get("Seccomp_filters", "0")) > outside
        if sealed or "Z" in status["State"] or time.monotonic() > ends:
            return status
        time.sleep(0.01)


def status_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


KINDS = (
    "diary",
    "python -m diary",
    "embed",
    "llm",
    "speech",
    "decoding",
    "recorder",
    "converter",
    "provision",
)


@contextmanager
def started(kind: str, folder: Path) -> Iterator[int]:
    models = installed_models()
    match kind:
        case "diary":
            made = core(str(Path(sys.executable).parent / "diary"), folder=folder)
        case "python -m diary":
            made = core(sys.executable, "-m", "diary", folder=folder)
        case "embed":
            if not (models / "all-MiniLM-L6-v2").is_dir():
                pytest.skip("the embedded models are not installed")
            made = engine("retrieval.engines.sentence_embedder:serve", models / "all-MiniLM-L6-v2")
        case "llm":
            made = engine("retrieval.engines.llama_model:serve", *sorted(models.glob("SmolLM2*/*.gguf")))
        case "speech":
            made = engine("ingest.engines.service:serve")
        case "decoding":
            made = engine("ingest.engines.decoding:serve")
        case "recorder":
            made = recorder()
        case "converter":
            made = program("-I", "-m", "diary.provisioning.child", str(folder), str(folder))
        case _:
            made = program("-I", "-m", "diary.provision", "--models", str(folder / "models"))
    with made as process:
        yield process


@pytest.mark.parametrize("kind", KINDS)
def test_every_process_stands_behind_the_wall(kind: str, tmp_path: Path) -> None:
    with started(kind, tmp_path) as process:
        status = status_when_sealed(process)
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
        assert int(status["Seccomp_filters"]) > int(status_of(os.getpid())["Seccomp_filters"])


@pytest.mark.parametrize("kind", ["embed", "llm", "speech", "decoding"])
def test_an_engine_holds_two_pipes_and_nothing_else_of_its_parents(kind: str, tmp_path: Path) -> None:
    held = os.open(tmp_path / "diary.db", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(held, True)
    try:
        with started(kind, tmp_path) as process:
            links = [os.readlink(path) for path in Path(f"/proc/{process}/fd").iterdir()]  # noqa: PTH115
    except PermissionError:
        pytest.skip("only root may look into a process that is not dumpable")
    finally:
        os.close(held)
    kinds = [link.partition(":")[0] for link in links]
    assert kinds.count("pipe") == 2
    assert set(kinds) == {"/dev/null", "pipe"}  # llama.cpp opens the first once more


def test_a_process_that_does_not_seal_is_told_from_one_that_does() -> None:
    with program("-c", "input()") as process:
        status = status_of(process)
    assert status["Seccomp_filters"] == status_of(os.getpid())["Seccomp_filters"]


RECORDERS_OWN = {"abstract", "pathunix", "sendmsg"}
"""The routes of AF_UNIX: without them no sound server could be reached."""

BY_PROFILE = """
import json, sys
from policies.probes.__main__ import SEALS, try_all
print(json.dumps(try_all(int(sys.argv[2]), SEALS[sys.argv[1]])))
"""


@pytest.mark.parametrize(("profile", "opened"), [("engine", set()), ("recorder", RECORDERS_OWN)])
def test_behind_the_other_walls_all_ways_out_are_blocked_but_the_recorders_own(
    profile: str, opened: set[str]
) -> None:
    outcomes = run(BY_PROFILE, profile, os.getpid()).said
    assert len({outcome["name"] for outcome in outcomes}) == 31
    assert {outcome["name"] for outcome in outcomes if not outcome["blocked"]} == opened


def test_a_wall_that_cannot_be_laid_leaves_every_way_out_unproven() -> None:
    refused = BY_PROFILE.replace(
        "SEALS[sys.argv[1]]", "lambda: (_ for _ in ()).throw(OSError('no wall'))"
    ).replace("import json, sys", "import json, sys, os\nos.dup2(os.open('/dev/null', 1), 2)")
    outcomes = run(refused, "engine", 0).said
    assert [outcome for outcome in outcomes if outcome["blocked"]] == []


def test_a_route_that_ends_its_process_takes_no_other_along() -> None:
    said = run("""
import json, os, signal
from policies.probes.attempt import run_behind
routes = {"a": lambda: "open", "b": lambda: os.kill(os.getpid(), signal.SIGSEGV), "c": lambda: "open too"}
print(json.dumps(run_behind(lambda: None, routes)))
""").said
    assert [(one["name"], one["blocked"]) for one in said] == [("a", False), ("b", True), ("c", False)]
    assert "SIGSEGV" in said[1]["by"]
