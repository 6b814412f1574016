"""Small choices that the program remembers, among the facts about the vault but under names of their own."""

from __future__ import annotations

from diary.vault.connection import Database
from diary.vault.rows import clean
from diary.vault.settings import forget_setting, keep_setting, kept_setting

_PREFIX = "preference."


class Preferences:
    """The Preferences of a vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """What was chosen, or None."""
        return kept_setting(self._database, _PREFIX + name)

    def set(self, name: str, value: str | None) -> None:
        """Remember, or with None forget."""
        with self._database.transaction():
            if value is None:
                forget_setting(self._database, _PREFIX + name)
            else:
                keep_setting(self._database, _PREFIX + name, clean(value))
