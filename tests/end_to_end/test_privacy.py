"""No plaintext: words written through every command are in no file, no argument list, no environment."""

import json
import secrets
import subprocess
import threading
from pathlib import Path

from tests.air_gap.tracing import trace
from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home


class ProcessWatch(threading.Thread):
    """Reads the argument lists and environments of all processes that begin meanwhile, again and again, as
    another user of the machine could, and keeps those that hold the canary.
    """

    def __init__(self, *canaries: bytes) -> None:
        super().__init__(daemon=True)
        self.canaries = canaries
        self.seen: list[str] = []
        self.looked = 0
        self._before = set(Path("/proc").iterdir())
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            for process in Path("/proc").iterdir():
                if process.name.isdigit() and process not in self._before:
                    self._look(process)
            self._done.wait(0.02)

    def _look(self, process: Path) -> None:
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue  # it ended, or is not ours to read
            if b"diary" in content:
                self.looked += 1
                if any(canary in content for canary in self.canaries):
                    self.seen.append(f"{name}: {content[:80]!r}")

    def stop(self) -> None:
        self._done.set()
        self.join()


def files_with(folder: Path, canaries: list[bytes]) -> list[Path]:
    """Every file below the folder that holds one of the canaries, in UTF-8, UTF-16 or as hexadecimal
    digits.
    """
    forms = [
        form
        for canary in canaries
        for form in (canary, canary.decode().encode("utf-16-le"), canary.hex().encode())
    ]
    return [path for path in folder.rglob("*") if path.is_file() and holds(path.read_bytes(), forms)]


def holds(content: bytes, forms: list[bytes]) -> bool:
    """Whether one of the forms stands in a file; a large one is read once."""
    return any(form in content for form in forms)


def test_a_canary_through_every_command_is_found_nowhere(home: Home, tmp_path: Path) -> None:
    canary = "kestrel" + secrets.token_hex(6)
    canaries = [canary.encode(), PASSPHRASE.encode()]
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    imported = outside / "in.jsonl"
    imported.write_text(
        json.dumps({"id": "x1", "date": "2025-01-02T08:00:00Z", "text": f"Imported {canary}."})
    )
    attached = outside / "list.txt"
    attached.write_text(f"{canary}, seen at the weir\n" * 9_000)
    recording = outside / f"{canary}.wav"
    from diary.sample import spoken_sample

    recording.write_bytes(spoken_sample())

    watch = ProcessWatch(*canaries)
    watch.start()
    try:
        home.json("write", "-", "--tag", "bird", stdin=f"Saw a {canary}.")
        home.json("edit", "1", "-", stdin=f"Saw a {canary} twice.")
        home.json("attach", "1", str(attached))
        assert canary in home.run("open-attachment", "1").out
        home.json("import", str(imported))
        ran = home.run("find", "--batch", stdin=json.dumps({"q": f"Where was the {canary}?"}) + "\n")
        assert canary in ran.out
        asked = home.run("ask", "--batch", stdin=json.dumps({"q": f"Where was the {canary}?"}) + "\n")
        assert asked.status == 0
        for command in (
            "list",
            "read 1",
            "history 1",
            "policy check",
            "models list",
            "keys list",
            "keys rotate --yes",
        ):
            assert home.run(*command.split()).status == 0
        home.json("write", "-", "--at", "yesterday", stdin=f"Gone, the {canary}.")
        home.json("delete", "3")
    finally:
        watch.stop()
    assert watch.looked > 10, "the watch saw no process of ours, so it proves nothing"
    assert watch.seen == []
    # The name of a recording is on the command line because the person typed it there; its words are not.
    assert home.run("dictate", str(recording)).status == 0
    assert files_with(home.path, canaries) == []
    assert files_with(PROGRAM.parents[1] / "share", canaries) == []


def test_the_search_for_canaries_can_find_one(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(b"..." + b"kestrel1".hex().encode())
    (tmp_path / "clean").write_bytes(b"nothing")
    assert files_with(tmp_path, [b"kestrel1"]) == [tmp_path / "leak"]
    watch = ProcessWatch(b"kestrel2")
    watch.start()
    subprocess.run(["sh", "-c", "sleep 0.3 # diary kestrel2"], check=True)
    watch.stop()
    assert watch.seen


def test_no_internet_socket_is_even_attempted_during_the_whole_demo(empty_home: Home) -> None:
    traced = trace([str(PROGRAM), "demo"], environment=empty_home.environment(), seconds=110)
    assert traced.code == 0, traced.out[-2000:] + traced.err[-2000:]
    assert traced.attempts == ()
    assert traced.left_out, "the probes of the policy check were not seen, so the trace proves nothing"
    assert "31 of 31" in traced.out
    leftovers = [path for path in (empty_home.path / ".cache").rglob("*") if path.is_file()]
    assert leftovers == []
