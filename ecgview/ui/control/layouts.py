"""How the sheet is drawn: layout, rhythm strips, order of the leads, speed, gain, true size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ecgview.record import STANDARD_LEADS
from ecgview.ui.sheet.calibration import Calibration
from ecgview.ui.sheet.format import USUAL_STRIPS, Format, FormatError, Layout, Order

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Layouts:
    """Commands on the sheet's format and its size on the screen."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._calibration = Calibration(window.settings)
        self._strips = USUAL_STRIPS[1]  # of the layouts in columns, while another is chosen
        self._lead = USUAL_STRIPS[1]
        window.sheet.set_calibration(self._calibration)

    # ---------------------------------------------------------------- commands

    def layout(self, name: str) -> None:
        """Choose rows and columns."""
        strips = {"12x1": (), "single": self._lead}.get(name, self._strips)
        self._take(replace(self._format, layout=cast(Layout, name), strips=strips))

    def leads(self) -> list[tuple[str, str]]:
        """Return the leads that can be shown alone."""
        record = self._window.sheet.record
        return [(lead, lead) for lead in (record.leads if record is not None else STANDARD_LEADS)]

    def lead(self, name: str) -> None:
        """Show one lead alone."""
        self._take(replace(self._format, layout="single", strips=(name,)))

    def strips(self, count: str) -> str:
        """Choose how many rhythm strips there are."""
        return self.take_strips(USUAL_STRIPS[int(count)])

    def choose_strips(self) -> None:
        """Ask which leads the rhythm strips show."""
        from ecgview.ui.strips_dialog import StripsDialog

        record = self._window.sheet.record
        leads = record.leads if record is not None else STANDARD_LEADS
        dialog = StripsDialog(leads, self._strips, self._window)
        dialog.accepted.connect(lambda: self._window.state.say(self.take_strips(dialog.strips)))
        dialog.open()

    def take_strips(self, strips: tuple[str, ...]) -> str:
        """Show these leads as rhythm strips, from the next layout on that takes any; say so then."""
        self._strips = strips
        if self._format.layout in ("12x1", "single"):
            self._tick()
            return "Rhythm strips stand below the layouts in columns"
        self._take(replace(self._format, strips=strips))
        return ""

    def order(self, name: str) -> None:
        """Choose the order of the limb leads."""
        self._take(replace(self._format, order=cast(Order, name)))

    def speed(self, millimetres: str) -> None:
        """Choose the paper speed, mm/s."""
        self._take(replace(self._format, speed=float(millimetres)))

    def gain(self, millimetres: str) -> None:
        """Choose the gain of all leads, mm/mV."""
        self._take(replace(self._format, limb_gain=float(millimetres), chest_gain=float(millimetres)))

    def chest_gain(self, millimetres: str) -> None:
        """Choose the gain of the chest leads alone, mm/mV."""
        self._take(replace(self._format, chest_gain=float(millimetres)))

    def true_size(self) -> None:
        """Draw 25 mm as 25 mm, after calibrating the screen where that was not done."""
        if not self._window.sheet.true_size():
            self.calibrate(then_true_size=True)

    def calibrate(self, then_true_size: bool = False) -> None:
        """Ask how large a millimetre is on this screen."""
        from ecgview.ui.sheet.calibration_dialog import CalibrationDialog

        sheet = self._window.sheet
        dialog = CalibrationDialog(self._calibration, sheet.theme, self._window)

        def take() -> None:
            sheet.set_calibration(self._calibration)
            if then_true_size:
                sheet.true_size()
            self._window.state.say("This screen is calibrated" if sheet.calibrated else "This screen is not calibrated")

        dialog.accepted.connect(take)
        dialog.open()

    # ---------------------------------------------------------------- kept between runs

    def state(self) -> dict[str, str]:
        """Return the format as text."""
        return {"format": str(self._format)}

    def restore(self, values: dict[str, str]) -> None:
        """Take up a kept format; what is none is passed over."""
        try:
            self._take(Format.parse(values.get("format", "3x4+1")))
        except FormatError:
            self._take(Format())

    # ---------------------------------------------------------------- how it is done

    @property
    def _format(self) -> Format:
        return self._window.sheet.format

    def _take(self, format: Format) -> None:
        if format.layout == "single":
            self._lead = format.strips
        elif format.layout != "12x1":
            self._strips = format.strips
        self._window.sheet.set_format(format)
        self._tick()

    def _tick(self) -> None:
        format, choose = self._format, self._window.commands.choose
        choose("layouts.layout", format.layout)
        choose("layouts.strips", str(len(self._strips)))
        choose("layouts.order", format.order)
        choose("layouts.speed", f"{format.speed:g}")
        choose("layouts.gain", f"{format.limb_gain:g}")
        choose("layouts.chest_gain", f"{format.chest_gain:g}")
