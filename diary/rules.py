"""What a clinic's policy leaves the person: the settings, tightened, and the rules that are no setting.

The policy is read once in a process, after the wall is laid and before a vault is opened (`read`). `under`
gives settings that are tightened by it: the lock, the sound that is kept, retention, who may write sentences
and reminders are then in the settings, and whoever reads those keeps the rule without knowing of it. All else
is asked of `Effective`, which `Settings.clinic` holds. Each rule is kept at one place:

| rule | kept by |
|---|---|
| seal.level | `diary.bootstrap.under_policy` |
| lock.after_minutes, audio.keep_days, retention.*, answers.compose | the settings |
| backup.every_days, audit.* | the settings |
| retention.legal_hold | `diary.vault.connection.Database.require_erasable`, which all that erases asks |
| passphrase.guesses | `diary.vault.strength.require_strong`, told by `asked_of_passphrases` |
| export.formats | `require_export`, by whoever writes a readable file |
| import.formats | `ingest.importing`, once it knows the formats |
| models.sha256 | `diary.engine.allowed`, where an engine is started |
| backup.folders | `diary.vault.backups.making.Backups.make` |
| people.list_others | `require_listing`, by `diary people`, which alone looks beside the vault |
| people.break_glass | `diary.vault.break_glass`, at each unlocking |

A refusal names the clinic and the rule. Not here: what the rules are and which value is tighter
(`policies.rules`), where the policy lies and whether it may be believed (`policies.clinic`), the vault's
memory of its clinic (`diary.vault.binding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diary.errors import DiaryError, ModelNotAllowed, PolicyForbids, PolicyRefused
from diary.model.retention import DELETED_FOR, RetentionRules
from policies import place

if TYPE_CHECKING:
    from diary.settings import Settings
    from policies.clinic import Installed
    from policies.rules import Setting, Value

_HINT = "What it says, and who is to be asked: diary policy show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The rules that hold.

    :ivar installed: the clinic's policy; None where there is none, and then nothing is forbidden.
    :ivar rules: every rule's value and who set it, by its name; empty where there is no clinic.
    :ivar binds: whether vaults that are opened under it remember it; throw-away ones do not.
    """

    installed: Installed | None = None
    rules: Mapping[str, Setting] = field(default_factory=dict)
    binds: bool = True

    @property
    def clinic(self) -> str:
        """Its name; empty where there is none."""
        return self.installed.policy.clinic if self.installed else ""

    @property
    def legal_hold(self) -> bool:
        """Whether nothing may be erased."""
        return bool(self._value("retention.legal_hold"))

    @property
    def models(self) -> frozenset[str] | None:
        """SHA-256 of the models that may run, in hexadecimal; None allows all."""
        found = self._texts("models.sha256")
        return None if found is None else frozenset(found)

    @property
    def imports(self) -> frozenset[str] | None:
        """Formats that may be imported; None allows all."""
        found = self._texts("import.formats")
        return None if found is None else frozenset(found)

    @property
    def break_glass(self) -> bytes | None:
        """The clinic's public key (X25519) for emergency access, 32 bytes."""
        found = self._value("people.break_glass")
        return bytes.fromhex(found) if isinstance(found, str) else None

    @property
    def may_list_others(self) -> bool:
        """Whether the names of other people's vaults may be listed; refused unless a policy allows it."""
        return self._value("people.list_others") == "allowed"

    @property
    def audit_kept(self) -> bool:
        """Whether the log cannot be shortened."""
        return bool(self._value("audit.keep"))

    @property
    def audit_for(self) -> timedelta | None:
        """How long the log keeps the particulars of an event at least; None says nothing."""
        days = self.number("audit.days")
        return None if days is None else timedelta(days=days)

    def asked_of_passphrases(self, usual: float) -> dict[str, Any]:
        """What is asked of a new one, as `diary.vault.strength.require_strong` takes it.

        :param usual: guesses that it must withstand without a clinic, as a power of ten.
        """
        floor = self.number("passphrase.guesses")
        if floor is None or floor <= usual:
            return {"floor": usual}
        return {"floor": float(floor), "asked_by": f"the policy of “{self.clinic}” (passphrase.guesses)"}

    def require_wall(self, landlock_abi: int, *, sealed: bool) -> None:
        """:raises diary.errors.PolicyForbids: when the kernel grants less of a wall than must stand."""
        if self.installed and not sealed:  # one that came since the wall was laid, which looks before
            raise self.forbids("seal.level", "nothing is opened where the kernel cannot seal the diary")
        if self._value("seal.level") == "files" and not landlock_abi:
            raise self.forbids("seal.level", "files cannot be closed by this kernel, which has no Landlock")

    def require_export(self, form: str) -> None:
        """:param form: one of `policies.rules.EXPORTS`.

        :raises diary.errors.PolicyForbids: when no such readable file may be written.
        """
        allowed = self._texts("export.formats")
        if allowed is not None and form not in allowed:
            raise self.forbids("export.formats", f"what would be written ({form}) may not leave the diary")

    def require_import(self, form: str) -> None:
        """:raises diary.errors.PolicyForbids: when entries of this format may not be taken in."""
        if self.imports is not None and form not in self.imports:
            raise self.forbids("import.formats", f"{form} may not be imported")

    def require_listing(self) -> None:
        """:raises diary.errors.PolicyForbids: when no names of other people's vaults may be listed."""
        if self.may_list_others:
            return
        rule, what = "people.list_others", "the names of other people's diaries are not listed"
        if self.installed is not None:
            raise self.forbids(rule, what)
        raise PolicyForbids(
            f"Without a clinic's policy that allows it ({rule}) {what}. Nothing was looked at.", hint=_HINT
        )

    def require_erasable(self) -> None:
        """:raises diary.errors.PolicyForbids: when nothing may be erased."""
        if self.legal_hold:
            raise self.forbids("retention.legal_hold", "nothing is erased for as long as it stands")

    @property
    def backup_folders(self) -> tuple[str, ...] | None:
        """Where backups may be written; None says nothing."""
        return self._texts("backup.folders")

    def backup_target(self, target: Path) -> Path:
        """Where a backup that is to go there really goes, all links followed.

        The folders of the policy are taken as they are written: a link of the person's in their place leads
        out of them.

        :raises diary.errors.PolicyForbids: when it would lie in none of the folders.
        """
        folders = self.backup_folders
        if folders is None:
            return target
        from policies.rules import beneath

        resolved = target.resolve()
        if not any(beneath(str(resolved), folder) for folder in folders):
            there = ", ".join(folders) or "no folder"
            raise self.forbids("backup.folders", f"backups may be written to {there}, and not to {resolved}")
        return resolved

    def model_not_allowed(self, name: str) -> ModelNotAllowed:
        """The refusal of a model that is not among `models`."""
        return ModelNotAllowed(self._sentence("models.sha256", f"the model {name} may not run"), hint=_HINT)

    def forbids(self, rule: str, what: str) -> PolicyForbids:
        """A refusal. :param what: a sentence without a full stop."""
        return PolicyForbids(self._sentence(rule, what), hint=_HINT)

    def _sentence(self, rule: str, what: str) -> str:
        return f"The policy of “{self.clinic}” forbids this ({rule}): {what}. Nothing was changed."

    def _value(self, name: str) -> Value:
        return self.rules[name].value if self.installed else None

    def number(self, name: str) -> int | None:
        """The value of a rule of this name that is a number; None: no limit, or no clinic."""
        value = self._value(name)
        return value if isinstance(value, int) else None

    def _texts(self, name: str) -> tuple[str, ...] | None:
        value = self._value(name)
        return value if isinstance(value, tuple) else None


