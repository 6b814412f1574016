"""What every store of unsaved recordings, of transcripts, of the glossary and of small choices must do."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from datetime import timedelta

import pytest

from diary.errors import DiaryError, EntryNotFound, RecordingNotFound
from diary.model.entry import EntryChanges, EntryDraft, EntryFilter, EntryId, Kind, Transcript
from diary.model.glossary import TermDraft, TermId, TermKind
from diary.model.recording import SpoolId
from diary.model.speech import RATE, Segment, Word
from ingest.ports import OpenSpool
from tests.contracts.stores_shape import Stores
from tests.unit.vault.fresh import MORNING, words

SOUND = bytes(number * 31 % 256 for number in range(70_000))
SEGMENTS = (
    Segment(
        start=0.25,
        end=1.5,
        text="Slept “well”,",
        confidence=0.875,
        words=(
            Word(start=0.25, end=0.75, text="Slept", confidence=0.9371),
            Word(start=0.8, end=1.5, text="“well”,", confidence=1 / 3),
        ),
    ),
    Segment(start=2.0, end=3.0, text="頭痛.", confidence=0.0),
)


def spoken(status: Transcript | None, text: str = "") -> EntryDraft:
    return words(text, kind=Kind.VOICE, transcript=status)


def recorded(stores: Stores, sound: bytes = SOUND, *, piece: int = 16_000) -> OpenSpool:
    """A recording that was made of pieces and is closed."""
    running = stores.spools.begin(MORNING)
    for start in range(0, len(sound), piece):
        running.append(sound[start : start + piece])
    running.close()
    return running


class SpoolStoreContract:
    def test_a_recording_is_there_empty_from_the_beginning(self, stores: Stores) -> None:
        running = stores.spools.begin(MORNING)
        (found,) = stores.spools.unfinished()
        assert (found.id, found.started, found.seconds) == (running.id, MORNING, 0.0)
        assert found.started.utcoffset() == MORNING.utcoffset()
        assert (found.segments, found.reached, found.engine) == ((), 0.0, None)
        assert stores.spools.read(running.id, 0, 100) == b""
        assert len(running.id) == 32
        assert set(running.id) <= set("0123456789abcdef")

    @pytest.mark.parametrize("piece", [2, 16_000, 32_000, 32_002, 70_000])
    def test_sound_comes_back_whatever_its_pieces(self, stores: Stores, piece: int) -> None:
        sound = SOUND[:2_000] if piece == 2 else SOUND
        spool = recorded(stores, sound, piece=piece).id
        assert stores.spools.read(spool, 0, len(sound) + 1) == sound
        assert [one.seconds for one in stores.spools.unfinished()] == [len(sound) / (2 * RATE)]

    def test_any_part_of_it_is_read_by_its_place(self, stores: Stores) -> None:
        spool = recorded(stores).id
        for start, most in ((0, 1), (15_999, 2), (16_000, 16_000), (1_234, 50_000), (69_999, 9), (40_000, 0)):
            assert stores.spools.read(spool, start, most) == SOUND[start : start + most]
        assert stores.spools.read(spool, 70_000, 9) == stores.spools.read(spool, 99_999, 9) == b""

    def test_it_is_read_while_it_grows(self, stores: Stores) -> None:
        running = stores.spools.begin(MORNING)
        for number in range(5):
            piece = bytes([number]) * 3_200
            running.append(piece)
            assert stores.spools.read(running.id, number * 3_200, 9_999) == piece
            (found,) = stores.spools.unfinished()
            assert found.seconds == (number + 1) / 10

    def test_nothing_is_appended_once_it_is_closed_and_it_stays_unfinished(self, stores: Stores) -> None:
        running = recorded(stores)
        running.close()
        with pytest.raises(ValueError, match="closed"):
            running.append(SOUND)
        assert stores.spools.read(running.id, 0, 99_999) == SOUND
        assert [one.id for one in stores.spools.unfinished()] == [running.id]

    def test_what_was_written_down_is_noted_in_the_place_of_what_was_before(self, stores: Stores) -> None:
        spool = recorded(stores).id
        stores.spools.note(spool, SEGMENTS[:1], 1.75, "whisper a")
        stores.spools.note(spool, SEGMENTS, 3.25, "whisper b")
        (found,) = stores.spools.unfinished()
        assert (found.segments, found.reached, found.engine) == (SEGMENTS, 3.25, "whisper b")

    def test_they_are_listed_oldest_first(self, stores: Stores) -> None:
        spools = [stores.spools.begin(MORNING + timedelta(hours=hours)).id for hours in (5, 1, 3)]
        assert [one.id for one in stores.spools.unfinished()] == [spools[1], spools[2], spools[0]]

    def test_a_discarded_one_is_gone_and_no_other(self, stores: Stores) -> None:
        gone, stays = stores.spools.begin(MORNING), recorded(stores)
        gone.append(SOUND)
        stores.spools.discard(gone.id)
        stores.spools.discard(gone.id)
        assert [one.id for one in stores.spools.unfinished()] == [stays.id]
        with pytest.raises(RecordingNotFound):
            gone.append(SOUND)

    def test_a_name_that_is_not_there_is_told(self, stores: Stores) -> None:
        unknown = SpoolId("0" * 32)
        with pytest.raises(RecordingNotFound):
            stores.spools.read(unknown, 0, 1)
        with pytest.raises(RecordingNotFound):
            stores.spools.note(unknown, SEGMENTS, 1.0, "whisper")
        with pytest.raises(RecordingNotFound):
            stores.recordings.keep_spool(spoken(None), unknown, name="spoken.wav")
        assert stores.entries.count() == 0


class TranscriptHistoryContract:
    def test_an_unsaved_recording_becomes_an_entry_with_a_wav_and_its_transcript(
        self, stores: Stores
    ) -> None:
        spool = recorded(stores).id
        stores.spools.note(spool, SEGMENTS, 4.0, "whisper base")
        entry = stores.recordings.keep_spool(
            spoken(Transcript.TRANSCRIBED, "Slept well, edited."), spool, name="spoken.wav"
        )
        assert stores.entries.get(entry.id) == entry
        assert (entry.text, entry.transcript, entry.revision) == (
            *("Slept well, edited.", Transcript.TRANSCRIBED),
            1,
        )
        with wave.open(io.BytesIO(stores.recordings.sound(entry.id))) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            assert file.readframes(99_999) == SOUND
        (version,) = stores.recordings.transcripts(entry.id)
        assert (version.revision, version.engine, version.segments) == (1, "whisper base", SEGMENTS)
        assert stores.recordings.partial(entry.id) is None
        assert stores.spools.unfinished() == []
        with pytest.raises(RecordingNotFound):
            stores.recordings.keep_spool(spoken(None), spool, name="spoken.wav")
        assert stores.entries.count() == 1

    def test_what_was_written_down_of_one_that_waits_is_its_partial_transcript(self, stores: Stores) -> None:
        spool = recorded(stores).id
        stores.spools.note(spool, SEGMENTS[:1], 1.75, "whisper base")
        entry = stores.recordings.keep_spool(spoken(Transcript.WAITING), spool, name="spoken.wav").id
        assert stores.recordings.partial(entry) == (SEGMENTS[:1], 1.75, "whisper base")
        assert stores.recordings.transcripts(entry) == []
        assert [one.id for one in stores.entries.list(EntryFilter(transcript=Transcript.WAITING))] == [entry]

    @pytest.mark.parametrize("sound", [b"", SOUND[:70_000]])
    def test_a_recording_that_nobody_wrote_down_is_kept_without_a_transcript(
        self, stores: Stores, sound: bytes
    ) -> None:
        spool = recorded(stores, sound).id
        entry = stores.recordings.keep_spool(spoken(Transcript.WAITING), spool, name="spoken.wav").id
        assert len(stores.recordings.sound(entry)) == 44 + len(sound)
        assert stores.recordings.heard(entry) == (None, ())
        assert stores.recordings.partial(entry) is None

    def test_every_writing_down_stays_with_the_revision_of_its_words(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        stores.recordings.set_transcript(entry, "slept will", Transcript.ROUGH, SEGMENTS[:1], "rough")
        stores.entries.revise(entry, EntryChanges(text="slept will, edited"))
        stores.recordings.set_transcript(entry, "Slept well.", Transcript.TRANSCRIBED, SEGMENTS, "whisper")
        stores.recordings.set_transcript(entry, "Slept well.", Transcript.TRANSCRIBED, (), "whisper small")
        versions = stores.recordings.transcripts(entry)
        assert [(one.revision, one.engine, one.segments) for one in versions] == [
            (2, "rough", SEGMENTS[:1]),
            (4, "whisper", SEGMENTS),
            (4, "whisper small", ()),
        ]
        history = {revision.number: revision.text for revision in stores.entries.history(entry)}
        assert [history[one.revision] for one in versions] == ["slept will", "Slept well.", "Slept well."]
        assert versions[0].made < versions[1].made < versions[2].made
        assert stores.recordings.heard(entry) == ("whisper small", ())

    def test_a_partial_transcript_is_kept_until_it_is_whole(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        assert stores.recordings.partial(entry) is None
        stores.recordings.set_partial(entry, SEGMENTS[:1], 1.75, "whisper")
        stores.recordings.set_partial(entry, SEGMENTS, 3.5, "whisper small")
        assert stores.recordings.partial(entry) == (SEGMENTS, 3.5, "whisper small")
        assert stores.entries.get(entry).transcript is Transcript.WAITING
        assert (stores.entries.get(entry).revision, stores.recordings.transcripts(entry)) == (1, [])
        stores.recordings.set_transcript(entry, "Slept well.", Transcript.TRANSCRIBED, SEGMENTS, "whisper")
        assert stores.recordings.partial(entry) is None

    def test_a_forgotten_recording_leaves_words_and_transcripts(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        stores.recordings.set_transcript(entry, "Slept well.", Transcript.TRANSCRIBED, SEGMENTS, "whisper")
        before = (stores.entries.get(entry), stores.recordings.transcripts(entry))
        stores.recordings.forget_sound(entry)
        assert (stores.entries.get(entry), stores.recordings.transcripts(entry)) == before
        assert stores.recordings.heard(entry) == ("whisper", SEGMENTS)
        for act in (stores.recordings.sound, stores.recordings.forget_sound):
            with pytest.raises(EntryNotFound):
                act(entry)
        with pytest.raises(EntryNotFound):
            stores.recordings.set_transcript(entry, "other", Transcript.TRANSCRIBED, (), "whisper")

    def test_an_entry_whose_recording_is_forgotten_waits_no_more(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        stores.recordings.forget_sound(entry)
        assert stores.entries.get(entry).transcript is None

    def test_recordings_are_old_once_they_wait_no_more(self, stores: Stores) -> None:
        kept = [
            stores.recordings.keep(spoken(status), SOUND, name="a.wav")
            for status in (
                Transcript.TRANSCRIBED,
                Transcript.WAITING,
                Transcript.NO_SPEECH,
                Transcript.ROUGH,
                None,
            )
        ]
        stores.entries.add(words())
        forgotten, _, no_speech, rough, last = kept
        stores.recordings.forget_sound(forgotten.id)
        assert stores.recordings.kept_before(last.recorded) == [no_speech.id, rough.id]
        assert stores.recordings.kept_before(last.recorded + timedelta(microseconds=1)) == [
            *(no_speech.id, rough.id),
            last.id,
        ]
        assert stores.recordings.kept_before(forgotten.recorded) == []

    def test_a_rough_draft_that_was_read_counts_like_any_other(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        rough = stores.recordings.set_transcript(entry, "slept", Transcript.ROUGH, SEGMENTS, "rough")
        confirmed = stores.recordings.confirm(entry)
        assert stores.entries.get(entry) == confirmed
        assert (confirmed.transcript, confirmed.revision) == (Transcript.TRANSCRIBED, rough.revision)
        typed = stores.entries.add(words()).id
        for other in (entry, typed, EntryId(99)):
            with pytest.raises(EntryNotFound):
                stores.recordings.confirm(other)

    def test_transcripts_go_with_their_entry(self, stores: Stores) -> None:
        entry = stores.recordings.keep(spoken(Transcript.WAITING), SOUND, name="a.wav").id
        stores.recordings.set_transcript(entry, "Slept.", Transcript.TRANSCRIBED, SEGMENTS, "whisper")
        stores.recordings.set_partial(entry, SEGMENTS, 1.0, "whisper small")
        stores.entries.delete(entry)
        assert stores.recordings.transcripts(entry) == []
        assert stores.recordings.partial(entry) is None
        with pytest.raises(EntryNotFound):
            stores.recordings.heard(entry)

    def test_an_entry_without_a_recording_has_nothing_written_down(self, stores: Stores) -> None:
        typed = stores.entries.add(words()).id
        assert stores.recordings.transcripts(typed) == []
        assert stores.recordings.partial(typed) is None
        with pytest.raises(EntryNotFound):
            stores.recordings.set_partial(typed, SEGMENTS, 1.0, "whisper")
        with pytest.raises(EntryNotFound):
            stores.recordings.heard(typed)


OKAFOR = TermDraft(
    text="Dr Okafor", kind=TermKind.PERSON, instead_of=("dr okay for", "okra for"), also=("Amaka Okafor",)
)


class GlossaryStoreContract:
    def test_a_term_comes_back_as_it_was_given(self, stores: Stores) -> None:
        kept = stores.glossary.add(OKAFOR)
        assert stores.glossary.terms() == [kept]
        for field in ("text", "kind", "instead_of", "also"):
            assert getattr(kept, field) == getattr(OKAFOR, field)

    def test_terms_are_listed_by_kind_and_text(self, stores: Stores) -> None:
        for text, kind in (
            ("sertraline", TermKind.MEDICINE),
            ("Zoë", TermKind.PERSON),
            ("Ångström Clinic", TermKind.PLACE),
            ("anna", TermKind.PERSON),
            ("Topiramate", TermKind.MEDICINE),
            ("Émile", TermKind.PERSON),
        ):
            stores.glossary.add(TermDraft(text=text, kind=kind))
        assert [term.text for term in stores.glossary.terms()] == [
            *("sertraline", "Topiramate", "anna", "Zoë", "Émile"),
            "Ångström Clinic",
        ]

    def test_a_term_of_the_same_text_and_kind_is_replaced_and_keeps_its_number(self, stores: Stores) -> None:
        first = stores.glossary.add(OKAFOR)
        other = stores.glossary.add(TermDraft(text="Dr Okafor", kind=TermKind.PLACE))
        again = stores.glossary.add(TermDraft(text="DR OKAFOR", kind=TermKind.PERSON, also=("Amaka",)))
        assert again.id == first.id
        assert stores.glossary.terms() == [again, other]
        assert (again.text, again.instead_of, again.also) == ("DR OKAFOR", (), ("Amaka",))

    def test_a_changed_term_keeps_its_number_and_takes_the_place_of_no_other(self, stores: Stores) -> None:
        kept, other = stores.glossary.add(OKAFOR), stores.glossary.add(replace(OKAFOR, text="Dr Osei"))
        changed = stores.glossary.change(replace(kept, text="dr okafor", also=(), kind=TermKind.OTHER))
        assert (changed.id, changed.text, changed.also, changed.kind) == (
            *(kept.id, "dr okafor", ()),
            TermKind.OTHER,
        )
        assert set(map(str, stores.glossary.terms())) == {str(changed), str(other)}
        for refused in (
            replace(changed, text="DR OSEI", kind=TermKind.PERSON),
            replace(changed, id=TermId(99)),
        ):
            with pytest.raises(DiaryError):
                stores.glossary.change(refused)
        assert set(map(str, stores.glossary.terms())) == {str(changed), str(other)}

    def test_a_term_is_forgotten_once(self, stores: Stores) -> None:
        term = stores.glossary.add(OKAFOR)
        stores.glossary.remove(term.id)
        assert stores.glossary.terms() == []
        for gone in (term.id, TermId(99)):
            with pytest.raises(DiaryError, match="no term"):
                stores.glossary.remove(gone)
        assert stores.glossary.add(OKAFOR).id > term.id


class PreferencesContract:
    def test_a_choice_is_remembered_until_another_is_made_or_it_is_forgotten(self, stores: Stores) -> None:
        assert stores.preferences.get("microphone") is None
        stores.preferences.set("microphone", "alsa:hw:1")
        stores.preferences.set("microphone", "pulse:Mikrofon „ü“")
        stores.preferences.set("other", "")
        assert stores.preferences.get("microphone") == "pulse:Mikrofon „ü“"
        assert stores.preferences.get("other") == ""
        stores.preferences.set("microphone", None)
        stores.preferences.set("microphone", None)
        assert stores.preferences.get("microphone") is None
