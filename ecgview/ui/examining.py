"""What Qt can do on this machine, told by a process of its own: where Qt fails, it ends the process."""

from __future__ import annotations

import json

# Signs the sheet and the panels draw.
_SIGNS = "−–×µ±≥°…²"


def examine() -> str:
    """Start Qt on the platform of the environment and say what came of it.

    Returns
    -------
    str
        JSON: ``qt`` (version), ``platform``, ``screen`` (words), ``families`` (fonts there are),
        ``font`` (the one used), ``missing`` (signs that font lacks; Qt takes them from others where it can), ``labels``
        (where labels are kept by default).
    """
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QFontDatabase, QFontInfo, QFontMetrics, QGuiApplication

    from ecgview.ui.application import application
    from ecgview.ui.review.desk import default_place

    app = application()
    screen = QGuiApplication.primaryScreen()
    size, ratio = screen.size(), screen.devicePixelRatio()
    measures = QFontMetrics(app.font())
    return json.dumps(
        {
            "qt": qVersion(),
            "platform": QGuiApplication.platformName(),
            "screen": f"{size.width()} x {size.height()} points, {ratio:g} pixels a point",
            "families": len(QFontDatabase.families()),
            "font": QFontInfo(app.font()).family(),
            "missing": "".join(sign for sign in _SIGNS if not measures.inFontUcs4(ord(sign))),
            "labels": default_place(),
        }
    )
