"""What core and engine say to each other. Typed structs; a frame that is anything else is refused.

The core sends one request at a time, preceded by `Bulk` frames when it carries a file; the engine answers
with any number of results, then `Done` or `Failed`. While a `Listen` runs, `Sound` comes after it, then
`SoundEnd`. `Cancel` may come at any moment. Nothing an engine says
is trusted: the proxies check every value before it goes further, and of a failure only the enumerated code
is used.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from diary.model.speech import Hearing

# From the core


class Embed(msgspec.Struct, tag="embed", frozen=True):
    """Ask for the vectors of texts, answered by one `Vectors`."""

    texts: list[str]


class EmbedTokens(msgspec.Struct, tag="embed-tokens", frozen=True):
    """Ask for the vectors of the tokens of texts, answered by one `TokenVectors`.

    :ivar most: tokens of a text that are read, the tokenizer's own marks included; the rest is cut off.
    """

    texts: list[str]
    most: int


class Turn(msgspec.Struct, frozen=True):
    """One turn of a prompt: `role` system, user or assistant. The content is text, never control tokens."""

    role: str
    content: str


class Generate(msgspec.Struct, tag="generate", frozen=True):
    """Ask for text after a prompt, answered by `Piece`s; `Done` counts the tokens.

    :ivar max_tokens: of the answer. :ivar thoughts: tokens a model may think before it, which are not given
        out; 0: it is asked not to think.
    :ivar images: length in bytes of each image in the bulk, in order; they stand before the last turn's
        words.
    """

    turns: list[Turn]
    max_tokens: int
    thoughts: int = 0
    images: list[int] = []


class Choose(msgspec.Struct, tag="choose", frozen=True):
    """A slot that holds one of these texts."""

    options: list[str]


class Say(msgspec.Struct, tag="say", frozen=True):
    """A slot that holds a line of text: so many tokens to write it with, so many characters at most."""

    tokens: int
    characters: int


class Slot(msgspec.Struct, frozen=True):
    """One place of a form, and what may stand there."""

    name: str
    holds: Choose | Say


class Form(msgspec.Struct, frozen=True):
    """One thing that can be chosen, with its slots; they are filled 1 to `most` times over."""

    name: str
    slots: list[Slot]
    most: int = 1


class Fill(msgspec.Struct, tag="fill", frozen=True):
    """Ask a model to choose one of the forms and to fill its slots, answered by one `Filled`."""

    turns: list[Turn]
    forms: list[Form]


class Examine(msgspec.Struct, tag="examine", frozen=True):
    """Ask what the recording in the bulk holds, answered by one `Measured`."""


class Transcribe(msgspec.Struct, tag="transcribe", frozen=True):
    """Ask for the words of the recording in the bulk, answered by `Heard`s and `HeardUpTo`s in order.

    :ivar start: seconds of the recording that are left out.
    """

    hearing: Hearing = Hearing()
    start: float = 0.0


class Listen(msgspec.Struct, tag="listen", frozen=True):
    """Ask for the words of the `Sound` that comes after this, answered as `Transcribe` is."""

    hearing: Hearing = Hearing()


class Sound(msgspec.Struct, tag="sound", frozen=True):
    """The next samples for the `Listen` of this envelope's number: PCM as `diary.model.speech.RATE`."""

    data: bytes


class SoundEnd(msgspec.Struct, tag="sound-end", frozen=True):
    """There is no more of it."""


class Samples(msgspec.Struct, tag="samples", frozen=True):
    """Ask for the recording in the bulk, from `start` seconds on, answered by `Pcm`s in order."""

    start: float = 0.0


class Bulk(msgspec.Struct, tag="bulk", frozen=True):
    """A part of the bytes that belong to the next request; at most `frames.BULK_PART` bytes."""

    data: bytes


class Cancel(msgspec.Struct, tag="cancel", frozen=True):
    """Stop the job with this envelope's number."""


Work = Embed | EmbedTokens | Generate | Fill | Examine | Transcribe | Samples
Fed = Sound | SoundEnd
Request = Work | Listen | Fed | Bulk | Cancel

# From the engine


