"""The themes are complete, legible and reach Qt's palette."""

import json
import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QColor, QPalette

from ecgview.ui import theme as theme_module
from ecgview.ui.theme import Theme, ThemeError, apply, contrast, load_theme, mixed, palette


@pytest.fixture(params=["light", "dark"])
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
    assert 1.1 <= fine <= 2.0
    assert 1.1 <= coarse <= 2.0
    assert fine < coarse


def test_the_warning_is_neither_red_nor_green(theme: Theme) -> None:
    hue = QColor(theme.warning).hsvHueF() * 360
    assert 25 <= hue <= 60


def test_only_the_dark_theme_is_dark() -> None:
    assert load_theme("dark").dark
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
    finally:
        app.setStyle(before_style)
        app.setPalette(before_palette)
