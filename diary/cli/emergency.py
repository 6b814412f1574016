"""Emergency access on the command line: `diary --emergency-key FILE --reason WORDS COMMAND`.

Only what reads is let through, before anything is opened; the vault refuses to be written behind that, too
(`diary.vault.break_glass`). The file is read before the files are sealed, and its passphrase asked behind the
seal, where the private key is derived.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field

from diary.cli.passphrase import PassphraseSource
from diary.errors import EmergencyRefused, UsageError
from diary.model.key import EmergencyKey

READING = ("list", "read", "history", "find", "ask", "review", "attachments", "open-attachment")
"""Commands that show what is there."""

_MOST_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Emergency:
    """What the command line gives: the key file's bytes, still encrypted, the reason, and what it is for.

    :ivar asked: the command and the number it was given. :ivar exports: whether that writes into a file.
    """

    file: bytes = field(repr=False)
    reason: str = field(repr=False)
    asked: str
    exports: bool

    def opened(self, passphrase: PassphraseSource) -> EmergencyKey:
        """The private key.

        :raises diary.errors.EmergencyRefused: when it is no such file, or the passphrase is another.
        """
        from policies.emergency import load_key
        from policies.errors import PolicyError

        try:
            key = load_key(self.file, passphrase.ask("Passphrase of the emergency key: "))
        except PolicyError as error:
            raise EmergencyRefused(str(error), hint=error.hint) from None
        return EmergencyKey(
            private=key.private_bytes_raw(), reason=self.reason, asked=self.asked, exports=self.exports
        )


def admitted(arguments: argparse.Namespace) -> Emergency:
    """What was given, for a command that only reads.

    :raises diary.errors.EmergencyRefused: for any other command, or a file that cannot be read.
    :raises diary.errors.UsageError: without a reason, and no terminal to ask on.
    """
    if arguments.command not in READING:
        raise EmergencyRefused(
            "Emergency access reads a diary and changes nothing, so this was not done.",
            hint=f"These work with it: {', '.join(READING)}.",
        )
    if arguments.key_file is not None:
        raise UsageError("A diary is opened with a key file or with an emergency key, not with both.")
    try:
        with arguments.emergency_key.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise EmergencyRefused(
            f"The emergency key {arguments.emergency_key} cannot be read: {error.strerror}. "
            "Nothing was opened.",
            hint="It is the file that diary policy key --emergency made, on the clinic's own machine.",
        ) from None
    exports = getattr(arguments, "export", None) is not None
    return Emergency(content, arguments.reason or _reason(), _asked(arguments, exports=exports), exports)


def _asked(arguments: argparse.Namespace, *, exports: bool) -> str:
    """What is asked for, without a word that somebody wrote: the log takes none."""
    numbers = (getattr(arguments, name, None) for name in ("entry", "attachment"))
    words = [arguments.command, *(str(number) for number in numbers if isinstance(number, int))]
    return " ".join([*words, "--export"] if exports else words)


def _reason() -> str:
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError(
            "Emergency access needs a reason, which the owner of the diary is told; nothing was opened.",
            hint="Give it in a few words: --reason WORDS",
        )
    sys.stderr.write("Why is this diary opened? Its owner is told what you write here.\nReason: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
