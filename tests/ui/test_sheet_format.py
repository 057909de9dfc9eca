"""Formats as text: what is written is read back, what cannot be drawn is refused with what is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgview.ui.sheet.format import GAINS, ORDERS, SPEEDS, Format, FormatError

leads = st.sampled_from(["I", "II", "aVR", "V1", "V5", "V4R", "MLII", "ECG 1", "a,b", "x%y", "µ", "+1", "ü"])


@st.composite
def formats(draw: st.DrawFn) -> Format:
    layout = draw(st.sampled_from(["3x4", "6x2", "12x1", "single"]))
    count = {"12x1": (0, 0), "single": (1, 1)}.get(layout, (0, 3))
    return Format(
        layout=layout,
        order=draw(st.sampled_from(ORDERS)),
        speed=draw(st.sampled_from(SPEEDS)),
        limb_gain=draw(st.sampled_from(GAINS)),
        chest_gain=draw(st.sampled_from(GAINS)),
        strips=tuple(draw(st.lists(leads, min_size=count[0], max_size=count[1], unique=True))),
    )


@given(formats())
def test_what_is_written_is_read_back(format: Format) -> None:
    assert Format.parse(str(format)) == format
    assert Format.parse(format.layout_words).strips == format.strips


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("", Format()),
        ("3x4+1", Format()),
        ("3x4", Format(strips=())),
        ("3x4+3", Format(strips=("V1", "II", "V5"))),
        ("6X2+v2,avf", Format("6x2", strips=("V2", "aVF"))),
        ("12x1 Cabrera 50mm/s", Format("12x1", "cabrera", 50.0, strips=())),
        ("single", Format("single")),
        ("single:V2 12.5mm/s 20mm/mV", Format("single", "standard", 12.5, 20.0, 20.0, ("V2",))),
        ("10/5mm/mV", Format(chest_gain=5.0)),
    ],
)
def test_short_texts_are_understood(text: str, format: Format) -> None:
    assert Format.parse(text) == format


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4x3", "3x4, 6x2, 12x1, single"),
        ("3x40", "3x4, 6x2, 12x1, single"),
        ("3x4+4", "at most 3 rhythm strips"),
        ("3x4+", "3x4+1, 3x4+3"),
        ("3x4+II,II", "different lead"),
        ("12x1+1", "takes no rhythm strips"),
        ("single:V1,V2", "exactly one lead"),
        ("single+1", "single:V2"),
        ("30mm/s", "12.5, 25, 50 mm/s"),
        ("fastmm/s", "25mm/s"),
        ("nanmm/s", "12.5, 25, 50 mm/s"),
        ("7mm/mV", "5, 10, 20 mm/mV"),
        ("10/5/5mm/mV", "10/5mm/mV"),
        ("3x4 6x2", "twice"),
        ("reversed", "standard, cabrera"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_can(text: str, words: str) -> None:
    with pytest.raises(FormatError) as refused:
        Format.parse(text)
    assert words in str(refused.value)


def test_chest_leads_take_their_own_gain() -> None:
    format = Format.parse("10/5mm/mV")
    assert [format.gain(lead) for lead in ("I", "aVF", "V1", "V6", "V4R", "V9", "MLII", "X", "V")] == [
        10.0, 10.0, 5.0, 5.0, 5.0, 5.0, 10.0, 10.0, 10.0,
    ]  # fmt: skip
    assert format.gain_words == "limb 10 mm/mV, chest 5 mm/mV"
    assert Format().gain_words == "10 mm/mV"
