"""Starting the program's window."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

import ecgview
from ecgview.resources import resource
from ecgview.ui.crash import Crash
from ecgview.ui.window import MainWindow


def application() -> QApplication:
    """Return the one application object, made if need be."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("ecgview")
    app.setApplicationVersion(ecgview.__version__)
    app.setDesktopFileName("org.ecgview.ecgview")
    app.setWindowIcon(QIcon(str(resource("icon.png"))))
    return app


def set_start_aside() -> None:
    """Keep Python's search for unreachable objects away from what the start brought in.

    All of it stays as long as the window does. Going through it takes a tenth of a second and more,
    in which nothing is painted and no key is heard.
    """
    gc.freeze()


def run(paths: Sequence[Path]) -> int:
    """Show the window on these paths, without any on what was open last; return the exit code once it is closed."""
    app = application()
    window = MainWindow(QSettings("ecgview", "ecgview"))
    sys.excepthook = Crash(window, window.keep_session)
    window.settled.connect(set_start_aside, Qt.ConnectionType.SingleShotConnection)
    window.show()
    if paths:
        window.open_paths(paths)
    else:
        window.resume()
    # Python hears Ctrl+C only while it runs: let it run now and then.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    listening = QTimer(interval=250)
    listening.timeout.connect(lambda: None)
    listening.start()
    return app.exec()
