"""The grammar of dictate, voice and glossary. Standard library only, as `diary.cli.arguments`."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from diary.cli.grammar import add_about, add_actions, positive
from diary.model.speech import SOUND_FORMATS

PASSAGES = ("en", "de")
"""Languages of the passages to read aloud."""

_CODES = """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi
    hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn
    no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi
    yi yo yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""The languages of Whisper, by their codes."""

LONGEST_SECONDS = 6 * 3600
"""As long as a recording may be that is taken in whole."""


def dictate(parser: argparse.ArgumentParser) -> None:
    """Files, what is kept already, or the microphone."""
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help=f"a recording ({SOUND_FORMATS}) or a folder of them; nothing records "
        "from the microphone: Space pauses, Enter stops and saves, Ctrl-C asks",
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--waiting",
        action="store_true",
        help="write down the recordings that wait for a speech model, were stopped, or have a rough draft",
    )
    kept.add_argument("--again", type=positive, metavar="ID", help="write a kept recording down anew")
    kept.add_argument(
        "--confirm", type=positive, metavar="ID", help="you have read a rough draft, and it may count"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --again: also in the place of words that you changed"
    )
    parser.add_argument("--language", type=_language, metavar="CODE", help="en, de, …")
    parser.add_argument(
        "--rough", action="store_true", help="make a rough draft without an installed speech model"
    )
    parser.add_argument(
        "--seconds", type=seconds, metavar="N", help="stop the microphone by itself after so much sound"
    )
    _microphone(parser)
    parser.add_argument("--at", metavar="TIME", help="when it happened: “yesterday 3am” (microphone only)")
    add_about(parser)


def voice(parser: argparse.ArgumentParser) -> None:
    """Microphones, unsaved recordings, and whether you are heard."""
    made = add_actions(
        parser,
        (
            ("test", "read a passage aloud, and see how well you are heard and which model to use"),
            ("list", "the microphones; which is used"),
            ("use", "remember a microphone"),
            ("unfinished", "recordings that are no entries yet"),
            ("save", "make an unfinished recording an entry"),
            ("discard", "destroy an unfinished recording"),
        ),
    )
    made["use"].add_argument("name", metavar="NAME", help="its name, a part of it, or its id; or default")
    for name in ("save", "discard"):
        made[name].add_argument(
            "name", metavar="NAME", nargs="?", help="as “diary voice unfinished” names it; not needed for one"
        )
    made["save"].add_argument("--at", metavar="TIME", help="when it happened; without it, when it was spoken")
    add_about(made["save"])
    made["discard"].add_argument("--yes", action="store_true", help="do not ask")
    made["test"].add_argument(
        "--file", type=Path, metavar="FILE", help="a recording of the passage, instead of the microphone"
    )
    made["test"].add_argument(
        "--seconds", type=seconds, metavar="N", help="stop by itself after so much sound"
    )
    made["test"].add_argument("--language", type=_passage, metavar="CODE", help="en or de")
    _microphone(made["test"])


def glossary(parser: argparse.ArgumentParser) -> None:
    """The person's own words."""
    made = add_actions(
        parser,
        (
            ("list", "your people, places and medicines"),
            ("add", "keep a word, so that it is heard, written and found as you mean it"),
            ("change", "change a word; what is not named stays as it is"),
            ("remove", "forget a word"),
            ("propose", "words of your entries that could be kept"),
        ),
    )
    made["change"].add_argument(
        "term", type=positive, metavar="ID", help="as “diary glossary list” numbers it"
    )
    made["add"].add_argument("text", nargs="+", metavar="TEXT", help="as it is to be written")
    made["change"].add_argument("text", nargs="*", metavar="TEXT", help="as it is to be written from now on")
    kinds = ["medicine", "person", "place", "other"]
    made["add"].add_argument("--kind", choices=kinds, default="other", help="what it names")
    made["change"].add_argument("--kind", choices=kinds, help="what it names")
    also = "another name of the same: a search for one finds both; may be repeated"
    instead_of = "what is heard, and replaced by it exactly; may be repeated"
    for option, metavar, meaning in (("--also", "NAME", also), ("--instead-of", "WORDS", instead_of)):
        made["add"].add_argument(option, action="append", default=[], metavar=metavar, help=meaning)
        made["change"].add_argument(
            option,
            action="append",
            metavar=metavar,
            help=f"{meaning}; replaces all before, “” for none",
        )
    made["remove"].add_argument("term", type=positive, metavar="ID")


def _microphone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--microphone", metavar="NAME", help="this once; “diary voice use” remembers one")


def seconds(text: str) -> float:
    """A length in seconds, with a fraction perhaps."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"a number of seconds up to {LONGEST_SECONDS} is needed")
    return value


def _language(text: str) -> str:
    """Before a recording is kept: the model itself would be asked only after."""
    if text not in LANGUAGES:
        raise argparse.ArgumentTypeError(
            "no speech model knows this language; one is named by its code, such as en or de"
        )
    return text


def _passage(text: str) -> str:
    if text not in PASSAGES:
        raise argparse.ArgumentTypeError(f"there is a passage to read in {' and '.join(PASSAGES)}")
    return text
