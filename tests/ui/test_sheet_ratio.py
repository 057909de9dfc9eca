"""The sheet on screens with other pixel ratios; the ratio is fixed when Qt starts, hence a process each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json
from pathlib import Path
import numpy as np
import tempfile
from PySide6.QtCore import QPointF, QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from ecgview.record.leads import STANDARD_LEADS
from ecgview.record.record import Record
from ecgview.ui.sheet import Sheet
from ecgview.ui.sheet.calibration import Calibration
from ecgview.ui.sheet.timing import time_floor, time_frames

app = QApplication([])
signal = np.random.default_rng(0).normal(scale=0.02, size=(12, 5000))
signal[:, 2000:] += 1.0
signal[:, 4321] = 3.0
record = Record(Path("made.hea"), "made", signal.astype(np.float32), 500.0, STANDARD_LEADS)
sheet = Sheet()
sheet.resize(1600, 1000)
sheet.show()
sheet.show_record(record)
image = sheet.grab().toImage()
ratio = image.devicePixelRatio()
raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, :image.width(), 2::-1].astype(int)
at = lambda x, y: [v * ratio for v in sheet.viewportTransform().map(QPointF(x, y)).toTuple()]
coarse = QColor(sheet.theme.grid_coarse).getRgb()[:3]
strip = sheet.page.baselines[3]
row = raw[round(at(0, strip - 28.5)[1])]
lines = np.flatnonzero((row == coarse).all(axis=-1))
def height(x):
    rows, columns = [at(0, strip + y)[1] for y in (-22, 6)], [at(x + wide, 0)[0] for wide in (0, 5)]
    column = raw[round(rows[0]):round(rows[1]), round(columns[0]):round(columns[1])].max(axis=-1)
    return float(np.argwhere(column < 130)[:, 0].mean())
band = slice(round(at(0, strip - 28)[1]), round(at(0, strip - 18)[1]))
spike = raw[band, round(at(235.8, 0)[0]):round(at(236.4, 0)[0])]
fitted = sheet.scale_mm
with tempfile.TemporaryDirectory() as folder:
    calibration = Calibration(QSettings(folder + "/screens.ini", QSettings.Format.IniFormat))
    calibration.keep(sheet.screen(), 7.5)
    sheet.set_calibration(calibration)
    sheet.true_size()
true = [sheet.scale_mm * ratio, sheet.scale_words]
sheet.fit()
print(json.dumps({
    "true": true,
    "ratio": ratio,
    "size": [image.width(), image.height()],
    "pixels_per_mm": fitted * ratio,
    "gaps": np.diff(lines).tolist(),
    "step": height(100.0) - height(130.0),
    "spike": float((spike.min(axis=(1, 2)) < 120).mean()),
    "frames": float(np.median(time_frames(sheet, 12))),
    "floor": float(np.median(time_floor(record, 12))),
}))
"""


@pytest.mark.parametrize("ratio", [1.5, 2.0])
def test_the_sheet_is_exact_and_fast_at_other_pixel_ratios(ratio: float) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(ratio),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["ratio"] == ratio
    assert seen["size"] == [1600 * ratio, 1000 * ratio]
    scale = seen["pixels_per_mm"]
    # Lines one device pixel wide, all at the same distance.
    assert set(seen["gaps"]) == {round(5 * scale)}
    assert seen["step"] == pytest.approx(10 * scale, abs=2.0)
    assert seen["spike"] > 0.9
    # A screen is measured in its own pixels, whatever they are scaled by.
    assert seen["true"] == [pytest.approx(7.5), "true size"]
    assert seen["frames"] < max(40.0, 6 * seen["floor"])
