"""The YAML block at the top of a Markdown note: kept verbatim, read only for its date, title and tags.

Nothing is constructed: the block is composed into nodes, four keys of the top mapping are read as text, and
all else is never looked at. So no object, number or time of YAML's own is made, and `date: 2024-01-05 21:10`
is the text that was written. Aliases (with which a small block can stand for a huge one), deep nesting and
long blocks are refused: such a block is kept but not read. A block that is no valid YAML, such as `title:
Rain: again`, is read line by line for simple `key: value` pairs, since a lost date would put the note on a
wrong day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

_BLOCK = re.compile(
    r"---[ \t]*\r?\n(?P<inside>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_SIMPLE = re.compile(r"^(date|created|title|tags):[ \t]+(\S.*)$", re.MULTILINE | re.IGNORECASE)
_FIRST_KEY = re.compile(r"(?:\s*#[^\n]*\n)*\s*[\"']?\w[\w .-]{0,60}[\"']?:(?:\s|\Z)")
_KEYS = frozenset({"date", "created", "title", "tags"})
_DEEPEST = 16
_MOST_NODES = 5_000
_LONGEST_READ = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a block says; every field untrusted text.

    :ivar problem: why the block was not read as YAML, ending a sentence, or None.
    """

    date: str | None = None
    created: str | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    problem: str | None = None


def split(untrusted_text: str) -> tuple[str | None, str, FrontMatter]:
    """The block with its fences, verbatim, or None; the text after it, as it is; and what the block says.

    Lines between two rules that are no `key: value` block are text: words stay where they are found.
    """
    match = _BLOCK.match(untrusted_text)
    found = _parse(match["inside"]) if match else None
    if match is None or found is None:
        return None, untrusted_text, FrontMatter()
    return match[0], untrusted_text[match.end() :], found


def _parse(inside: str) -> FrontMatter | None:
    """What the inside of a block says; None when it is no block of properties."""
    if len(inside) > _LONGEST_READ:
        problem = f"its properties are longer than {_LONGEST_READ:,} characters; kept, not read"
        return FrontMatter(problem=problem) if _FIRST_KEY.match(inside) else None
    try:
        return _read(_compose(inside))
    except _Refused as error:
        return (
            FrontMatter(problem=f"its properties {error}; kept, not read")
            if _FIRST_KEY.match(inside)
            else None
        )
    except (yaml.YAMLError, ValueError, IndexError, RecursionError):
        return _line_by_line(inside) if _FIRST_KEY.match(inside) else None


def _line_by_line(inside: str) -> FrontMatter:
    found = {key.lower(): value.strip("\"' \t\r") for key, value in reversed(_SIMPLE.findall(inside))}
    return FrontMatter(
        date=found.get("date"),
        created=found.get("created"),
        title=found.get("title"),
        tags=_split_tags(found.get("tags", "").strip("[]")),
        problem="its properties are not valid YAML; kept, and read line by line",
    )


class _Refused(Exception):
    """The block could be a trap; ends "its properties …"."""


class _Loader(yaml.SafeLoader):
    """Composes nodes only, without aliases, to a bounded depth and number."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Refused("use YAML aliases")
        self.nodes += 1
        self.depth += 1
        if self.depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise _Refused("are nested too deeply or too many")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(inside: str) -> yaml.Node | None:
    loader = _Loader(inside)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _read(top: yaml.Node | None) -> FrontMatter | None:
    if top is None:
        return FrontMatter()
    if not isinstance(top, yaml.MappingNode):
        return None
    nodes = {
        key.value.lower(): value
        for key, value in reversed(top.value)
        if isinstance(key, yaml.ScalarNode) and key.value.lower() in _KEYS
    }
    return FrontMatter(
        date=_scalar(nodes.get("date")),
        created=_scalar(nodes.get("created")),
        title=_scalar(nodes.get("title")),
        tags=_tags(nodes.get("tags")),
    )


def _scalar(node: yaml.Node | None) -> str | None:
    return (node.value.strip() or None) if isinstance(node, yaml.ScalarNode) else None


def _tags(node: yaml.Node | None) -> tuple[str, ...]:
    """A list, or one text with commas or spaces between the tags."""
    if isinstance(node, yaml.SequenceNode):
        return tuple(item.value for item in node.value if isinstance(item, yaml.ScalarNode) and item.value)
    return _split_tags(_scalar(node) or "")


def _split_tags(text: str) -> tuple[str, ...]:
    return tuple(
        tag.strip("\"' ") for tag in re.split(r"," if "," in text else r"\s+", text) if tag.strip("\"' ")
    )
