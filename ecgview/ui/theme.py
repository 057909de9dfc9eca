"""The colours of the program, light, dark and of high contrast, and the palette Qt's Fusion style takes from them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ecgview.resources import resource

_OUTLINE = 140  # per cent
_CONTROLS = (
    "QLineEdit",
    "QAbstractButton",
    "QComboBox",
    "QAbstractSpinBox",
    "QTabBar",
    "QSlider",
    "QProgressBar",
)


class ThemeError(Exception):
    """The table of themes is broken or lacks the theme asked for."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; each is written ``#rrggbb``.

    Attributes
    ----------
    name : str
        ``"light"``, ``"dark"`` or ``"contrast"``.
    window, panel : str
        Behind everything, and behind lists, fields and tables.
    text, secondary, disabled : str
        What is read first, what is read when looked for, both legible on `panel`, and what cannot be used now.
    accent, on_accent : str
        The one accent colour, and text drawn on it.
    border, selection, warning : str
        Hairlines between parts, the chosen row, and what needs care (always with a word or a
        shape beside it; neither red nor green).
    paper, grid_fine, grid_coarse : str
        The sheet and its lines every 1 mm and every 5 mm.
    trace, label, calibration, message : str
        On the sheet: the leads, their names, the calibration pulse, words in place of a record.
    attribution_for, attribution_against : str
        On the sheet: what speaks most for a class, and most against it.
    """

    name: str
    window: str
    panel: str
    text: str
    secondary: str
    disabled: str
    accent: str
    on_accent: str
    border: str
    selection: str
    warning: str
    paper: str
    grid_fine: str
    grid_coarse: str
    trace: str
    label: str
    calibration: str
    message: str
    attribution_for: str
    attribution_against: str

    @property
    def dark(self) -> bool:
        """Whether light text stands on a dark ground."""
        return luminance(self.panel) < luminance(self.text)


def load_theme(name: str) -> Theme:
    """Return a theme of ``resources/themes.json``.

    Parameters
    ----------
    name : str
        ``"light"``, ``"dark"`` or ``"contrast"``.

    Raises
    ------
    ThemeError
        The table cannot be read, does not hold `name`, or a colour is missing or not a colour.
    """
    path = resource("themes.json")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ThemeError(f"{path}: the table of themes cannot be read: {error}") from error
    if not isinstance(table, dict) or not isinstance(table.get(name), dict):
        raise ThemeError(f"{path}: there is no theme named {name!r}")
    given: dict[str, str] = table[name]
    wanted = {field.name for field in fields(Theme)} - {"name"}
    if set(given) != wanted:
        odd = ", ".join(sorted(set(given) ^ wanted))
        raise ThemeError(f"{path}: theme {name!r} has missing or unknown colours: {odd}")
    for role, colour in given.items():
        if not isinstance(colour, str) or not QColor.isValidColorName(colour):
            raise ThemeError(f"{path}: theme {name!r}: {role} is no colour: {colour!r}")
    return Theme(name=name, **given)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white).

    WCAG 2.2, "relative luminance", of the sRGB colour `colour` (``#rrggbb``).
    """
    srgb = QColor(colour)
    shares = ((srgb.redF(), 0.2126), (srgb.greenF(), 0.7152), (srgb.blueF(), 0.0722))
    return sum(weight * (c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4)) for c, weight in shares)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 (equal) to 21 (black on white).

    WCAG 2.2, "contrast ratio": (L1 + 0.05) / (L2 + 0.05) of the relative luminances.
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(ground: str, colour: str, share: float) -> str:
    """Return `ground` with `share` (0 to 1) of `colour` mixed in, as ``#rrggbb``."""
    below, above = QColor(ground), QColor(colour)
    parts = zip((below.red(), below.green(), below.blue()), (above.red(), above.green(), above.blue()), strict=True)
    return QColor(*(round(b + (a - b) * share) for b, a in parts)).name()


def palette(theme: Theme) -> QPalette:
    """Return the palette the Fusion style draws the theme with."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: mixed(theme.panel, theme.window, 0.5),
        role.ToolTipBase: theme.panel,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.secondary,
        role.Text: theme.text,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.warning,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.accent,
        # A chosen row keeps its own text colour, so that secondary text in it stays legible.
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        # Fusion draws its bevels and frames with these.
        role.Light: mixed(theme.panel, "#ffffff", 0.05 if theme.dark else 0.6),
        role.Midlight: mixed(theme.panel, theme.border, 0.3),
        role.Mid: theme.border,
        role.Dark: mixed(theme.border, theme.text, 0.2),
        role.Shadow: mixed(theme.border, "#000000", 0.5),
    }
    result = QPalette()
    for key, colour in colours.items():
        result.setColor(key, QColor(colour))
    faded = QColor(theme.disabled)
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, key, faded)
    return result


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole program in a theme."""
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    colours = palette(theme)
    app.setPalette(colours)
    # Fusion outlines the control that has the keys, and marks text in it, in the colour of a chosen row, which is too
    # faint for either; and every control in a darker shade of the window's colour, which on black is none.
    colours.setColor(QPalette.ColorRole.Highlight, QColor(theme.accent))
    colours.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.on_accent))
    if QColor(theme.window).lightness() == 0:
        colours.setColor(QPalette.ColorRole.Window, QColor(theme.border).lighter(_OUTLINE))
    for name in _CONTROLS:
        app.setPalette(colours, name)  # type: ignore[arg-type]  # a str, whatever the stub says
