"""The grammar of the command line, as DESIGN's contract gives it. Standard library only: read before the
files are sealed, because the paths that are named here become the allow-list.

Making the whole of it takes some 14 ms at each start. So a line is read by the grammar of the commands whose
names stand in it; the whole one is made for help, and to say what is wrong with a line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container
from pathlib import Path

from diary import __version__
from diary.cli import grammar_of_attachments, grammar_of_keys, grammar_of_policy, grammar_of_speech
from diary.cli.grammar import Parser, add_about, add_actions, add_globals, positive
from diary.cli.grammar_of_audit import audit
from diary.errors import UsageError


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments, with every global option set.

    :raises diary.errors.UsageError: when they are not understood.
    """
    try:
        return _parse(argv, _parser() if _asks_for_help(argv) else _parser(named=argv))
    except UsageError:
        return _parse(argv, _parser())


def _asks_for_help(argv: list[str]) -> bool:
    return any(word.startswith("-h") or (len(word) > 2 and "--help".startswith(word)) for word in argv)


def _parse(argv: list[str], parser: Parser) -> argparse.Namespace:
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        raise _unknown(unknown, arguments.command)
    for name, default in _GLOBAL_DEFAULTS.items():
        if not hasattr(arguments, name):
            setattr(arguments, name, default)
    return arguments


def _unknown(words: list[str], command: str | None) -> UsageError:
    hint = f"See: diary {command} --help" if command else "See: diary --help"
    if command == "find" and not words[0].startswith("--"):
        hint = f"For entries without a word: diary find --without {words[0].lstrip('-')}. {hint}"
    return UsageError(f"This command line is not understood: what is {' '.join(words)}?", hint=hint)


_GLOBAL_DEFAULTS = {
    "vault": None,
    "passphrase_file": None,
    "key_file": None,
    "emergency_key": None,
    "reason": None,
    "json": False,
    "accept_unsealed": False,
    "as_of": None,
}


