"""Pages on paper and in pictures, measured in what was written."""

from __future__ import annotations

import math
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pdf_pages import Stroke, everything_in, pdf_pages
from PySide6.QtCore import QLocale, QMarginsF
from PySide6.QtGui import QImage, QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from ecgview import RESEARCH_USE
from ecgview.record import STANDARD_LEADS, Label, Patient, Record
from ecgview.signal.measurements import measure
from ecgview.synthesis import LeadOff, Settings, generate
from ecgview.ui.output.examining import examine
from ecgview.ui.output.files import BrokenOffError, picture, write
from ecgview.ui.output.page import Choices, Printout, TooSmallError
from ecgview.ui.output.paper_size import A4, LETTER, PaperSize, usual_paper
from ecgview.ui.output.printer import PrinterError, paper_in, print_pages
from ecgview.ui.output.rows import place_rows
from ecgview.ui.sheet.format import LAYOUTS, SPEEDS, Format

pytestmark = pytest.mark.usefixtures("qapp")

TRACE, PULSE = "#16151a", "#4d4742"
KNOWN = generate(Settings(hz=200.0, seconds=12.0, rate=75.0, noise=0.0, individuality=0.0), seed=3)
FORMATS = [
    *(
        Format(layout, strips=() if layout == "12x1" else ("II",), speed=speed)
        for layout, speed in product(LAYOUTS, SPEEDS)
    ),
    Format(order="cabrera", limb_gain=20.0, chest_gain=5.0),
    Format("6x2", limb_gain=5.0, chest_gain=5.0, strips=("V1", "II", "V5")),
]


def made(signal: NDArray[np.floating], leads: tuple[str, ...] = STANDARD_LEADS, hz: float = 500.0) -> Record:
    return Record(Path("made.hea"), "made", np.asarray(signal, np.float32), hz, leads)


def choices(**changes: object) -> Choices:
    return replace(Choices(paper=A4), **changes)  # type: ignore[arg-type]


@pytest.fixture
def spike() -> Record:
    """Silence with one sample of 2 mV in V2, at 6 s."""
    signal = np.zeros((12, 5000))
    signal[STANDARD_LEADS.index("V2"), 3000] = 2.0
    return made(signal)


def polylines(path: Path) -> list[NDArray[np.float64]]:
    """The traces of an SVG, mm."""
    found = []
    scale = (1.0, 0.0, 0.0)
    colour = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if group := re.search(r'stroke="(#\w+)".*transform="matrix\(([^,]+),0,0,[^,]+,([^,]+),([^)]+)\)"', line):
            colour, scale = group[1], (float(group[2]), float(group[3]), float(group[4]))
        if colour == TRACE and (points := re.search(r'<polyline .*points="([^"]*)"', line)):
            pairs = np.array([[float(part) for part in pair.split(",")] for pair in points[1].split()])
            found.append((pairs * scale[0] + scale[1:]) / 100.0)
    return found


# ---------------------------------------------------------------- true millimetres


