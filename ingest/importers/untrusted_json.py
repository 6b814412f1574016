"""Decoding JSON that someone else wrote: every way it can be wrong becomes a sentence about that item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from ingest.importers.unusable import Unusable

Known = TypeVar("Known")

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fields_of(untrusted_json: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of a JSON object, each still undecoded: numbers beyond any range stay as they are.

    :raises Unusable: when it is no JSON object, damaged, not UTF-8, or nested too deeply.
    """
    return known_fields(untrusted_json, _OBJECT)


def known_fields(untrusted_json: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Known]) -> Known:
    """What the decoder's type describes; other fields are passed over.

    :raises Unusable: likewise, and when a field has another type; the reason names the field, not its value.
    """
    try:
        return decoder.decode(untrusted_json)
    except RecursionError:
        raise Unusable("its JSON is nested too deeply") from None
    except UnicodeDecodeError:
        raise Unusable("it is not UTF-8 text") from None
    except msgspec.ValidationError as error:
        raise Unusable(f"it is not as expected: {error}") from None
    except ValueError:
        raise Unusable("its JSON is damaged") from None


def verbatim(unknown: Mapping[str, msgspec.Raw]) -> str | None:
    """A JSON object of fields we do not interpret, their values byte for byte; None when there are none.

    :raises Unusable: when a value is not UTF-8.
    """
    if not unknown:
        return None
    try:
        return msgspec.json.encode(unknown).decode("utf-8")
    except ValueError:
        raise Unusable("it is not UTF-8 text") from None
