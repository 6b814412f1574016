"""How long the real command takes, measured from outside.

Each line gives the median of several runs. What has a goal shows it.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from diary.sample import diary_file, questions
from tests.bench import table as figures
from tests.bench.table import Figure, heading, median_ms, percentile
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home

RUNS = 5


def show(what: str, milliseconds: float, most: float | None = None) -> None:
    """Print one figure; `most` is its goal."""
    goal, met = ("", None) if most is None else (f"< {most:.0f} ms", milliseconds < most)
    figures.show([Figure(what=what, ours=f"{milliseconds:.0f} ms", goal=goal, met=met)])


def derivation_ms() -> float:
    """The key derivation alone, in a process of its own like the command's."""
    script = (
        "import os, time; from cryptography.hazmat.primitives.kdf.argon2 import Argon2id\n"
        "k = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=4, memory_cost=262144)\n"
        "s = time.perf_counter(); k.derive(b'x'); print((time.perf_counter() - s) * 1000)"
    )
    times = [
        float(
            subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(RUNS)
    ]
    return statistics.median(times)


def two_questions(home: Home) -> None:
    """First and second question of one session: the second reuses the loaded engines."""
    asked = questions()[0]
    line = json.dumps({"q": asked.question, "as_of": asked.as_of.isoformat()}) + "\n"
    process = subprocess.Popen(
        [str(PROGRAM), "--passphrase-file", "-", "ask", "--batch"],
        env=home.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdin.write(PASSPHRASE + "\n")
    for name in ("first ask of a session", "second ask, same session"):
        process.stdin.write(line)
        process.stdin.flush()
        timing = json.loads(process.stdout.readline())["timing"]
        show(f"{name}: search", timing["search_ms"])
        show(f"{name}: first token", timing["first_token_ms"] or 0.0)
        show(f"{name}: whole answer", timing["total_ms"])
    process.stdin.close()
    process.wait(timeout=60)
    many_questions(home)


def many_questions(home: Home) -> None:
    """What each line of a batch takes, in a small diary."""
    asked = [{"q": one.question, "as_of": one.as_of.isoformat()} for one in questions()] * 20
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    found = subprocess.run(
        [str(PROGRAM), "--passphrase-file", "-", "find", "--batch"],
        env=home.environment(),
        input=f"{PASSPHRASE}\n{lines}",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    times = [json.loads(line)["ms"] for line in found]
    show("find --batch, each line: median", statistics.median(times))
    show("find --batch, each line: 95th percentile", percentile(times, 0.95))


def interrupted(home: Home) -> float:
    """Milliseconds from Ctrl-C, while the model reads or writes, to the end of the whole command."""
    process = subprocess.Popen(
        [str(PROGRAM), "--passphrase-file", "-", "ask", questions()[0].question],
        env=home.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdin.write(PASSPHRASE + "\n")
    process.stdin.close()
    next(line for line in process.stdout if "[q1]" in line)
    time.sleep(1.0)  # the model is loaded and at work
    start = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    return (time.perf_counter() - start) * 1000


def measure() -> None:
    """Print the figures as they come."""
    heading("The command")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.run("init")
        show("diary --version", median_ms(lambda: home.run("--version", passphrase=None)), 150)
        show(
            "the seal, laid and tried",
            statistics.median(home.json("policy", "show")["seal_ms"] for _ in range(RUNS)),
            5,
        )
        derivation = derivation_ms()
        show("key derivation alone", derivation)
        writing = median_ms(lambda: home.run("write", "Walked to the weir."))
        show("diary write, beyond the key derivation", writing - derivation, 300)
        show(
            "import and index of the sample diary",
            median_ms(lambda: home.run("import", str(diary_file())), runs=1) - derivation,
        )
        two_questions(home)
        show(
            "Ctrl-C during the summary, to the end of the command",
            statistics.median(interrupted(home) for _ in range(RUNS)),
            300,
        )