@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_a_pdf_holds_true_millimetres_and_every_sample(format: Format, tmp_path: Path) -> None:
    record, out = KNOWN.record, tmp_path / "page.pdf"
    printout = Printout(record, None, choices(format=format))
    write(printout, out)
    (page,) = pdf_pages(out)
    assert (page.width, page.height) == pytest.approx((297.0, 210.0), abs=0.2)
    traces, segments = page.stroked(TRACE), printout[0].page.segments
    assert page.stroked(PULSE)
    assert len(traces) == len(segments)
    for trace, segment in zip(traces, segments, strict=True):
        samples = record.lead(segment.lead)
        assert samples is not None
        first, last = (math.ceil(at * record.hz) for at in (segment.start, min(segment.end, record.duration)))
        shown = samples[first:last].astype(float)
        assert len(trace.points) == len(shown)
        gain = format.gain(segment.lead) * (-1 if format.inverts(segment.lead) else 1)
        assert np.polyfit(shown, -trace.points[:, 1], 1)[0] == pytest.approx(gain, rel=0.01)
        beats = [beat.r for beat in KNOWN.truth.beats if segment.start + 0.1 < beat.r < segment.end - 0.1]
        peaks = [_peak(trace, shown, round((beat - segment.start) * record.hz)) for beat in beats]
        if len(beats) > 1:
            assert (peaks[-1] - peaks[0]) / (beats[-1] - beats[0]) == pytest.approx(format.speed, rel=0.01)
    for pulse in (stroke.points for stroke in page.stroked(PULSE) if len(stroke.points) > 2):
        rise = pulse[:, 1].max() - pulse[:, 1].min()
        assert rise == pytest.approx(max(format.limb_gain, format.chest_gain), rel=0.01)
        if format.limb_gain == format.chest_gain:
            top = pulse[pulse[:, 1] == pulse[:, 1].min()]
            assert top[:, 0].max() - top[:, 0].min() == pytest.approx(0.2 * format.speed, rel=0.01)
    assert "\t" not in page.text
    assert f"{format.speed:g} mm/s" in page.text
    assert format.gain_words in page.text
    assert RESEARCH_USE in page.text


def _peak(trace: Stroke, shown: NDArray[np.float64], near: int) -> float:
    """Where the wave that is largest in the samples stands on the paper, mm from the left."""
    around = slice(max(0, near - 30), near + 30)
    height = np.abs(trace.points[around, 1] - np.median(trace.points[:, 1]))
    return float(trace.points[around][np.argmax(height), 0])


def test_no_page_is_scaled_where_fewer_seconds_fit_and_it_says_which(tmp_path: Path) -> None:
    write(Printout(KNOWN.record, None, choices(format=Format(speed=50.0))), tmp_path / "page.pdf")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    assert "0.0–5.0 s of 12.0 s" in page.text
    assert max(stroke.points[:, 0].max() for stroke in page.stroked(TRACE)) < 297.0


@pytest.mark.parametrize("paper", [A4, LETTER], ids=lambda paper: paper.name)
@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_nothing_leaves_the_paper(format: Format, paper: PaperSize) -> None:
    page = Printout(KNOWN.record, None, choices(format=format, paper=paper))[0]
    assert page.left >= 4.5
    assert page.left + 270.0 <= paper.width - 4.5
    for trace in page.traces:
        top, bottom = trace.reach
        assert top > 0.0
        assert bottom < page.height
    assert page.top + page.height < paper.height - 10.0


def test_a_spike_of_one_sample_is_in_pdf_svg_and_png(spike: Record, tmp_path: Path) -> None:
    printout = Printout(spike, None, choices())
    write(printout, tmp_path / "page.pdf")
    write(printout, tmp_path / "page.svg")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    for lines in ([stroke.points for stroke in page.stroked(TRACE)], polylines(tmp_path / "page.svg")):
        heights = [float(line[:, 1].max() - line[:, 1].min()) for line in lines]
        assert max(heights) == pytest.approx(20.0, abs=0.1)
        assert sorted(heights)[-2] == 0.0
        tall = lines[int(np.argmax(heights))]
        assert np.sum(tall[:, 1] < tall[:, 1].max() - 0.01) == 1
    image = picture(printout, 0, 300.0)
    scale = image.dotsPerMeterX() / 1000.0
    place = printout[0]
    segment = next(segment for segment in place.page.segments if segment.lead == "V2")
    x = round((place.left + segment.x_at(6.0)) * scale)
    top = round((place.top + segment.y_at(2.0)) * scale)
    dark = [row for row in range(top - 30, top + 200) if image.pixelColor(x, row).lightness() < 80]
    assert dark
    assert dark[0] == pytest.approx(top, abs=3)


def test_a_gap_in_the_samples_is_not_drawn_over(tmp_path: Path) -> None:
    signal = np.zeros((12, 5000))
    signal[0, 300:400] = np.nan
    write(Printout(made(signal), None, choices()), tmp_path / "page.pdf")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    assert [len(stroke.points) for stroke in page.stroked(TRACE)][:3] == [300, 850, 1250]


