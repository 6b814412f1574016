"""The DiaryError tree: every refusal and failure a person can meet, each a sentence for the reader.

A message says what happened and that nothing was lost; `hint` says what to do next. `code` is the stable
word of the JSON contract (`{"error": {"code", "message", "hint"}}`). Nothing here carries words of an
entry, a passphrase or a key: errors are printed, and may be seen by others.

Not here: `policies.PolicyError` (policies stand alone) and programming errors, which stay exceptions.
"""

from __future__ import annotations

from typing import ClassVar


class DiaryError(Exception):
    """A refusal or failure with a sentence for the reader.

    :param message: one or two sentences: what happened, and what is still safe.
    :param hint: what the reader can do next; may be empty.
    """

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DiaryError):
    """The command line cannot be understood; the program exits with 2."""

    code = "usage"


class VaultMissing(DiaryError):
    """There is no vault where one was looked for."""

    code = "vault-missing"

    ELSEWHERE: ClassVar[str] = (
        "If yours lies elsewhere, name its folder with --vault, or as “vault” in the settings. Begin a new "
        "one with: diary init"
    )
    """A hint, also for whoever mistyped the folder: nobody should believe that theirs is gone."""


class VaultExists(DiaryError):
    """There is a vault already where a new one was to be made."""

    code = "vault-exists"


class VaultBusy(DiaryError):
    """Another process of ours has this vault open."""

    code = "vault-busy"


class VaultDamaged(DiaryError):
    """The vault's bytes are not as they were written."""

    code = "vault-damaged"


class VaultUnencrypted(DiaryError):
    """The database would be, or is, readable without a key: refused."""

    code = "vault-unencrypted"


class VaultTooNew(DiaryError):
    """A newer diary made this vault what it is."""

    code = "vault-too-new"


class WrongPassphrase(DiaryError):
    """What was typed opens no slot of the vault."""

    code = "wrong-passphrase"


class WeakPassphrase(DiaryError):
    """The passphrase is too weak to protect a vault."""

    code = "weak-passphrase"


class KeyNotFound(DiaryError):
    """There is no way into the vault of this number."""

    code = "key-not-found"


class KeyRefused(DiaryError):
    """A change of the ways into the vault that would leave none, too many, or none that is known."""

    code = "key-refused"


class EmergencyRefused(DiaryError):
    """Emergency access was asked for what it is not for, or where its use could not be logged."""

    code = "emergency-refused"


class KeyFileUnfit(DiaryError):
    """A key file cannot be read or made, or is no good as one."""

    code = "key-file-unfit"


class DiskFull(DiaryError):
    """There is no room for a write; nothing was changed."""

    code = "disk-full"


class StorageFailed(DiaryError):
    """The disk refused a read or a write for another reason than being full."""

    code = "storage-failed"


class VaultReadOnly(StorageFailed):
    """The vault lies where nothing may be written."""

    code = "read-only"


class EntryNotFound(DiaryError):
    """There is no entry of this number."""

    code = "entry-not-found"


class VersionNotFound(DiaryError):
    """There is no version of this number of the entry."""

    code = "version-not-found"


class RecordingNotFound(DiaryError):
    """There is no unsaved recording of this name."""

    code = "recording-not-found"


class AttachmentNotFound(DiaryError):
    """There is no attachment of this number."""

    code = "attachment-not-found"


class AttachmentRefused(DiaryError):
    """A file cannot be attached: it is none, is unreadable, or changed while it was read."""

    code = "attachment-refused"


class BatchNotFound(DiaryError):
    """There is no import of this number."""

    code = "batch-not-found"


class EmptyEntry(DiaryError):
    """There were no words to keep."""

    code = "empty-entry"


class NotAPlan(DiaryError):
    """The entry is no saved plan."""

    code = "not-a-plan"


class NotABackup(DiaryError):
    """The file is no backup of a diary, or one of another diary where this one's was needed."""

    code = "not-a-backup"


class BackupDamaged(DiaryError):
    """The bytes of a backup are not as they were written, or do not give the diary back."""

    code = "backup-damaged"


class FileExists(DiaryError):
    """A file is there already where one was to be written."""

    code = "file-exists"


class TimeNotUnderstood(DiaryError):
    """The words name no time."""

    code = "time-not-understood"


class ImportRefused(DiaryError):
    """Nothing of the source could be taken: not recognised, unreadable, or hostile."""

    code = "import-refused"


class RecordingDamaged(DiaryError):
    """The bytes are no recording, or a broken one."""

    code = "recording-damaged"


class ImageDamaged(DiaryError):
    """The bytes are no image that can be shown to a model, a broken one, or too large a one."""

    code = "image-damaged"


class ModelMissing(DiaryError):
    """A model that is needed is not installed."""

    code = "model-missing"


class WordsChanged(DiaryError):
    """A person changed words that were to be replaced; they were left as they are."""

    code = "words-changed"


class NoWordsHeard(DiaryError):
    """A model heard no words where another had; what was there stays."""

    code = "no-words-heard"


class TermRefused(DiaryError):
    """No word for the glossary."""

    code = "term-refused"


class MicrophoneMissing(DiaryError):
    """There is nothing to record from, or to play on."""

    code = "microphone-missing"


class MicrophoneFailed(DiaryError):
    """A microphone that was recording went away; what it gave is kept."""

    code = "microphone-failed"


class ModelDamaged(DiaryError):
    """A model's file is missing, changed, or of another kind."""

    code = "model-damaged"


class EngineFailed(DiaryError):
    """A model process crashed, timed out or answered out of turn; the entry is safe."""

    code = "engine-failed"


class PolicyRefused(DiaryError):
    """The clinic's policy cannot be believed, or the vault belongs under another one: nothing is opened."""

    code = "policy-refused"


class PolicyForbids(DiaryError):
    """The clinic's policy does not allow what was asked for."""

    code = "policy-forbids"


class ModelNotAllowed(ModelMissing):
    """The clinic's policy does not allow this model: as good as not installed."""

    code = "policy-forbids"


class Stopped(DiaryError):
    """The person stopped the work; what was finished before is kept."""

    code = "stopped"
