"""The filters of a question in plain words, for the command line and the screen."""

from __future__ import annotations

from diary.model.answer import Question


def conditions_words(question: Question) -> str:
    """The filters of a question beside its range, for a reader; empty when there are none."""
    said = [f"with “{phrase}”" for phrase in question.phrases]
    said += [f"without “{word}”" for word in question.without]
    said += [f"tagged {question.tag}"] if question.tag else []
    said += [f"of the kind {question.kind.value}"] if question.kind else []
    said += ["starred"] if question.starred else []
    return ", ".join(said)
