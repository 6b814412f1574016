"""What a statement states: the program's files, what runs it, the machine, the walls and every route.

Rules: no path of the person and no name of theirs (a finding that names one is left out), nothing of a vault;
only what can be found again by
somebody who looks at the machine. Whole numbers and texts, as `statement` asks. What the caller knows better
(its version, the installed models) is given.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from policies import clinic, place
from policies.enforcement import NOT_THERE, Enforced
from policies.errors import PolicyError
from policies.report import Report, Route

PACKAGES = ("diary", "ingest", "retrieval", "policies")
ROOT = Path(__file__).resolve().parent.parent
_COMPILED = "__pycache__"
_RECORDER = (
    "not tried here: it is laid before the core's, and this is made behind the core's; the program's own "
    "tests try it: all routes but those of AF_UNIX are blocked"
)


def gather(
    *,
    enforced: Enforced,
    report: Report,
    version: str,
    models: Mapping[str, Mapping[str, str]],
    nonce: str,
) -> dict[str, object]:
    """The content of a statement, now.

    :param version: of the program. :param models: by name, the recorded SHA-256 of each file.
    :param nonce: what the auditor gave, or empty.
    """
    system = os.uname()
    files, compiled = program_files()
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "nonce": nonce,
        "program": {"name": "diary", "version": version, "files": files, "compiled": compiled},
        "models": {name: dict(known) for name, known in models.items()},
        "interpreter": _interpreter(),
        "libraries": libraries(sys.path),
        "kernel": {"system": system.sysname, "release": system.release, "version": system.version,
                   "machine": system.machine},
        "surroundings": list(report.surroundings),
        "policy": policy_in_force(),
        "wall": _wall(enforced),
        "sealed": report.sealed,
        "findings": [found for found in report.findings if not found.endswith(NOT_THERE)],
        "profiles": {"core": _routes(report.routes), "engine": _routes(report.engine), "recorder": _RECORDER},
        "microseconds": {"quick": round(report.quick_seconds * 1e6), "full": round(report.seconds * 1e6)},
    }  # fmt: skip


def program_files(root: Path = ROOT) -> tuple[dict[str, str], dict[str, str]]:
    """The SHA-256 of every file of our packages by its path beneath `root`: what was written, and what Python
    compiled of it, which differs between machines.
    """
    files: dict[str, str] = {}
    compiled: dict[str, str] = {}
    for package in PACKAGES:
        for folder, _, names in os.walk(root / package):
            for name in names:
                path = Path(folder, name)
                found = compiled if _COMPILED in path.parts else files
                found[path.relative_to(root).as_posix()] = _sha256(path)
    return dict(sorted(files.items())), dict(sorted(compiled.items()))


def libraries(folders: Sequence[str]) -> dict[str, str]:
    """Name and version of every installed distribution, by the names of their `.dist-info` folders; of one
    that is there twice the first, as Python finds it (`importlib.metadata` would import the network).
    """
    found: dict[str, str] = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208 - names are all that is wanted
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                distribution, _, version = name.removesuffix(".dist-info").rpartition("-")
                found.setdefault(distribution, version)
    return dict(sorted(found.items()))


def _interpreter() -> dict[str, object]:
    return {
        "name": sys.implementation.name,
        "version": sys.version,
        "sha256": _sha256(Path(sys.executable)),
    }


def policy_in_force() -> dict[str, object] | None:
    """The clinic's policy that is installed; why it may not be believed; None when there is none."""
    try:
        found = clinic.installed(place.FOLDER, owner=place.OWNER)
    except PolicyError as refusal:
        return {"refused": refusal.message}
    if found is None:
        return None
    return {
        "clinic": found.policy.clinic, "version": found.policy.version, "sha256": found.sha256,
        "key": found.signed.key.hex(),
    }  # fmt: skip


def _wall(enforced: Enforced) -> dict[str, object]:
    return {
        "profile": enforced.profile.value,
        "sealed": enforced.sealed,
        "offline": enforced.offline,
        "landlock_abi": enforced.landlock_abi,
        "governed": list(enforced.handled),
        "found_standing": enforced.standing,
        "closed_descriptors": enforced.closed_descriptors,
    }


def _routes(routes: Sequence[Route]) -> list[object]:
    return [{"name": route.name, "blocked": route.blocked, "by": route.by} for route in routes]


def _sha256(path: Path) -> str:
    """Of a file that cannot be read it is empty, which is no hash."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
