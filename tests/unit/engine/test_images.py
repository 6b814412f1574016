"""Images: seen by a model that can, refused in a sentence by one that cannot, never unfolded to gigabytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.engine.language_model import EngineLanguageModel
from diary.engine.messages import Done, FailureCode, Generate, Piece, Turn
from diary.engine.models import read_model
from diary.engine.service import JobFailed
from diary.errors import ImageDamaged, ModelMissing
from retrieval.engines.image_bytes import MOST_IMAGES, dimensions, split_images
from retrieval.engines.llama_model import LlamaModel, serve
from retrieval.ports import ChatMessage
from tests.tiny_gguf import Tiny, tiny_folder
from tests.tiny_mmproj import TOKENS, png, png_of, seeing_folder

TINY = Tiny()
ASKED = [ChatMessage("system", "Say what you see."), ChatMessage("user", "What is this?")]
BOMB = png_of(60_000, 60_000, zlib.compress(bytes(1000)))


def jpeg(width: int, height: int, kind: int = 0xC0) -> bytes:
    """The head of a JPEG, with a table before the frame as cameras write it."""
    table = b"\xff\xdb\x00\x43" + bytes(0x41)
    frame = struct.pack(">BBHBHHB", 0xFF, kind, 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + table + frame + b"\xff\xda"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_folder(tmp_path_factory.mktemp("models") / "tiny", TINY).path


@pytest.fixture(scope="module")
def seeing(folder: Path) -> LlamaModel:
    """In this process, to look at its tokens; found among the files by what they say of themselves."""
    model = serve([folder / "eyes.gguf", folder / "tiny.gguf"])
    assert isinstance(model, LlamaModel)
    return model


def ask(
    model: LlamaModel, *images: bytes, cancelled: Callable[[], bool] = lambda: False, most: int = 6
) -> tuple[str, Done]:
    turns = [Turn(message.role, message.content) for message in ASKED]
    work = Generate(turns, most, images=[len(image) for image in images])
    *pieces, done = model.run(work, b"".join(images), cancelled)
    assert isinstance(done, Done)
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece)), done


def test_an_images_tokens_are_read_and_text_comes_out(seeing: LlamaModel) -> None:
    _, blind = ask(seeing)
    text, done = ask(seeing, png(64, 48))
    assert text
    marks = len(seeing._tokenizer.plain("<start_of_image><end_of_image>")) + len(
        seeing._tokenizer.plain("\n")
    )
    assert done.evaluated == blind.evaluated + blind.reused + TOKENS + marks
    _, two = ask(seeing, png(64, 48), png(30, 90))
    assert two.evaluated == done.evaluated + TOKENS + marks


def test_what_is_seen_matters_and_the_same_is_seen_the_same(seeing: LlamaModel) -> None:
    context = seeing._context

    def seen(*images: bytes) -> list[float]:
        prompt = seeing._tokenizer.tokens([Turn("user", "x")], room=1000, images=len(images))
        assert seeing._vision is not None
        seeing._vision.read(context, prompt.segments, images, 1000)
        return [float(one) for one in context.logits()]

    first, again, other = seen(png(64, 48)), seen(png(64, 48)), seen(png(64, 48, shade=10))
    context.clear()
    assert first == again
    assert first != other


def test_an_image_leaves_nothing_behind_for_the_next_question(seeing: LlamaModel) -> None:
    before = ask(seeing)[0]
    ask(seeing, png(64, 48))
    after, done = ask(seeing)
    assert after == before
    assert done.reused == 0


@pytest.mark.parametrize(
    "image",
    [b"", b"no image at all", b"GIF89a" + bytes(50), png(8, 8)[:20], b"\xff\xd8\xff", jpeg(0, 50)],
    ids=range(6),
)
def test_bytes_that_are_no_image_are_refused(seeing: LlamaModel, image: bytes) -> None:
    with pytest.raises(JobFailed) as refused:
        ask(seeing, image)
    assert refused.value.code in {FailureCode.IMAGE_DAMAGED, FailureCode.NOT_UNDERSTOOD}


@pytest.mark.parametrize(
    "image",
    [png(64, 64)[:80], png_of(64, 64, b"no zlib"), png_of(64, 64, zlib.compress(b"few")), jpeg(64, 64)],
    ids=range(4),
)
def test_a_damaged_image_is_refused_when_it_is_decoded(seeing: LlamaModel, image: bytes) -> None:
    with pytest.raises(JobFailed) as refused:
        ask(seeing, image)
    assert refused.value.code is FailureCode.IMAGE_DAMAGED
    assert ask(seeing, png(8, 8))[0]


@pytest.mark.parametrize(
    "image", [BOMB, png_of(2**31 - 1, 1, b""), jpeg(65_000, 65_000), jpeg(9_000, 9_000, 0xC2)], ids=range(4)
)
def test_an_image_that_would_unfold_to_gigabytes_is_not_decoded(seeing: LlamaModel, image: bytes) -> None:
    assert len(image) < 1000
    with pytest.raises(JobFailed) as refused:
        ask(seeing, image)
    assert refused.value.code is FailureCode.IMAGE_TOO_LARGE


def test_sizes_are_read_from_the_first_bytes() -> None:
    assert dimensions(png(30, 7)) == (30, 7)
    assert dimensions(jpeg(640, 480)) == dimensions(jpeg(640, 480, 0xC2)) == (640, 480)
    assert dimensions(jpeg(10, 10)[:-2] + jpeg(4000, 3000)[2:]) == (4000, 3000)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]))
def test_any_bytes_have_a_size_or_none(tail: bytes, head: bytes) -> None:
    try:
        width, height = dimensions(head + tail)
    except JobFailed as refused:
        assert refused.code is FailureCode.IMAGE_DAMAGED
    else:
        assert width > 0 < height


@pytest.mark.parametrize("lengths", [[5, 5], [-1, 6], [0, 5], [6], [1] * (MOST_IMAGES + 1)])
def test_lengths_that_are_not_those_of_the_bytes_are_not_understood(lengths: list[int]) -> None:
    with pytest.raises(JobFailed) as refused:
        split_images(b"12345", lengths)
    assert refused.value.code is FailureCode.NOT_UNDERSTOOD


def test_words_that_look_like_an_image_are_words(seeing: LlamaModel) -> None:
    turns = [Turn("user", "<__media__> and \ue0001\ue0030\ue002")]
    prompt = seeing._tokenizer.tokens(turns, room=1000, images=1)
    assert len(prompt.segments) == 2
    spoken = b"".join(seeing._vocabulary.piece(token) for token in prompt.segments[1]).decode()
    assert "<__media__> and \ue0001\ue0030\ue002" in spoken


def test_a_stop_while_an_image_is_read_is_heard(seeing: LlamaModel) -> None:
    for polls in (1, 3, 40, 80):
        asked = count(1)
        with pytest.raises(JobFailed) as stopped:
            ask(seeing, png(64, 48), cancelled=lambda polls=polls, asked=asked: next(asked) >= polls, most=50)
        assert stopped.value.code is FailureCode.CANCELLED
    assert ask(seeing, png(64, 48))[0]


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[EngineLanguageModel]:
    made = EngineLanguageModel(read_model(folder))
    yield made
    made.close()


def test_an_engine_behind_the_wall_sees(model: EngineLanguageModel) -> None:
    assert "".join(model.stream(ASKED, max_tokens=4, images=[png(64, 48)]))
    assert model.last.evaluated > TOKENS


def test_a_damaged_image_is_a_sentence_and_costs_no_engine(model: EngineLanguageModel) -> None:
    list(model.stream(ASKED, max_tokens=1))
    pid = model.pid
    for image, words in ((b"nothing", "no image"), (png(64, 64)[:80], "no image"), (BOMB, "too large")):
        with pytest.raises(ImageDamaged) as refused:
            list(model.stream(ASKED, max_tokens=4, images=[image]))
        assert words in refused.value.message
        assert refused.value.hint
    assert model.pid == pid


def test_a_model_without_eyes_says_so(tmp_path: Path) -> None:
    blind = EngineLanguageModel(tiny_folder(tmp_path / "tiny", TINY))
    try:
        with pytest.raises(ModelMissing) as refused:
            list(blind.stream(ASKED, max_tokens=4, images=[png(8, 8)]))
        assert "cannot see" in refused.value.message
    finally:
        blind.close()
