"""The demo without a display: the same window, drawn offscreen into pictures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ecgview.resources import resource

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from ecgview.ui.window import MainWindow

SIZE = (1600, 1000)
PATIENCE = 120_000  # ms: loading torch from a cold disk is what takes long
EXPLAINED = "demo-04", "CRBBB"
"""The record that is explained, a complete right bundle branch block, and its class."""


def render_demo(folder: Path) -> list[Path]:
    """Write ``sheet.png``, ``explained.png`` and ``predictions.json`` of the demo folder.

    Parameters
    ----------
    folder : Path
        Made if need be.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    OSError
        The folder cannot be written to.
    TimeoutError
        The window did not settle, or the record was not explained in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sheet, explained = folder / "sheet.png", folder / "explained.png"
    table = folder / "predictions.json"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a window must not flash up where there is a display
    _draw(sheet, explained)
    _judge(table)
    return [sheet, explained, table]


def _draw(sheet: Path, explained: Path) -> None:
    from PySide6.QtCore import QSettings

    from ecgview.ui.application import application
    from ecgview.ui.window import MainWindow

    app = application()
    record, code = EXPLAINED
    with tempfile.TemporaryDirectory() as forgotten:
        window = MainWindow(QSettings(str(Path(forgotten) / "window.ini"), QSettings.Format.IniFormat))
        window.resize(*SIZE)
        window.show()
        try:
            _wait(window.settled, lambda: window.open_paths([resource("demo")]), "the window did not settle")
            app.processEvents()
            _save(window, sheet)
            first = resource("demo") / f"{record}.hea"
            _wait(window.settled, lambda: window.open_paths([resource("demo")], first), "the window did not settle")
            why = window.control.explain
            _wait(why.finished, lambda: why.choose(code), f"{record} was not explained")
            window.control.panes.tab("Why")
            app.processEvents()
            _save(window, explained)
        finally:
            window.close()


def _wait(signal: SignalInstance, do: Callable[[], object], in_vain: str) -> None:
    """Do something and let the window work until it tells that it is done."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    patience = QTimer(singleShot=True, interval=PATIENCE)
    patience.timeout.connect(lambda: loop.exit(1))

    def done() -> None:
        loop.exit(0)

    signal.connect(done)
    patience.start()
    do()
    waited_in_vain = loop.exec()
    patience.stop()
    signal.disconnect(done)
    if waited_in_vain:
        raise TimeoutError(f"{in_vain} within {PATIENCE // 1000} s")


def _save(window: MainWindow, picture: Path) -> None:
    if not window.grab().save(str(picture)):
        raise OSError(f"{picture}: the picture cannot be written")


def _judge(table: Path) -> None:
    from ecgview.model.batch import predict_files
    from ecgview.model.ensemble import Ensemble
    from ecgview.model.tables import table_writer
    from ecgview.record import expand

    ensemble = Ensemble.load()
    with table.open("w", encoding="utf-8") as stream, table_writer(stream, ensemble.bundle, as_json=True) as writer:
        for row in predict_files(ensemble, expand([resource("demo")])):
            writer.write(row)