NO_CLINIC = Effective()


def read() -> Installed | None:
    """The policy that is installed on this machine; None where there is none.

    :raises diary.errors.PolicyRefused: when there is one that may not be believed.
    """
    if not place.is_there(place.FOLDER):
        return None  # as on most machines, which need not wait for what reads and verifies one
    from policies.clinic import installed
    from policies.errors import PolicyError

    try:
        return installed(place.FOLDER, owner=place.OWNER)
    except PolicyError as error:
        raise refused(error) from None


def refused(error: Exception) -> DiaryError:
    """What `policies` says, as an error of ours."""
    return PolicyRefused(str(error), hint=getattr(error, "hint", ""))


def under(settings: Settings, found: Installed | None) -> Settings:
    """The settings, tightened by a policy; the very same without one."""
    if found is None:
        return settings
    from policies.rules import effective

    policy = Effective(installed=found, rules=effective(chosen(settings), found.policy.rules))
    return replace(_tightened(settings, policy), clinic=policy)


def chosen(settings: Settings) -> dict[str, Value]:
    """What the person has chosen, by the rules' names."""
    retention = settings.retention
    return {
        "lock.after_minutes": None
        if settings.lock_after is None
        else int(settings.lock_after.total_seconds() // 60),
        "audio.keep_days": _days(settings.speech.keep_audio),
        "retention.entries_days": _days(retention.entries),
        "retention.condense_days": _days(retention.condense),
        "retention.deleted_days": _days(retention.deleted),
        "retention.revisions_days": _days(retention.revisions),
        "answers.compose": settings.compose.value,
        "backup.every_days": _days(settings.backup.every),
    }


def explained(settings: Settings) -> Mapping[str, Setting]:
    """Every rule's value and who set it, by its name."""
    if settings.clinic.installed is not None:
        return settings.clinic.rules
    from policies.rules import effective

    return effective(chosen(settings), {})


def _tightened(settings: Settings, policy: Effective) -> Settings:
    def days(name: str) -> timedelta | None:
        number = policy.number(name)
        return None if number is None else timedelta(days=number)

    def kept_for(name: str) -> timedelta | None:
        return None if policy.legal_hold else days(name)

    minutes = policy.number("lock.after_minutes")
    return replace(
        settings,
        lock_after=None if minutes is None else timedelta(minutes=minutes),
        backup=replace(
            settings.backup,
            every=days("backup.every_days"),
            example=Path(next(iter(policy.backup_folders or ()), settings.backup.example)),
        ),
        compose=type(settings.compose)(str(policy.rules["answers.compose"].value)),
        speech=replace(settings.speech, keep_audio=kept_for("audio.keep_days")),
        log_kept=_log_kept(settings.log_kept, policy),
        retention=RetentionRules(
            entries=kept_for("retention.entries_days"),
            condense=kept_for("retention.condense_days"),
            revisions=kept_for("retention.revisions_days"),
            # Under a hold even who keeps nothing that is deleted keeps it.
            deleted=(days("retention.deleted_days") or timedelta(0))
            or (DELETED_FOR if policy.legal_hold else timedelta(0)),
            hold=policy.legal_hold,
        ),
    )


def _log_kept(own: timedelta | None, policy: Effective) -> timedelta | None:
    """How long the particulars of events are kept; None is for ever, and the tightest."""
    if own is None or policy.audit_kept or policy.legal_hold:
        return None
    return max(own, policy.audit_for or own)


def _days(length: timedelta | None) -> int | None:
    return None if length is None else length.days
