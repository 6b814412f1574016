"""What is tried against each rule by the real command, and in a batch: lines on standard input, a folder of
files, or a command as a timer would run it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace

from diary.vault.backups.making import Backups
from diary.vault.vault import Vault
from policies.emergency import public_bytes
from tests.clinic.in_an_emergency import CLINIC_KEY
from tests.clinic.signed import effective
from tests.clinic.tried import OLD, Clinic, Way, none, then, tried
from tests.end_to_end.conftest import PASSPHRASE

LINE = '{"q": "sleep"}\n'
SEARCH = ("find", "--batch")
SOONER = "import signal; real = signal.setitimer; signal.setitimer = lambda which, s: real(which, s / 600)"


# The wall, the lock, the ways in


@tried("seal.level", "command", "screen", "batch")
def a_kernel_that_closes_no_files(clinic: Clinic, way: Way) -> None:
    """Nothing is opened, so that on the screen no key can be pressed: the sentence comes in its place."""
    machine = replace(clinic.machine, first="from policies.kernel import landlock; landlock.abi = lambda: 0")
    commands = {"command": ("list",), "screen": (), "batch": SEARCH}
    replace(clinic, machine=machine).refuses('[seal]\nlevel = "files"', *commands[way], stdin=LINE)


@tried("passphrase.guesses", "command", "batch")
def a_weak_passphrase(clinic: Clinic, way: Way) -> None:
    """Typed into a file, or piped."""
    rules, new = "[passphrase]\nguesses = 29", clinic.place / "new"
    new.write_text(f"{PASSPHRASE} 2\n")
    given = ("-", new.read_text()) if way == "batch" else (str(new), "")
    change = ("keys", "change", "1", "--new-passphrase-file", given[0])
    clinic.refuses(rules, *change, stdin=given[1], code="weak-passphrase")
    clinic.refuses(rules, "keys", "add", *change[-2:], stdin=given[1], code="weak-passphrase")


none("passphrase.guesses", "the screen changes no ways in", "screen")
none("people.break_glass", "the screen changes no ways in", "screen")


@tried("lock.after_minutes", "command")
def waiting_for_an_answer(clinic: Clinic) -> None:
    """On a terminal where nobody types yes, or a new passphrase."""
    clinic.machine.install("[lock]\nafter_minutes = 1")
    machine, given = replace(clinic.machine, first=SOONER), clinic.place / "passphrase"
    given.write_text(f"{PASSPHRASE}\n")
    for asked in (("delete", "--erase", "1"), ("keys", "add")):
        ours, theirs = os.openpty()
        try:
            ran = subprocess.run(
                [*machine.command, "--passphrase-file", str(given), *asked],
                env=machine.home.environment(), stdin=theirs, capture_output=True, text=True, timeout=60,
                start_new_session=True, check=False,
            )  # fmt: skip
        finally:
            os.close(ours)
            os.close(theirs)
        assert (ran.returncode, "Nobody answered for a minute" in ran.stderr) == (1, True), ran.stderr
        clinic.says_why(" ".join(ran.stderr.split()), "[lock]\nafter_minutes = 1")


@tried("lock.after_minutes", "batch")
def waiting_for_more_lines(clinic: Clinic) -> None:
    """On a machine where a minute is over sooner; the line before is answered."""
    clinic.machine.install("[lock]\nafter_minutes = 1")
    machine = replace(clinic.machine, first=SOONER)
    with subprocess.Popen(
        [*machine.command, "--passphrase-file", "-", "--json", *SEARCH],
        env=machine.home.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(f"{PASSPHRASE}\n{LINE}")
        child.stdin.flush()
        answer, ended = (json.loads(child.stdout.readline()) for _ in range(2))
        assert child.wait(60) == 1
    assert "hits" in answer and ended["error"]["code"] == "locked"
    clinic.says_why(ended["error"]["message"], "[lock]\nafter_minutes = 1")


@tried("people.break_glass", "command", "batch")
def taking_the_clinics_way_in_away(clinic: Clinic, way: Way) -> None:
    rules = f'[people]\nbreak_glass = "{public_bytes(CLINIC_KEY).hex()}"'
    assert clinic.run(rules, "list").status == 0
    ways_in = clinic.run(rules, "keys", "list").json["keys"]
    (ours,) = [key["number"] for key in ways_in if key["kind"] == "break-glass"]
    by = {"command": str(ours), "batch": next(key["id"] for key in ways_in if key["number"] == ours)}
    clinic.refuses(rules, "keys", "remove", by[way], "--yes")
    assert clinic.run(rules, "keys", "list").json["keys"] == ways_in


@tried("people.list_others", "command", "batch")
def listing_the_others(clinic: Clinic, way: Way) -> None:
    """Refused unless it is allowed: by a rule that says nothing of it, too. Nothing is piped into it."""
    rules = '[people]\nlist_others = "refused"'
    other = clinic.machine.home.vault.with_name("zephyrine")
    shutil.copytree(clinic.machine.home.vault, other)
    clinic.refuses(rules, *(() if way == "command" else ("--passphrase-file", "/dev/null")), "people")
    clinic.machine.install('[people]\nlist_others = "allowed"')
    assert "zephyrine" in clinic.machine.run("people").out


none("people.list_others", "the screen is of one diary, and looks beside it for none", "screen")


# How long things are kept


def without_asking(way: Way) -> tuple[str, ...]:
    return ("list",) if way == "command" else SEARCH


@tried("audio.keep_days", "command", "batch")
def keeping_sound(clinic: Clinic, way: Way) -> None:
    clinic.chosen('[speech]\nkeep_audio = "always"\n')
    assert clinic.run("[audio]\nkeep_days = 200", *without_asking(way), stdin=LINE).status == 0
    assert clinic.facts("[audio]\nkeep_days = 200").sounds
    clinic.machine.install("[audio]\nkeep_days = 30", version=2)
    assert clinic.machine.run(*without_asking(way), stdin=LINE).status == 0
    assert clinic.facts("[audio]\nkeep_days = 30", version=2).sounds == ()


@tried("retention.entries_days", "command", "batch")
def keeping_entries(clinic: Clinic, way: Way) -> None:
    rules = f"[retention]\nentries_days = {OLD}"
    clinic.chosen("[retention]\nentries_days = 36000\n")
    assert len(clinic.facts().entries) == 3
    ran = clinic.run(rules, *without_asking(way), stdin=LINE)
    assert ran.status == 0 and clinic.facts(rules).entries == {}


@tried("retention.condense_days", "command", "batch")
def keeping_words(clinic: Clinic, way: Way) -> None:
    rules = f"[retention]\ncondense_days = {OLD}"
    clinic.chosen("[retention]\ncondense_days = 36000\n")
    assert clinic.facts().entries[1][0] == "Slept badly, and late."
    assert clinic.run(rules, *without_asking(way), stdin=LINE).status == 0
    assert "badly" not in clinic.facts(rules).entries[1][0]


@tried("retention.revisions_days", "command", "batch")
def keeping_versions(clinic: Clinic, way: Way) -> None:
    rules = f"[retention]\nrevisions_days = {OLD}"
    clinic.chosen("[retention]\nrevisions_days = 36000\n")
    assert clinic.facts().entries[1] == ("Slept badly, and late.", 2)
    assert clinic.run(rules, *without_asking(way), stdin=LINE).status == 0
    assert clinic.facts(rules).entries[1] == ("Slept badly, and late.", 1)


@tried("retention.deleted_days", "command")
def keeping_what_is_deleted(clinic: Clinic) -> None:
    rules = "[retention]\ndeleted_days = 0"
    clinic.chosen("[retention]\ndeleted_days = 300\n")
    assert clinic.run(rules, "delete", "1", "--yes").status == 0
    assert 1 not in clinic.facts(rules).deleted
    assert clinic.machine.run("deleted", "restore", "1").error["code"] == "entry-not-found"


none("retention.deleted_days", "no batch deletes: taking an import back erases, whatever is set", "batch")


@tried("retention.legal_hold", "command")
def erasing(clinic: Clinic) -> None:
    rules = "[retention]\nlegal_hold = true"
    clinic.refuses(rules, "delete", "1", "--erase", "--yes")
    clinic.refuses(rules, "deleted", "erase", "--all", "--yes")
    clinic.refuses(rules, "detach", "1", "--yes")


@tried("retention.legal_hold", "batch")
def erasing_many(clinic: Clinic) -> None:
    rules = "[retention]\nlegal_hold = true"
    clinic.chosen(f"[retention]\nentries_days = {OLD}\nrevisions_days = {OLD}\n")
    clinic.refuses(rules, "import", "--undo", "1")
    before = clinic.facts(rules)
    assert clinic.run(rules, "retention", "--apply", "--yes").json["rules"]["legal_hold"] is True
    assert clinic.facts(rules) == before


# What comes and goes


@tried("export.formats", "command")
def writing_out(clinic: Clinic) -> None:
    out = clinic.place / "out"
    clinic.refuses('[export]\nformats = ["ics"]', "open-attachment", "1", "--export", str(out / "letter.txt"))
    clinic.refuses('[export]\nformats = ["ics"]', "doctor", "--salvage", str(out / "all"), "--yes")
    clinic.refuses('[export]\nformats = ["ics"]', "open-attachment", "1", "--export", str(out / "b"))


@tried("export.formats", "batch")
def writing_a_calendar(clinic: Clinic) -> None:
    """The one file that a command writes along with what it answers; a batch of questions writes none."""
    clinic.refuses("[export]\nformats = []", "plan", "sleep", "--ics", str(clinic.place / "out/plan.ics"))


@tried("import.formats", "command", "batch")
def taking_in(clinic: Clinic, way: Way) -> None:
    """One file, and a folder of them."""
    name, form, other = {"command": ("note.jsonl", "jsonl", "jrnl"), "batch": ("notes", "markdown", "jsonl")}[
        way
    ]
    rules = f'[import]\nformats = ["{other}"]'
    clinic.refuses(rules, "import", str(clinic.place / name))
    clinic.refuses(rules, "import", str(clinic.place / name), "--format", form)


none("import.formats", "the screen imports nothing: a file that is attached is no entry", "screen")


@tried("backup.folders", "command")
def backing_up_elsewhere(clinic: Clinic) -> None:
    rules = f'[backup]\nfolders = ["{clinic.place}/in"]'
    clinic.refuses(rules, "backup", str(clinic.place / "out"))
    clinic.refuses(rules, "backup", str(clinic.place / "out/one.backup"))


@tried("backup.folders", "batch")
def backing_up_by_a_timer(clinic: Clinic) -> None:
    clinic.chosen(f'[backup]\nfolder = "{clinic.place}/out"\n')
    clinic.refuses(f'[backup]\nfolders = ["{clinic.place}/in"]', "backup")


@tried("backup.every_days", "command")
def never_asking_for_a_backup(clinic: Clinic) -> None:
    rules = "[backup]\nevery_days = 7"
    clinic.chosen("[backup]\nevery_days = 0\n")
    backed_up_then(clinic)
    assert "backup" not in clinic.machine.run("list", plain=True).err
    clinic.machine.install(rules)
    assert "Last backup 100 days ago" in clinic.machine.run("list", plain=True).err


none("backup.every_days", "it asks a person, and nobody watches a batch", "batch")


def backed_up_then(clinic: Clinic) -> None:
    """A backup was made when the diary was."""
    with Vault.unlock(clinic.machine.home.vault, clinic.code, now=then) as vault:
        assert isinstance(vault.backups, Backups)
        vault.backups.make(clinic.place / "first.backup")


# Models


@tried("models.sha256", "command")
def searching_with_any_model(clinic: Clinic) -> None:
    clinic.refuses("[models]\nsha256 = []", "find", "sleep")
    clinic.refuses("[models]\nsha256 = []", "ask", "How did I sleep?")


@tried("models.sha256", "batch")
def searching_in_a_batch_with_any_model(clinic: Clinic) -> None:
    """Which goes on with the next line."""
    rules = "[models]\nsha256 = []"
    for command in ("find", "ask"):
        ran = clinic.run(rules, command, "--batch", stdin=LINE * 2)
        answers = [json.loads(line) for line in ran.out.splitlines()]
        assert [one["error"]["code"] for one in answers] == ["policy-forbids"] * 2
        clinic.says_why(answers[1]["error"]["message"], rules)


@tried("answers.compose", "command", "batch")
def having_sentences_written(clinic: Clinic, way: Way) -> None:
    clinic.chosen('[answers]\ncompose = "verified"\n')
    asked = {"command": ("ask", "How did I sleep?"), "batch": ("ask", "--batch")}[way]
    line = '{"q": "How did I sleep?"}\n'
    free = clinic.machine.run(*asked, stdin=line)
    assert free.json["summary"]["model"]
    ran = clinic.run('[answers]\ncompose = "never"', *asked, stdin=line)
    assert ran.json["quotes"] and ran.json["summary"] is None


# The log


@tried("audit.keep", "command", "batch")
def shortening_the_log(clinic: Clinic, way: Way) -> None:
    """The person's settings say fifty days, and the diary is twice as old."""
    clinic.chosen("[audit]\ndays = 50\n")
    not_shortened(clinic, "[audit]\nkeep = true", *without_asking(way))


@tried("audit.days", "command", "batch")
def shortening_the_log_early(clinic: Clinic, way: Way) -> None:
    clinic.chosen("[audit]\ndays = 50\n")
    not_shortened(clinic, "[audit]\ndays = 400", *without_asking(way))


def not_shortened(clinic: Clinic, rules: str, *command: str) -> None:
    assert clinic.run(rules, *command, stdin=LINE).status == 0
    with Vault.unlock(clinic.machine.home.vault, clinic.code, policy=effective(rules)) as vault:
        assert None not in [one.details for one in vault.audit.events()]