def test_a_png_is_of_true_size_and_says_so(tmp_path: Path) -> None:
    write(Printout(KNOWN.record, None, choices()), tmp_path / "page.png", dpi=150)
    image = QImage(str(tmp_path / "page.png"))
    assert image.dotsPerMeterX() == image.dotsPerMeterY() == round(150 / 0.0254)
    assert (image.width(), image.height()) == (round(297 / 25.4 * 150), round(210 / 25.4 * 150))


def test_the_grid_of_a_picture_is_equally_strong_everywhere(spike: Record) -> None:
    image = picture(Printout(spike, None, choices()), 0, 150.0)
    row = [image.pixelColor(x, round(image.height() * 0.28)).lightness() for x in range(image.width())]
    levels = np.unique(row)
    assert len(levels) <= 6, "lines in parts of pixels"


# ---------------------------------------------------------------- pages


def test_all_pages_hold_the_whole_record_one_after_another(tmp_path: Path) -> None:
    record = generate(Settings(hz=100.0, seconds=32.0), 1).record
    write(Printout(record, None, choices(whole=True)), tmp_path / "all.pdf")
    pages = pdf_pages(tmp_path / "all.pdf")
    assert [re.search(r"([\d.]+)–([\d.]+) s of 32.0 s", page.text)[0] for page in pages] == [  # type: ignore[index]
        "0.0–10.0 s of 32.0 s",
        "10.0–20.0 s of 32.0 s",
        "20.0–30.0 s of 32.0 s",
        "22.0–32.0 s of 32.0 s",
    ]
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of 4" in page.text
        assert RESEARCH_USE in page.text


def test_more_leads_than_a_page_has_rows_for_go_on_to_the_next(tmp_path: Path) -> None:
    leads = tuple(f"E{number}" for number in range(30))
    write(Printout(made(np.zeros((30, 500)), leads, hz=50.0), None, choices()), tmp_path / "many.pdf")
    pages = pdf_pages(tmp_path / "many.pdf")
    assert len(pages) == 2
    written = [line for page in pages for line in page.text.splitlines() if re.fullmatch(r"E\d+", line)]
    assert written == list(leads)


def test_several_pages_do_not_go_into_a_picture(tmp_path: Path) -> None:
    printout = Printout(KNOWN.record, None, choices(whole=True))
    with pytest.raises(ValueError, match="2 pages need a PDF"):
        write(printout, tmp_path / "page.png")
    assert not list(tmp_path.iterdir())


def test_measured_values_stand_on_the_page_and_findings_do_not(tmp_path: Path) -> None:
    record = replace(KNOWN.record, labels=(Label("426177001", "snomed", "planted"),))
    write(Printout(record, measure(record), choices()), tmp_path / "page.pdf")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    assert re.search(r"Rate 7[45]/min   PR 1[56]\d ms   QRS \d+ ms   QT \d+ ms   QTc \d+ ms \(Fridericia\)", page.text)
    assert "426177001" not in page.text
    assert "bradycardia" not in page.text


def test_a_lead_whose_signal_is_in_doubt_is_marked(tmp_path: Path) -> None:
    record = generate(Settings(hz=250.0, artefacts=(LeadOff("V3"),)), 1).record
    write(Printout(record, None, choices(), examine(record)[1]), tmp_path / "page.pdf")
    text = pdf_pages(tmp_path / "page.pdf")[0].text
    assert re.search(r"V3\n+ *▲ \w+", text)
    assert text.count("▲") == 1


@pytest.mark.parametrize(
    ("signal", "leads"),
    [(np.zeros((0, 0)), ()), (np.zeros((1, 3)), ("II",)), (np.full((12, 5000), np.nan), STANDARD_LEADS)],
    ids=["no leads", "three samples", "nothing valid"],
)
def test_odd_records_are_printed_too(signal: NDArray[np.float64], leads: tuple[str, ...], tmp_path: Path) -> None:
    record = made(signal, leads)
    write(Printout(record, measure(record), choices()), tmp_path / "page.pdf")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    assert "Not measurable" in page.text
    assert RESEARCH_USE in page.text


