"""Marks as a WFDB annotation file (``.atr``), in the MIT format of annot(5) in the WFDB Programmer's Guide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NOTE: Final = 22
_SKIP, _CHANNEL, _TEXT = 59, 62, 63
_LONGEST_STEP: Final = 1023
_LONGEST_TEXT: Final = 255


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A comment at one moment.

    Attributes
    ----------
    sample : int
        Frame of the record, from 0.
    channel : int
        Which of the header's signals, from 0.
    text : str
        At most 255 bytes of UTF-8 are kept.
    """

    sample: int
    channel: int
    text: str


def annotation_bytes(marks: Iterable[Mark]) -> bytes:
    """Return the content of an annotation file with a comment for each mark.

    Raises
    ------
    ValueError
        A mark lies before the record, or its channel does not fit into a byte.
    """
    out = bytearray()
    at = 0
    for mark in sorted(marks):
        if mark.sample < 0 or mark.sample >= 2**31 or not 0 <= mark.channel <= 255:
            raise ValueError(f"a mark at sample {mark.sample} of signal {mark.channel} cannot be written")
        step, at = mark.sample - at, mark.sample
        if step > _LONGEST_STEP:
            # A long way is told before: its higher half first, then the lower one.
            out += _word(_SKIP, 0) + (step >> 16).to_bytes(2, "little") + (step & 0xFFFF).to_bytes(2, "little")
            step = 0
        out += _word(_NOTE, step) + _word(_CHANNEL, mark.channel)
        text = mark.text.encode()[:_LONGEST_TEXT].decode(errors="ignore").encode()
        out += _word(_TEXT, len(text)) + text + b"\0" * (len(text) % 2)
    return bytes(out + b"\0\0")


def _word(code: int, value: int) -> bytes:
    return (code << 10 | value).to_bytes(2, "little")