def _parser(named: Container[str] | None = None) -> Parser:
    """The grammar; only of the commands among these words, when they are given."""
    parser = Parser(
        prog="diary", description="A private journal and health notebook. Without a command: the screen."
    )
    parser.add_argument("--version", action="version", version=f"diary {__version__}")
    add_globals(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, help_text, fill in _COMMANDS:
        if named is not None and name not in named:
            continue
        command = commands.add_parser(name, help=help_text, description=help_text)
        add_globals(command)
        fill(command)
    return parser


def _nothing(_: argparse.ArgumentParser) -> None:
    pass


def _write(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="the words; what stands as sleep:: 6h40m or pain:: 4/10 in them is counted; - or nothing reads "
        "standard input",
    )
    parser.add_argument("--at", metavar="TIME", help="when it happened: “yesterday 3am”, 2024-03-05T21:40")
    add_about(parser)
    parser.add_argument("--star", action="store_true", help="mark the entry")
    grammar_of_attachments.attach_to_new(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    _range(parser)
    parser.add_argument("--tag")
    parser.add_argument("--kind", choices=["note", "voice", "plan", "condensed"])
    parser.add_argument("--starred", action="store_true")
    heard = parser.add_mutually_exclusive_group()
    heard.add_argument("--waiting", action="store_true", help="recordings whose words are not written down")
    heard.add_argument("--rough", action="store_true", help="rough drafts that nobody has confirmed")
    parser.add_argument("-n", type=positive, default=None, metavar="N", help="at most this many")


def _range(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="from_", metavar="DATE", help="2024-05-03, 2024-05, “last March”")
    parser.add_argument("--to", metavar="DATE", help="likewise; the last of its days")


def _entry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", type=positive, metavar="ID")


def _edit(parser: argparse.ArgumentParser) -> None:
    _entry(parser)
    parser.add_argument("text", nargs="*", metavar="TEXT", help="the new words; - reads standard input")
    parser.add_argument("--at", metavar="TIME", help="when it happened: “yesterday 3am”, 2024-03-05T21:40")
    add_about(parser)
    star = parser.add_mutually_exclusive_group()
    star.add_argument("--star", action="store_true", default=None)
    star.add_argument("--unstar", dest="star", action="store_false")


def _delete(parser: argparse.ArgumentParser) -> None:
    _entry(parser)
    parser.add_argument("--erase", action="store_true", help="for good, at once; asks before")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _deleted(parser: argparse.ArgumentParser) -> None:
    made = add_actions(
        parser,
        (
            ("list", "what was deleted, and until when it can be brought back"),
            ("restore", "bring a deleted entry back as it was"),
            ("erase", "erase deleted entries for good"),
        ),
        required=False,
    )
    made["restore"].add_argument("entry", type=positive, metavar="ID")
    made["erase"].add_argument("entry", type=positive, metavar="ID", nargs="*")
    made["erase"].add_argument("--all", action="store_true", help="all of them")
    made["erase"].add_argument("--yes", action="store_true", help="do not ask")


def _history(parser: argparse.ArgumentParser) -> None:
    _entry(parser)
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--full", action="store_true", help="the whole words of each version")
    acts.add_argument(
        "--restore", type=positive, metavar="N", help="make this version the newest again; all are kept"
    )


def _retention(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--dry-run", action="store_true", help="say what goes and when; the default")
    acts.add_argument("--apply", action="store_true", help="do now what was announced seven days ago")
    parser.add_argument(
        "--now",
        action="store_true",
        help="with --apply: all that is old enough, announced or not; shows what, and asks before",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--format", choices=["jsonl", "markdown", "jrnl", "jrnl-json"])
    parser.add_argument("--dry-run", action="store_true", help="say what would be added, add nothing")
    parser.add_argument("--undo", type=positive, metavar="BATCH", help="take an import back")
    parser.add_argument("--list", action="store_true", help="list the imports that can be taken back")


def _find(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help='words, and in one argument: "a phrase", -word, tag:x, kind:voice, is:starred, from:2024-05, '
        "to:yesterday; nothing lists the newest",
    )
    _filters(parser)
    parser.add_argument("-n", type=positive, default=10, metavar="N", help="at most this many")


def _ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "question",
        nargs="*",
        metavar="QUESTION",
        help="“how much did I sleep in May?”, “when did I last see the dentist?”, “what did Ruben say?”",
    )
    _filters(parser, follow=', and follow: true for "and in June?" after the line before')
    parser.add_argument(
        "-n",
        type=positive,
        default=None,
        metavar="N",
        help="at most this many quotes; without it 5, or all that match when you ask for a list",
    )
    parser.add_argument("--no-summary", action="store_true", help="quotes only")


def _filters(parser: argparse.ArgumentParser, *, follow: str = "") -> None:
    _range(parser)
    parser.add_argument("--tag")
    parser.add_argument("--kind", choices=["note", "voice", "plan", "condensed"])
    parser.add_argument("--starred", action="store_true")
    parser.add_argument(
        "--phrase", action="append", default=[], metavar="WORDS", help="word for word; may be repeated"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="WORDS",
        help="nowhere in the entry; may be repeated",
    )
    parser.add_argument(
        "--batch",
        action="store_true",
        help='read JSON lines {"q","as_of","n"} from standard input; also from, to, tag, kind, starred, '
        f"phrases, without{follow}",
    )


def _models(parser: argparse.ArgumentParser) -> None:
    made = add_actions(
        parser,
        (
            ("list", "installed models: size, licence, memory, exam, which are in use"),
            ("import", "take a GGUF, sentence-transformers or Whisper model from a disk"),
            ("use", "use this model for its kind; otherwise the newest imported one is used"),
            ("verify", "hash every file again"),
            ("remove", "remove a model of yours"),
            ("exam", "see whether a language model may be trusted to write summaries"),
            ("bench", "how fast the models are on this machine"),
        ),
    )
    made["import"].add_argument(
        "path", type=Path, metavar="PATH", help="a file or folder, on a USB stick too"
    )
    made["import"].add_argument("--no-exam", action="store_true", help="leave the exam for later")
    for name in ("use", "remove"):
        made[name].add_argument("name", metavar="NAME")
    for name in ("verify", "exam", "bench"):
        made[name].add_argument("name", metavar="NAME", nargs="?")
    made["remove"].add_argument("--yes", action="store_true", help="do not ask")


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("goal", nargs="*", metavar="GOAL", help="what the plan is for; “next week” will do")
    parser.add_argument("--save", action="store_true", help="keep the plan as an entry that can be edited")
    parser.add_argument("--entry", type=positive, metavar="ID", help="take the plan of this entry, as edited")
    parser.add_argument(
        "--ics",
        type=Path,
        metavar="FILE",
        help="write a calendar file; it leaves the vault and is not encrypted",
    )


def _review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "period", nargs="*", metavar="PERIOD", help="week (default), month, year, “last month”, 2024-05"
    )


def _file_or_folder(words: str) -> Path:
    """:raises diary.errors.UsageError: for a folder, by the stroke at its end, that is not there."""
    path = Path(words)
    if words.endswith("/") and not path.is_dir():
        raise UsageError(
            f"There is no folder {words}, so nothing was done.",
            hint="Is the stick plugged in? Name a folder that is there, or a file.",
        )
    return path


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        type=_file_or_folder,
        metavar="FILE",
        help="where it goes; a folder gives it a name by its time; best on another disk or stick",
    )
    parser.add_argument(
        "--keep", type=positive, metavar="N", help="in a folder: remove older ones of this diary beyond N"
    )
    parser.add_argument("--full", action="store_true", help="in a folder: a whole one, not what changed")
    parser.add_argument("--status", action="store_true", help="when the last good one was made, and where")


def _drill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="or a folder: the newest in it")


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="or a folder: the newest in it")
    parser.add_argument("--to", type=Path, metavar="DIR", help="the vault's folder, if another than usual")
    parser.add_argument(
        "--replace", action="store_true", help="move a vault that is there aside, whole; asks before"
    )
    parser.add_argument(
        "--damaged",
        action="store_true",
        help="of a damaged one: take out what is there, unproved, for diary doctor to look at; needs --to",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _doctor(parser: argparse.ArgumentParser) -> None:
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--salvage",
        type=Path,
        metavar="DIR",
        help="write all that can still be read into this empty folder; it is not encrypted",
    )
    one.add_argument(
        "--accept",
        action="store_true",
        help="take the entries as they are, and tell no more of what was found",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


_COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("init", "make a new vault; prints the recovery code once", _nothing),
    ("write", "keep one entry", _write),
    ("list", "list entries, latest first", _list),
    ("read", "show an entry", _entry),
    ("edit", "change an entry; what was there stays in its history", _edit),
    ("delete", "take an entry out of the diary; for thirty days it can be brought back", _delete),
    ("deleted", "list what was deleted, bring it back, or erase it for good", _deleted),
    ("retention", "what goes by the rules of your settings, and when", _retention),
    ("history", "show what each version of an entry changed, or bring one back", _history),
    ("attach", "keep files with an entry, encrypted", grammar_of_attachments.attach),
    ("attachments", "list the files that are kept with entries", grammar_of_attachments.attachments),
    (
        "open-attachment",
        "show an attachment, or write it into a file",
        grammar_of_attachments.open_attachment,
    ),
    ("detach", "remove an attachment for good", grammar_of_attachments.detach),
    ("dictate", "speak an entry, or turn recordings into entries", grammar_of_speech.dictate),
    ("voice", "microphones, unfinished recordings, and how well you are heard", grammar_of_speech.voice),
    ("glossary", "your people, places and medicines, for hearing and finding", grammar_of_speech.glossary),
    ("import", "take entries from another program's files", _import),
    ("find", "search by words and meaning", _find),
    ("ask", "answer a question from your notes, with numbers and quotes", _ask),
    ("plan", "what your notes name for a goal, by day, with quotes", _plan),
    ("review", "what your notes of a period say, with quotes", _review),
    ("backup", "one encrypted file of the whole diary, proved to restore before it says done", _backup),
    ("audit", "what was done to the diary, and whether that was rewritten", audit),
    (
        "doctor",
        "whether everything is whole and safe; gets words out of a damaged vault",
        _doctor,
    ),
    ("drill", "prove that a backup restores; touches no vault", _drill),
    ("restore", "make a vault of a backup", _restore),
    ("keys", "passphrases, key files and the recovery code; a new vault key", grammar_of_keys.keys),
    ("people", "whose diaries lie beside this one, where a clinic's policy lets it be told", _nothing),
    ("models", "local models; never a hub name", _models),
    ("policy", "the rules that hold, the wall, and what a clinic signs", grammar_of_policy.policy),
    ("demo", "show the whole main job on a throw-away diary", _nothing),
)
