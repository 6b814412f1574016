"""All operations that are killed, by name."""

from __future__ import annotations

from tests.faults import operations_on_vaults, operations_on_words
from tests.faults.worlds import Operation, World

__all__ = ["OPERATIONS", "Operation", "World"]

OPERATIONS = {one.name: one for one in (*operations_on_words.OPERATIONS, *operations_on_vaults.OPERATIONS)}
