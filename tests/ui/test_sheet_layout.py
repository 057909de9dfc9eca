"""Where leads lie on the sheet, in millimetres."""

from itertools import pairwise

import pytest

from ecgview.record.leads import STANDARD_LEADS
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.layout import Page, Segment, lay_out


def place(page: Page, lead: str, row: int | None = None) -> Segment:
    return next(s for s in page.segments if s.lead == lead and row in (None, s.row))


def test_three_rows_of_four_columns_and_a_strip() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    rows = [[s.lead for s in page.segments if s.row == row] for row in range(4)]
    assert rows == [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"], ["II"]]
    assert not page.simultaneous


def test_time_runs_on_from_column_to_column() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    for row in range(3):
        segments = [s for s in page.segments if s.row == row]
        assert [(s.start, s.end) for s in segments] == [(0.0, 2.5), (2.5, 5.0), (5.0, 7.5), (7.5, 10.0)]
    strip = place(page, "II", 3)
    assert (strip.start, strip.end) == (0.0, 10.0)


def test_25_mm_for_a_second_and_the_strip_below_its_columns() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    assert place(page, "aVR").x - place(page, "I").x == pytest.approx(62.5)
    strip = place(page, "II", 3)
    assert strip.width == pytest.approx(250.0)
    # The same instant stands at the same x in the columns and in the strip.
    for segment in page.segments:
        assert segment.x == pytest.approx(strip.x + 25.0 * segment.start)


def test_baselines_and_pulses_stand_on_strong_lines() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    assert all(y % 5.0 == 0.0 for y in page.baselines)
    assert place(page, "I").x % 5.0 == 0.0
    assert len(page.pulses) == 4
    for pulse, baseline in zip(page.pulses, page.baselines, strict=True):
        assert pulse[1][0] % 5.0 == 0.0
        assert pulse[3][0] - pulse[2][0] == pytest.approx(5.0)  # 200 ms
        assert baseline - pulse[2][1] == pytest.approx(10.0)  # 1 mV
        assert max(x for x, _ in pulse) < place(page, "I").x


def test_lead_changes_lie_between_the_columns() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    assert sorted({x for x, _ in page.lead_changes}) == [82.5, 145.0, 207.5]
    assert {y for _, y in page.lead_changes} == set(page.baselines[:3])


@pytest.mark.parametrize(
    ("wish", "shown"),
    [(0.0, (0.0, 10.0)), (12.5, (12.5, 22.5)), (-3.0, (0.0, 10.0)), (29.0, (20.0, 30.0)), (1e9, (20.0, 30.0))],
)
def test_the_window_stays_inside_a_long_record(wish: float, shown: tuple[float, float]) -> None:
    page = lay_out(STANDARD_LEADS, 30.0, wish)
    assert (page.start, page.end) == shown
    assert place(page, "I").start == shown[0]
    assert place(page, "V4").end == shown[1]


def test_a_record_of_eight_seconds_leaves_the_rest_empty() -> None:
    page = lay_out(STANDARD_LEADS, 8.0)
    assert page.end == 8.0
    assert place(page, "V4").start == 7.5
    assert len(page.baselines) == 4


@pytest.mark.parametrize(
    ("duration", "rows", "width"), [(0.4, 3, 62.5), (2.5, 3, 62.5), (5.0, 6, 125.0), (7.2, 12, 250.0)]
)
def test_a_short_record_is_shown_whole_in_every_lead(duration: float, rows: int, width: float) -> None:
    page = lay_out(STANDARD_LEADS, duration)
    assert page.simultaneous
    assert len(page.baselines) == rows
    assert sorted(s.lead for s in page.segments) == sorted(STANDARD_LEADS)
    assert all(s.start == 0.0 and s.end >= duration and s.width == width for s in page.segments)
    assert max(s.x + s.width for s in page.segments) < page.width


def test_a_missing_lead_keeps_its_place() -> None:
    page = lay_out([lead for lead in STANDARD_LEADS if lead != "V3"], 10.0)
    assert not place(page, "V3").recorded
    assert place(page, "V3").x == place(lay_out(STANDARD_LEADS, 10.0), "V3").x
    assert place(page, "V2").recorded


@pytest.mark.parametrize(
    ("missing", "strip"), [({"II"}, "V1"), ({"II", "V1"}, "I"), ({"II", "V1", "I"}, "III"), ({"I"}, "II")]
)
def test_the_strip_falls_to_the_next_lead(missing: set[str], strip: str) -> None:
    page = lay_out([lead for lead in STANDARD_LEADS if lead not in missing], 10.0)
    assert [s.lead for s in page.segments if s.row == 3] == [strip]
    assert place(page, strip, 3).recorded


def test_derived_leads_are_marked() -> None:
    page = lay_out(STANDARD_LEADS, 10.0, derived={"aVR"})
    assert [s.lead for s in page.segments if s.derived] == ["aVR"]


def test_leads_outside_the_twelve_get_rows_below() -> None:
    page = lay_out((*STANDARD_LEADS, "V7", "V8", "V9"), 10.0)
    assert [s.lead for s in page.segments if s.row >= 4] == ["V7", "V8", "V9"]
    assert all(s.width == 250.0 for s in page.segments if s.row >= 4)


@pytest.mark.parametrize("leads", [("X", "Y", "Z"), ("MLII", "V5"), ("I",), ("I", "II", "V1", "V5", "pleth")])
def test_few_leads_get_a_row_each(leads: tuple[str, ...]) -> None:
    page = lay_out(leads, 30.0, 5.0)
    assert sorted(s.lead for s in page.segments) == sorted(leads)
    assert len(page.baselines) == len(leads)
    assert all(s.recorded and (s.start, s.end) == (5.0, 15.0) for s in page.segments)


@pytest.mark.parametrize("duration", [0.0, 0.02, 1.0, 2.6, 6.0, 8.0, 10.0, 115.2])
@pytest.mark.parametrize("leads", [STANDARD_LEADS, STANDARD_LEADS[:6], ("I", "II"), ("X",), (*STANDARD_LEADS, "X")])
def test_every_lead_is_visible_and_no_two_places_meet(leads: tuple[str, ...], duration: float) -> None:
    page = lay_out(leads, duration)
    for lead in leads:
        shown = [min(s.end, duration) - s.start for s in page.segments if s.lead == lead and s.recorded]
        assert max(shown) >= min(duration, 0.5)
    for row in range(len(page.baselines)):
        edges = [(s.x, s.x + s.width) for s in page.segments if s.row == row]
        assert all(end <= begin + 1e-9 for (_, end), (begin, _) in pairwise(edges))
        assert edges[-1][1] <= page.width
    assert max(page.baselines) < page.height


def test_no_leads_make_an_empty_sheet() -> None:
    page = lay_out((), 10.0)
    assert page.segments == ()
    assert page.width > page.height > 0


@pytest.mark.parametrize(
    ("duration", "start"), [(-1.0, 0.0), (float("nan"), 0.0), (float("inf"), 0.0), (10.0, float("nan"))]
)
def test_times_that_are_none_are_refused(duration: float, start: float) -> None:
    with pytest.raises(ValueError, match=r"cannot (last|start)"):
        lay_out(STANDARD_LEADS, duration, start)


def test_rows_move_apart_where_there_is_room_and_stay_on_strong_lines() -> None:
    usual = lay_out(STANDARD_LEADS, 10.0)
    heights = [lay_out(STANDARD_LEADS, 10.0, room=room) for room in (0.3, 0.6, 0.7, 0.9, 3.0)]
    assert [page.row_height for page in heights] == [35.0, 40.0, 45.0, 50.0, 50.0]
    for page in heights:
        assert all(baseline % 5 == 0 for baseline in page.baselines)
        assert page.width == usual.width
    assert heights[2].height <= 0.7 * usual.width


# Formats

FORMATS = ("3x4", "3x4+1", "3x4+3", "6x2", "6x2+1", "12x1", "single:V2")


def rows(page: Page) -> list[list[str]]:
    return [[s.title for s in page.segments if s.row == row] for row in range(len(page.baselines))]


def formatted(text: str, leads: tuple[str, ...] = STANDARD_LEADS, duration: float = 10.0, **more: float) -> Page:
    return lay_out(leads, duration, format=Format.parse(text), **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3x4", [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"]]),
        (
            "3x4+3",
            [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"], ["V1"], ["II"], ["V5"]],
        ),
        (
            "3x4+aVR cabrera",
            [["aVL", "II", "V1", "V4"], ["I", "aVF", "V2", "V5"], ["−aVR", "III", "V3", "V6"], ["−aVR"]],
        ),
        ("6x2", [["I", "V1"], ["II", "V2"], ["III", "V3"], ["aVR", "V4"], ["aVL", "V5"], ["aVF", "V6"]]),
        ("12x1 cabrera", [[lead] for lead in "aVL I −aVR II aVF III V1 V2 V3 V4 V5 V6".split()]),
        ("single:V2", [["V2"]]),
    ],
)
def test_layouts_and_orders(text: str, expected: list[list[str]]) -> None:
    assert rows(formatted(text)) == expected


