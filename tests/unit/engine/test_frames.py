"""Whatever bytes come, reading frames ends with a frame or one of three errors, never with a hang."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.engine.frames import FRAME_CAP, BadFrame, FrameReader, FrameTimeout, PipeClosed, write_frame
from diary.engine.messages import Done, Failed, FailureCode, Piece, RequestFrame, ResponseFrame, Vectors

FRAMES = st.builds(
    ResponseFrame,
    st.integers(0, 2**31),
    st.one_of(
        st.builds(Piece, st.text()),
        st.builds(Done, *[st.integers(0, 2**31)] * 3),
        st.builds(Failed, st.sampled_from(FailureCode)),
        st.builds(Vectors, st.integers(0, 9), st.integers(0, 9), st.binary()),
    ),
)


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    incoming, outgoing = os.pipe()
    try:
        yield incoming, outgoing
    finally:
        for descriptor in (incoming, outgoing):
            try:
                os.close(descriptor)
            except OSError:
                continue  # closed by the test


def frames_in(data: bytes) -> list[ResponseFrame]:
    """All frames of these bytes, until the end or the first that is none."""
    with pipe() as (incoming, outgoing):
        writer = threading.Thread(target=lambda: (write_all(outgoing, data), os.close(outgoing)))
        writer.start()
        reader = FrameReader(incoming, ResponseFrame)
        found = []
        try:
            while True:
                found.append(reader.read(timeout=10))
        except (BadFrame, PipeClosed):
            return found
        finally:
            while os.read(incoming, 65536):
                pass
            writer.join()


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


@given(st.lists(FRAMES, max_size=5))
def test_what_is_written_is_read(frames: list[ResponseFrame]) -> None:
    data = b"".join(framed(msgspec.msgpack.encode(frame)) for frame in frames)
    assert frames_in(data) == frames


@given(st.binary(max_size=4096))
def test_garbage_is_refused(data: bytes) -> None:
    frames_in(data)


@given(st.binary(max_size=512))
def test_garbage_of_the_right_length_is_refused(body: bytes) -> None:
    for frame in frames_in(framed(body)):
        assert isinstance(frame, ResponseFrame)


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON_LIKE)
def test_other_shapes_are_refused(value: object) -> None:
    for frame in frames_in(framed(msgspec.msgpack.encode(value))):
        assert isinstance(frame, ResponseFrame)


@given(FRAMES, st.data())
def test_a_truncated_or_changed_frame_is_refused_or_another_whole_frame(
    frame: ResponseFrame, data: st.DataObject
) -> None:
    whole = framed(msgspec.msgpack.encode(frame))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert frames_in(whole[:cut]) == []
    changed = bytearray(whole)
    changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    for found in frames_in(bytes(changed)):
        assert isinstance(found, ResponseFrame)


def test_a_request_is_not_taken_for_a_response() -> None:
    from diary.engine.messages import Embed

    assert frames_in(framed(msgspec.msgpack.encode(RequestFrame(1, Embed(["x"]))))) == []


def test_deep_nesting_is_refused() -> None:
    deep = b"\x91" * 100_000 + b"\xc0"
    assert frames_in(framed(deep)) == []
    two = msgspec.msgpack.encode(ResponseFrame(1, Piece("words")))
    assert two[:1] == b"\x92"
    assert frames_in(framed(b"\x93" + two[1:] + deep)) == [], "what is more than a frame is gone through too"


@pytest.mark.parametrize("length", [0, FRAME_CAP + 1, 2**32 - 1])
def test_a_length_of_nothing_or_beyond_the_cap_is_refused_before_reading_on(length: int) -> None:
    with pipe() as (incoming, outgoing):
        os.write(outgoing, length.to_bytes(4, "big"))
        with pytest.raises(BadFrame):
            FrameReader(incoming, ResponseFrame).read(timeout=10)


def test_a_frame_beyond_the_cap_is_not_written() -> None:
    with pipe() as (_, outgoing), pytest.raises(BadFrame):
        write_frame(outgoing, ResponseFrame(1, Piece("x" * (FRAME_CAP + 1))))


def test_half_a_frame_is_a_time_out_and_read_on_when_the_rest_comes() -> None:
    whole = framed(msgspec.msgpack.encode(ResponseFrame(1, Piece("words"))))
    with pipe() as (incoming, outgoing):
        reader = FrameReader(incoming, ResponseFrame)
        os.write(outgoing, whole[:7])
        with pytest.raises(FrameTimeout):
            reader.read(timeout=0.01)
        os.write(outgoing, whole[7:])
        assert reader.read(timeout=10) == ResponseFrame(1, Piece("words"))


def test_a_side_that_does_not_read_holds_nobody() -> None:
    with pipe() as (_, outgoing):
        os.set_blocking(outgoing, False)
        with pytest.raises(FrameTimeout):
            write_frame(outgoing, ResponseFrame(1, Piece("x" * 1_000_000)), timeout=0.05)


def test_a_side_that_is_gone_is_noticed() -> None:
    with pipe() as (incoming, outgoing):
        os.close(incoming)
        with pytest.raises(PipeClosed):
            write_frame(outgoing, ResponseFrame(1, Piece("x")))


def test_the_error_quotes_nothing_of_the_frame() -> None:
    with pipe() as (incoming, outgoing):
        os.write(outgoing, framed(msgspec.msgpack.encode([1, {"type": "my secret"}])))
        with pytest.raises(BadFrame) as refused:
            FrameReader(incoming, ResponseFrame).read(timeout=10)
        assert "secret" not in str(refused.value)
