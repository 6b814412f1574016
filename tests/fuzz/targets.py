"""Every target, by its name."""

from __future__ import annotations

from tests.fuzz import of_engines, of_imports, of_policies, of_small_files, of_vaults, of_words
from tests.fuzz.target import Target

_ALL = (
    *of_vaults.TARGETS,
    *of_policies.TARGETS,
    *of_small_files.TARGETS,
    *of_engines.TARGETS,
    *of_imports.targets(),
    *of_words.TARGETS,
)
TARGETS: dict[str, Target] = {target.name: target for target in _ALL}
