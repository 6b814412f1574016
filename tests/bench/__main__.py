"""`make bench`: how fast the diary is, beside the plain libraries in the same run, and beside its goals.

Figures, not tests: a busy machine is not a fault, and a goal that is missed is shown, not raised. Everything
together takes about twenty minutes; sections may be named.

    python -m tests.bench [SECTION …]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib import import_module

# Before numpy is imported: search uses one thread, so what it is compared with uses one too.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"})

SECTIONS = {
    "command": "the command from outside: start, write, ask, stop",
    "wall": "the quick and the full check of the wall",
    "embedding": "texts to vectors, beside sentence-transformers",
    "dense": "the scan of all vectors, beside numpy and the memory",
    "at_scale": "search, full text, memory and writing at 10,000 to 200,000 passages",
    "opening": "unlocking a large vault beyond its key, and a commit beside plain SQLite",
    "backup": "a backup, proved, beside cp and sync of the same files",
    "language_model": "reading and writing of the language model, beside llama.cpp",
    "speech": "35 minutes of dictation: memory, first text, stop, work beside faster-whisper",
}
"""Each is a module of this package with a function `measure()`, or `main()`, which prints."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the diary.")
    listed = ", ".join(f"{name}: {what}" for name, what in SECTIONS.items())
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=listed)
    chosen = parser.parse_args(arguments).sections or list(SECTIONS)
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]}; there are {', '.join(SECTIONS)}")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f} before", flush=True)
    for name in chosen:
        start = time.perf_counter()
        module = import_module(f"tests.bench.{name}")
        sys.argv[1:] = []  # what a module takes when it is run alone
        (module.measure if hasattr(module, "measure") else module.main)()
        print(f"({name}: {time.perf_counter() - start:.0f} s, load {os.getloadavg()[0]:.1f})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
