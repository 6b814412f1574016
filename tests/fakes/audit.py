"""A log that a test reads."""

from __future__ import annotations

from diary.model.audit import Detail, Event


class FakeLog:
    """An EventLog in memory."""

    def __init__(self) -> None:
        self.logged: list[tuple[Event, dict[str, Detail]]] = []

    def after(self, event: Event, **details: Detail) -> None:
        for value in details.values():
            if isinstance(value, str) and not value.replace("-", "").isalnum():
                raise ValueError("a detail of an event is a number or a word from a list")
        self.logged.append((event, details))