def test_waves_too_tall_for_the_paper_are_said_to_be_cut(tmp_path: Path) -> None:
    signal = np.zeros((12, 5000))
    signal[1, 2000] = 40.0
    write(Printout(made(signal), None, choices()), tmp_path / "page.pdf")
    assert "waves beyond the paper are cut off" in pdf_pages(tmp_path / "page.pdf")[0].text


def test_rows_make_room_for_a_tall_wave_at_the_edge() -> None:
    usual = place_rows([(15.0, 10.0)] * 4, 175.0)
    tall = place_rows([(45.0, 10.0), *[(15.0, 10.0)] * 3], 175.0)
    assert usual.baselines[0] < 45.0
    assert tall.baselines[0] > 45.0
    assert not tall.cut
    assert all(y % 5.0 == 0.0 for y in (*usual.baselines, *tall.baselines))


# ---------------------------------------------------------------- identity

SECRETS = ("DOEBELE", "Jane", "PID-4711", "warded", "hospital-x", "Sinus by Dr")


@pytest.fixture
def patient_record(tmp_path: Path) -> Record:
    return Record(
        path=tmp_path / "warded" / "DOEBELE-1958.hea",
        format="WFDB",
        signal=KNOWN.record.signal,
        hz=KNOWN.record.hz,
        leads=KNOWN.record.leads,
        patient=Patient(identifier="PID-4711", age=61.0, sex="female", name="Jane DOEBELE"),
        recorded_at=datetime(2019, 5, 17, 10, 4),
        labels=(Label("Sinus by Dr Who", "text", "hospital-x, Jane DOEBELE"),),
        warnings=("Read from /warded/DOEBELE",),
    )


@pytest.fixture(params=["pdf", "svg", "png"])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    return request.param


def test_no_picture_tells_who_the_patient_is(kind: str, patient_record: Record, tmp_path: Path) -> None:
    out = tmp_path / f"page.{kind}"
    write(Printout(patient_record, measure(patient_record), choices()), out, dpi=60)
    held = everything_in(out).decode("latin-1")
    read = {"pdf": lambda: pdf_pages(out)[0].text, "svg": lambda: _text(out), "png": lambda: QImage(str(out)).text()}
    shown = read[kind]()
    held += shown
    for secret in (*SECRETS, str(tmp_path)):
        assert secret.casefold() not in held.casefold(), f"{secret} in the {kind}"
    for secret in ("1958", "2019", "17 May", "61 y", "female"):
        assert secret not in shown
    assert patient_record.content_hash[:8] in held
    assert "Research use only" in held


def _text(path: Path) -> str:
    """All words of an SVG."""
    return " ".join(ElementTree.fromstring(path.read_bytes()).itertext())