def test_only_avr_in_cabreras_order_is_upside_down() -> None:
    page = formatted("12x1 cabrera")
    assert [s.lead for s in page.segments if s.inverted] == ["aVR"]
    turned, level = place(page, "aVR"), place(page, "I")
    assert turned.y_at(1.0) == turned.y + 10.0
    assert level.y_at(1.0) == level.y - 10.0
    assert turned.mv_at(turned.y_at(0.7)) == pytest.approx(0.7)


@pytest.mark.parametrize(("speed", "seconds"), [("12.5mm/s", 20.0), ("25mm/s", 10.0), ("50mm/s", 5.0)])
@pytest.mark.parametrize("layout", FORMATS)
def test_the_paper_is_equally_wide_at_every_speed(layout: str, speed: str, seconds: float) -> None:
    page = formatted(f"{layout} {speed}", duration=300.0)
    assert page.width == lay_out(STANDARD_LEADS, 10.0).width
    assert page.window == seconds * (len(page.baselines) if layout.startswith("single") else 1)
    assert max(s.x + s.width for s in page.segments) == 270.0
    for segment in page.segments:
        assert segment.x_at(segment.end) - segment.x == pytest.approx(segment.width)
        assert segment.seconds_at(segment.x_at(segment.start + 0.3)) == pytest.approx(segment.start + 0.3)


