"""The demo without a display: the same window, drawn offscreen into a picture."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ecgview.resources import resource

SIZE = (1600, 1000)
PATIENCE = 120_000  # ms: loading torch from a cold disk is what takes long


def render_demo(folder: Path) -> list[Path]:
    """Write ``sheet.png`` and ``predictions.json`` of the demo folder.

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
        The window did not settle.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / "sheet.png"
    table = folder / "predictions.json"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a window must not flash up where there is a display
    _draw(picture)
    _judge(table)
    return [picture, table]


def _draw(picture: Path) -> None:
    from PySide6.QtCore import QEventLoop, QSettings, QTimer

    from ecgview.ui.application import application
    from ecgview.ui.window import MainWindow

    app = application()
    with tempfile.TemporaryDirectory() as forgotten:
        window = MainWindow(QSettings(str(Path(forgotten) / "window.ini"), QSettings.Format.IniFormat))
        window.resize(*SIZE)
        window.show()
        loop = QEventLoop()
        patience = QTimer(singleShot=True, interval=PATIENCE)
        patience.timeout.connect(lambda: loop.exit(1))
        window.settled.connect(lambda: loop.exit(0))
        patience.start()
        window.open_paths([resource("demo")])
        waited_in_vain = loop.exec()
        patience.stop()
        app.processEvents()
        saved = not waited_in_vain and window.grab().save(str(picture))
        window.close()
    if waited_in_vain:
        raise TimeoutError(f"the window did not settle within {PATIENCE // 1000} s")
    if not saved:
        raise OSError(f"{picture}: the picture cannot be written")


def _judge(table: Path) -> None:
    from ecgview.model.batch import predict_files, table_writer
    from ecgview.model.ensemble import Ensemble
    from ecgview.record import expand

    ensemble = Ensemble.load()
    with table.open("w", encoding="utf-8") as stream, table_writer(stream, ensemble, as_json=True) as writer:
        for row in predict_files(ensemble, expand([resource("demo")])):
            writer.write(row)
