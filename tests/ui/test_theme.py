"""The themes are complete, legible and reach Qt's palette."""

import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QColor, QPalette

from ecgview.ui import theme as theme_module
from ecgview.ui.theme import Theme, ThemeError, apply, contrast, load_theme, mixed, palette


@pytest.fixture(params=["light", "dark", "contrast"])
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_words_are_legible_wherever_they_stand(theme: Theme) -> None:
    for ground in (theme.panel, theme.window, theme.selection):
        assert contrast(theme.text, ground) >= 4.5
    for ground in (theme.panel, theme.window, theme.paper):
        assert contrast(theme.secondary, ground) >= 4.5
    assert contrast(theme.secondary, theme.selection) >= 4.5
    assert contrast(theme.accent, theme.panel) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.warning, theme.panel) >= 4.5
    for words in (theme.label, theme.message, theme.calibration):
        assert contrast(words, theme.paper) >= 4.5


def test_the_trace_stands_out_from_paper_and_grid(theme: Theme) -> None:
    assert contrast(theme.trace, theme.paper) >= 7.0
    assert contrast(theme.trace, theme.grid_coarse) >= 4.5


def test_the_grid_is_visible_but_quiet(theme: Theme) -> None:
    fine, coarse = contrast(theme.grid_fine, theme.paper), contrast(theme.grid_coarse, theme.paper)
    most = 3.0 if theme.name == "contrast" else 2.0
    assert 1.1 <= fine <= most
    assert 1.1 <= coarse <= most
    assert fine < coarse


def test_the_warning_is_neither_red_nor_green(theme: Theme) -> None:
    hue = QColor(theme.warning).hsvHueF() * 360
    assert 25 <= hue <= 60


def test_high_contrast_is_what_it_says() -> None:
    theme = load_theme("contrast")
    for ground in (theme.panel, theme.window, theme.selection, theme.paper):
        for words in (theme.text, theme.secondary, theme.warning):
            assert contrast(words, ground) >= 7.0, (words, ground)
    for ground in (theme.panel, theme.window):
        assert contrast(theme.disabled, ground) >= 7.0
        assert contrast(theme.accent, ground) >= 7.0
        assert contrast(theme.border, ground) >= 3.0  # edges of controls
    assert contrast(theme.on_accent, theme.accent) >= 7.0
    for words in (theme.label, theme.message, theme.calibration, theme.trace):
        assert contrast(words, theme.paper) >= 7.0
    for grid in (theme.grid_fine, theme.grid_coarse):
        assert contrast(theme.trace, grid) >= 3.0


def test_what_cannot_be_used_is_fainter_but_can_be_read(theme: Theme) -> None:
    for ground in (theme.panel, theme.window):
        assert 3.0 <= contrast(theme.disabled, ground) < contrast(theme.secondary, ground)


# What a person sees who lacks one kind of cone, on linear sRGB: F. Viénot, H. Brettel and J. D. Mollon,
# "Digital video colourmaps for checking the legibility of displays by dichromats", 1999.
_DICHROMAT = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def lab(colour: str, seen_with: str | None) -> np.ndarray:
    """Return a colour in CIELAB (D65), as it is seen."""
    given = QColor(colour)
    srgb = np.array([given.redF(), given.greenF(), given.blueF()])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    if seen_with is not None:
        linear = (np.array(_DICHROMAT[seen_with]) @ linear).clip(0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    share = (to_xyz @ linear) / to_xyz.sum(axis=1)
    f = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, seen_with: str | None) -> float:
    return float(np.linalg.norm(lab(one, seen_with) - lab(other, seen_with)))


def test_the_simulation_confuses_what_dichromats_confuse() -> None:
    red, green = "#c03020", "#6b7a1e"
    assert distance(red, green, None) > 60
    assert distance(red, green, "deuteranopia") < 0.5 * distance(red, green, None)
    assert distance("#2020c0", "#c0c020", "deuteranopia") > 60


@pytest.mark.parametrize("seen_with", [None, "protanopia", "deuteranopia"])
def test_states_are_told_apart_by_every_eye(theme: Theme, seen_with: str | None) -> None:
    # 20 in CIELAB is seen at a glance; 2.3 is just seen.
    states = (theme.accent, theme.warning, theme.text, theme.panel)
    for one, other in itertools.combinations(states, 2):
        assert distance(one, other, seen_with) >= 20, (one, other)
    assert distance(theme.selection, theme.panel, seen_with) >= 6
    assert distance(theme.trace, theme.grid_coarse, seen_with) >= 40


def test_only_the_light_theme_is_light() -> None:
    assert load_theme("dark").dark
    assert load_theme("contrast").dark
    assert not load_theme("light").dark


def test_an_unknown_theme_is_refused_with_its_name() -> None:
    with pytest.raises(ThemeError, match="sepia"):
        load_theme("sepia")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cannot be read"),
        ("[]", "no theme named 'light'"),
        ('{"light": {"window": "#ffffff"}}', "missing or unknown colours: accent"),
    ],
)
def test_a_broken_table_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, reason: str
) -> None:
    (tmp_path / "themes.json").write_text(content, encoding="utf-8")
    monkeypatch.setattr(theme_module, "resource", lambda name: tmp_path / name)
    with pytest.raises(ThemeError, match=reason):
        load_theme("light")


@pytest.mark.parametrize("colour", ["reddish", 7])
def test_a_colour_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: Theme, colour: object
) -> None:
    table = {name: getattr(theme, name) for name in Theme.__slots__ if name != "name"}
    (tmp_path / "themes.json").write_text(json.dumps({"light": table | {"trace": colour}}), encoding="utf-8")
    monkeypatch.setattr(theme_module, "resource", lambda name: tmp_path / name)
    with pytest.raises(ThemeError, match="trace is no colour"):
        load_theme("light")


def test_mixing_goes_from_the_ground_to_the_colour() -> None:
    assert mixed("#000000", "#ffffff", 0.0) == "#000000"
    assert mixed("#000000", "#ffffff", 1.0) == "#ffffff"
    assert mixed("#000000", "#ff8000", 0.5) == "#804000"


def test_the_palette_carries_the_theme(qapp: object, theme: Theme) -> None:
    colours = palette(theme)
    assert colours.color(QPalette.ColorRole.Window).name() == theme.window
    assert colours.color(QPalette.ColorRole.Base).name() == theme.panel
    assert colours.color(QPalette.ColorRole.Text).name() == theme.text
    disabled = colours.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name()
    assert 1.5 < contrast(disabled, theme.panel) < contrast(theme.text, theme.panel)


def test_applying_dresses_the_program(qapp: object, theme: Theme) -> None:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before_palette, before_style = app.palette(), app.style().objectName()
    try:
        apply(app, theme)
        assert app.style().objectName() == "fusion"
        assert app.palette().color(QPalette.ColorRole.Window).name() == theme.window
        field = app.palette("QLineEdit")
        focused = field.color(QPalette.ColorRole.Highlight).darker(125).name()  # Fusion's outline of what has the keys
        assert contrast(focused, theme.panel) >= 3.0
        if theme.name == "contrast":
            assert contrast(field.color(QPalette.ColorRole.Window).darker(140).name(), theme.panel) >= 3.0
    finally:
        app.setStyle(before_style)
        app.setPalette(before_palette)