class FailureCode(StrEnum):
    """Why an engine could not do its job; each has a sentence in `diary.engine.failures`."""

    MODEL_DAMAGED = "model-damaged"
    NO_TEMPLATE = "no-template"
    PROMPT_TOO_LONG = "prompt-too-long"
    IMAGE_DAMAGED = "image-damaged"
    IMAGE_TOO_LARGE = "image-too-large"
    NO_VISION = "no-vision"
    RECORDING_DAMAGED = "recording-damaged"
    RECORDING_TOO_LONG = "recording-too-long"
    RECORDING_CUT_OFF = "recording-cut-off"
    LANGUAGE_UNKNOWN = "language-unknown"
    OUT_OF_MEMORY = "out-of-memory"
    CANCELLED = "cancelled"
    NOT_UNDERSTOOD = "not-understood"
    SEAL_REFUSED = "seal-refused"
    INTERNAL = "internal"


Bytes = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""An amount of memory."""


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """The first frame: the engine is sealed and its model is loaded."""


class Vectors(msgspec.Struct, tag="vectors", frozen=True):
    """`count` vectors of `dimensions` little-endian float32, one after another."""

    count: int
    dimensions: int
    data: bytes


class TokenVectors(msgspec.Struct, tag="token-vectors", frozen=True):
    """Vectors of the tokens of texts, one text after another.

    :ivar counts: the number of tokens of each text, without the tokenizer's own marks.
    :ivar data: for each token `dimensions` int8, round(127·x) of a vector of length 1.
    :ivar spans: for each token two little-endian uint32, its start and end in characters of its text.
    """

    counts: list[int]
    dimensions: int
    data: bytes
    spans: bytes


class Piece(msgspec.Struct, tag="piece", frozen=True):
    """Generated text, whole characters."""

    text: str


class Filled(msgspec.Struct, tag="filled", frozen=True):
    """A filled form: which one, and for each time over the slots in order, an option's place or a text."""

    form: int
    rows: list[list[int | str]]


class Measured(msgspec.Struct, tag="measured", frozen=True):
    """Length of a recording and of the speech in it, in seconds.

    :ivar made: when it was made, in ISO 8601, as the file says; empty when it does not.
    """

    seconds: float
    speech_seconds: float
    made: str = ""


class Spelt(msgspec.Struct, array_like=True, frozen=True):
    """One word of a `Heard`: seconds of the recording, the word with its punctuation, its probability."""

    start: float
    end: float
    text: str
    confidence: float


class Heard(msgspec.Struct, tag="heard", frozen=True):
    """Words between `start` and `end` seconds; confidence 0 to 1.

    :ivar words: one by one; empty when the engine does not tell them apart.
    """

    start: float
    end: float
    text: str
    confidence: float
    words: list[Spelt] = []


class HeardUpTo(msgspec.Struct, tag="heard-up-to", frozen=True):
    """All speech before so many seconds of the recording has been told."""

    seconds: float


class Pcm(msgspec.Struct, tag="pcm", frozen=True):
    """A second of sound or less: PCM as `diary.model.speech.RATE`."""

    data: bytes


class Busy(msgspec.Struct, tag="busy", frozen=True):
    """Still at work, with nothing to say: a moment at which the core may stop the job."""


class Done(msgspec.Struct, tag="done", frozen=True):
    """The job is finished. Token counts are 0 where there are no tokens.

    :ivar evaluated: prompt tokens that were computed. :ivar reused: prompt tokens kept from the job before.
    :ivar generated: tokens written.
    """

    evaluated: int = 0
    reused: int = 0
    generated: int = 0


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The job, or the start of the engine, failed.

    :ivar needed, available: bytes of memory, with OUT_OF_MEMORY, where they are known; else 0.
    """

    code: FailureCode
    needed: Bytes = 0
    available: Bytes = 0


Result = Vectors | TokenVectors | Piece | Filled | Measured | Heard | HeardUpTo | Pcm | Busy
Response = Ready | Result | Done | Failed


class RequestFrame(msgspec.Struct, array_like=True, frozen=True):
    """What travels to the engine; jobs are numbered upwards."""

    job: int
    body: Request


class ResponseFrame(msgspec.Struct, array_like=True, frozen=True):
    """What travels back; the core drops frames of jobs that are over. `Ready` belongs to job 0."""

    job: int
    body: Response