def test_identity_is_told_when_it_is_asked_for(patient_record: Record, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    write(Printout(patient_record, None, choices(identity=True)), out)
    text = pdf_pages(out)[0].text
    for told in ("DOEBELE-1958", "Jane DOEBELE", "PID-4711", "61 y, female", "17 May 2019"):
        assert told in text
    assert "Sinus by Dr" not in text


# ---------------------------------------------------------------- what can go wrong


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "page.pdf"
    with pytest.raises(OSError, match=re.escape(f"{out}: there is no folder {out.parent}")):
        write(Printout(KNOWN.record, None, choices()), out)


def test_a_folder_in_the_file_s_place_is_named(tmp_path: Path) -> None:
    out = tmp_path / "page.svg"
    out.mkdir()
    with pytest.raises(OSError, match=re.escape(str(out))):
        write(Printout(KNOWN.record, None, choices()), out)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes there")
@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
def test_a_full_disk_is_said_and_leaves_the_old_file(kind: str, tmp_path: Path) -> None:
    import resource

    out = tmp_path / f"page.{kind}"
    out.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError, match=re.escape(out.name)):
            write(Printout(KNOWN.record, None, choices()), out, dpi=100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_broken_off_pages_leave_no_file(tmp_path: Path) -> None:
    printout = Printout(KNOWN.record, None, choices(whole=True))
    with pytest.raises(BrokenOffError):
        write(printout, tmp_path / "page.pdf", progress=lambda done: done < 1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dpi", [49, 601])
def test_absurd_resolutions_are_refused(dpi: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{dpi} dpi"):
        write(Printout(KNOWN.record, None, choices()), tmp_path / "page.png", dpi)


def test_paper_that_is_too_small_is_refused() -> None:
    with pytest.raises(TooSmallError, match="A5 is too small"):
        Printout(KNOWN.record, None, choices(paper=PaperSize("A5", 210.0, 148.0)))


@pytest.mark.parametrize(
    ("system", "paper"),
    [
        (QLocale(QLocale.Language.English, QLocale.Country.UnitedStates), LETTER),
        (QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom), A4),
        (QLocale(QLocale.Language.German, QLocale.Country.Germany), A4),
    ],
    ids=["US", "UK", "DE"],
)
def test_letter_is_usual_in_the_united_states_only(
    system: QLocale, paper: PaperSize, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: system))
    assert usual_paper() == paper


# ---------------------------------------------------------------- printing


def printer_to(out: Path, size: QPageSize.PageSizeId, orientation: QPageLayout.Orientation) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(out))
    printer.setPageLayout(QPageLayout(QPageSize(size), orientation, QMarginsF()))
    return printer


def make(paper: PaperSize, whole: bool) -> Printout:
    return Printout(KNOWN.record, None, choices(paper=paper, whole=whole))


@pytest.mark.parametrize("orientation", [QPageLayout.Orientation.Landscape, QPageLayout.Orientation.Portrait])
@pytest.mark.parametrize("size", [QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter])
def test_a_print_is_true_to_the_millimetre_however_the_paper_is_fed(
    size: QPageSize.PageSizeId, orientation: QPageLayout.Orientation, tmp_path: Path
) -> None:
    printer = printer_to(tmp_path / "print.pdf", size, orientation)
    printer.setPrintRange(QPrinter.PrintRange.CurrentPage)
    assert print_pages(printer, make) == 1
    (page,) = pdf_pages(tmp_path / "print.pdf")
    turned = orientation == QPageLayout.Orientation.Portrait
    assert (page.height > page.width) == turned
    strip = page.stroked(TRACE)[-1].points
    along = strip[:, 1 if turned else 0]
    assert abs(along[-1] - along[0]) == pytest.approx(25.0 * (len(strip) - 1) / KNOWN.record.hz, rel=0.01)
    assert strip.min() > 0.0
    assert (strip.max(axis=0) < (page.width, page.height)).all()


def test_all_pages_or_some_are_printed(tmp_path: Path, qapp: QApplication) -> None:
    printer = printer_to(tmp_path / "print.pdf", QPageSize.PageSizeId.A4, QPageLayout.Orientation.Landscape)
    printer.setPrintRange(QPrinter.PrintRange.AllPages)
    assert print_pages(printer, make) == 2
    printer = printer_to(tmp_path / "print.pdf", QPageSize.PageSizeId.A4, QPageLayout.Orientation.Landscape)
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    printer.setFromTo(2, 2)
    assert print_pages(printer, make) == 1
    assert re.search(r"page\s2\sof\s2", pdf_pages(tmp_path / "print.pdf")[0].text)
    printer.setFromTo(3, 4)
    with pytest.raises(PrinterError, match="no page 3"):
        print_pages(printer, make)


def test_a_printer_with_small_paper_is_refused_in_words(tmp_path: Path) -> None:
    printer = printer_to(tmp_path / "print.pdf", QPageSize.PageSizeId.A5, QPageLayout.Orientation.Landscape)
    assert paper_in(printer).width == pytest.approx(210.0, abs=0.5)
    with pytest.raises(PrinterError, match="choose A4, Letter or larger"):
        print_pages(printer, make)