def test_ten_seconds_at_a_slow_speed_leave_no_column_empty() -> None:
    page = formatted("3x4+1 12.5mm/s")
    assert page.window == 10.0
    assert place(page, "V4").start == 7.5
    assert place(page, "V4").width == 31.25
    assert not page.longer


def test_one_lead_runs_on_over_rows() -> None:
    page = formatted("single:V2", duration=34.0)
    assert rows(page) == [["V2"]] * 4
    assert [s.start for s in page.segments] == [0.0, 10.0, 20.0, 30.0]
    assert not page.longer
    long = formatted("single:V2", duration=3600.0, start=1000.0)
    assert (len(long.baselines), long.start, long.end) == (6, 1000.0, 1060.0)


def test_a_strip_the_record_lacks_falls_to_another() -> None:
    leads = tuple(lead for lead in STANDARD_LEADS if lead != "V5")
    page = formatted("3x4+3", leads)
    assert [names for names in rows(page) if len(names) == 1] == [["V1"], ["II"], ["I"]]
    assert rows(formatted("single:V9", leads)) == [["II"]]
    page = formatted("3x4+V7", (*STANDARD_LEADS, "V7", "V8"))
    assert [names for names in rows(page) if len(names) == 1] == [["V7"], ["V8"]]


def test_pulses_show_the_gain_of_their_row_and_both_where_they_differ() -> None:
    page = formatted("3x4+3 20/5mm/mV")
    heights = [sorted({page.baselines[row] - y for _, y in pulse}) for row, pulse in enumerate(page.pulses)]
    assert heights == [[0.0, 5.0, 20.0]] * 3 + [[0.0, 5.0], [0.0, 20.0], [0.0, 5.0]]
    for pulse in page.pulses:
        assert min(x for x, _ in pulse) >= 5.0
        assert max(x for x, _ in pulse) < 20.0


@pytest.mark.parametrize(("speed", "width"), [("12.5mm/s", 2.5), ("25mm/s", 5.0), ("50mm/s", 10.0)])
def test_a_pulse_lasts_200_ms_at_every_speed(speed: str, width: float) -> None:
    for pulse in formatted(f"12x1 {speed}").pulses:
        top = [x for x, y in pulse if y == min(y for _, y in pulse)]
        assert max(top) - min(top) == width
        assert max(x for x, _ in pulse) <= 17.5


@pytest.mark.parametrize("gain", ["5mm/mV", "10mm/mV", "20mm/mV", "20/5mm/mV"])
@pytest.mark.parametrize("room", [0.0, 0.5, 0.69, 1.2])
@pytest.mark.parametrize("layout", FORMATS)
def test_pulses_of_two_rows_never_meet_and_baselines_stand_on_strong_lines(layout: str, room: float, gain: str) -> None:
    page = formatted(f"{layout} {gain}", room=room)
    assert all(baseline % 5.0 == 0.0 for baseline in page.baselines)
    tops = [min(y for _, y in pulse) for pulse in page.pulses]
    assert all(top >= above + 5.0 for top, above in zip(tops[1:], page.baselines, strict=False))
    assert tops[0] > 0.0


def test_twelve_rows_fit_a_page_of_a4() -> None:
    page = formatted("12x1", room=190.0 / 277.5)
    assert page.height <= 190.0
    assert page.row_height == 15.0


def test_a_place_belongs_to_the_nearest_lead() -> None:
    page = formatted("3x4+1")
    second = place(page, "V2")
    assert page.segment_at(second.x + 3.0, second.y + 9.0) == second
    assert page.segment_at(-50.0, second.y) is None
