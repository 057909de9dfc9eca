"""What works on this machine, line by line, with the reason and what to do where something does not.

Nothing here looks at a record or opens a connection, except to a label store on a server the user names.
"""

from __future__ import annotations

import importlib.metadata
import json
import locale
import os
import platform
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import ecgview
from ecgview.failure_log import failures, log_folder

State = Literal["works", "does not work", "not checked"]

_OLDEST_PYTHON, _NEWEST_PYTHON = (3, 11), (3, 13)
_LEAST_FREE_MB = 500
_PATIENCE_S = 60
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?!.*extra ==)")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    state : {"works", "does not work", "not checked"}
    found : str
        What was found, or why it was not checked.
    advice : str
        What to do; empty where nothing is.
    """

    name: str
    state: State
    found: str
    advice: str = ""


def examine(store: str | None = None) -> list[Line]:
    """Look at everything the program needs.

    Parameters
    ----------
    store : str, optional
        A label store; by default the one the window keeps.

    Returns
    -------
    list of Line
    """
    drawing, facts = _drawing()
    checks: list[tuple[str, Callable[[], list[Line]]]] = [
        ("program", _program),
        ("packages", _packages),
        ("model", _model),
        ("demo records", _demo),
        ("GPU", _gpu),
        ("label store", lambda: [_store(store or facts.get("labels"))]),
        ("free space", _space),
        ("locale", _locale),
        ("log", _log),
    ]
    lines = []
    for name, check in checks:
        try:
            lines += check()
        except Exception as error:
            # Whatever is wrong with a machine, the other lines are worth having.
            lines.append(Line(name, "does not work", f"{type(error).__name__}: {error}"))
    return [*lines[:2], *drawing, *lines[2:]]


def as_json(lines: list[Line]) -> str:
    """Return the lines as a JSON object with ``ok`` and ``lines``."""
    return json.dumps({"ok": all_work(lines), "lines": [asdict(line) for line in lines]}, indent=1, ensure_ascii=False)


def all_work(lines: list[Line]) -> bool:
    """Say whether nothing was found that does not work; what was not checked counts as nothing."""
    return all(line.state != "does not work" for line in lines)


def _program() -> list[Line]:
    python, system = sys.version_info[:2], f"{platform.system()} {platform.release()}, {platform.machine()}"
    found = f"ecgview {ecgview.__version__}, Python {platform.python_version()}, {system}"
    if _OLDEST_PYTHON <= python <= _NEWEST_PYTHON:
        return [Line("program", "works", found)]
    return [Line("program", "does not work", found, "install ecgview with Python 3.11, 3.12 or 3.13")]


def _packages() -> list[Line]:
    try:
        required = importlib.metadata.requires("ecgview") or []
    except importlib.metadata.PackageNotFoundError:
        return [Line("packages", "not checked", "this build carries its packages inside and keeps no list of them")]
    names = [match[1] for text in required if (match := _REQUIREMENT.match(text))]
    versions: dict[str, str | None] = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    absent = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if absent:
        return [Line("packages", "does not work", f"absent: {', '.join(absent)}", f"pip install {' '.join(absent)}")]
    return [Line("packages", "works", found)]


def _drawing() -> tuple[list[Line], dict[str, Any]]:
    """Look at Qt without a display, then with the display there is."""
    facts, problem = _qt({"QT_QPA_PLATFORM": "offscreen"})
    if problem:
        advice = "install the system libraries Qt names above; the commands without pictures work without them"
        return [
            Line("pictures", "does not work", problem, advice),
            Line("fonts", "not checked", "Qt does not start"),
            Line("window", "not checked", "Qt does not start"),
        ], {}
    lines = [Line("pictures", "works", f"Qt {facts['qt']}")]
    advice = "install a font such as DejaVu Sans"
    if facts["families"]:
        found = f"{facts['font']}, one of {facts['families']} families"
        if facts["missing"]:
            found += f"; it lacks {facts['missing']}, which other fonts have to lend"
        lines.append(Line("fonts", "works", found, advice if facts["missing"] else ""))
    else:
        lines.append(Line("fonts", "does not work", "there are none, so no letter can be drawn", advice))
    from ecgview.ui.display import has_display

    if not has_display():
        why = "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        advice = "pictures and all commands work without one: ecgview demo --headless"
        return [*lines, Line("window", "not checked", why, advice)], facts
    shown, problem = _qt({})
    if problem:
        advice = "on Linux, install libxcb-cursor0 and libegl1; over SSH, connect with -X"
        lines.append(Line("window", "does not work", problem, advice))
    else:
        lines.append(Line("window", "works", f"platform {shown['platform']}, {shown['screen']}"))
    return lines, facts


def _qt(environment: dict[str, str]) -> tuple[dict[str, Any], str]:
    """Start Qt in a process of its own; return what it says, or what went wrong in its last line."""
    here = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "ecgview"]
    try:
        ran = subprocess.run(
            [*here, "examine-window"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
            # Whoever silenced Qt's messages would silence the reason too.
            env={name: value for name, value in os.environ.items() if name != "QT_LOGGING_RULES"} | environment,
        )
    except subprocess.TimeoutExpired:
        return {}, f"Qt did not start within {_PATIENCE_S} s"
    except OSError as error:
        return {}, f"no process could be started: {error.strerror or error}"
    if ran.returncode == 0:
        try:
            facts = json.loads(ran.stdout)
            return facts, ""
        except ValueError:
            return {}, "Qt started and said nothing that can be understood"
    said = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
    return {}, " ".join((said or [f"Qt ended with code {ran.returncode}"])[:2])[:400]


def _model() -> list[Line]:
    from ecgview.model.bundle import BundleError, open_bundle
    from ecgview.resources import bundled_model

    try:
        bundle = open_bundle(bundled_model())
    except BundleError as error:
        return [Line("model", "does not work", str(error), "install ecgview again: its model is absent or changed")]
    members = len(bundle.weights)
    found = f"{members} members, {len(bundle.classes)} classes, weights as their hashes say ({bundle.model_hash[:12]})"
    return [Line("model", "works", found)]


def _demo() -> list[Line]:
    from ecgview.record import ReadError, find_records, read
    from ecgview.resources import resource

    try:
        records = [read(path) for path in find_records(resource("demo"))]
    except ReadError as error:
        return [Line("demo records", "does not work", str(error), "install ecgview again: its files are damaged")]
    if not records:
        return [Line("demo records", "does not work", "there are none", "install ecgview again: its files are absent")]
    return [Line("demo records", "works", f"{len(records)} read")]


def _gpu() -> list[Line]:
    try:
        import torch
    except (ImportError, OSError) as error:
        advice = "install torch again; without it there are no findings, all else works"
        return [Line("findings", "does not work", f"torch cannot be loaded: {error}", advice)]
    computing = Line("findings", "works", f"torch {torch.__version__}, {os.cpu_count()} processors")
    if torch.version.cuda is None:
        why = "this torch has no CUDA; the processor is used"
        return [computing, Line("GPU", "not checked", why)]
    if not torch.cuda.is_available():
        why = "no CUDA device is usable; the processor is used"
        return [computing, Line("GPU", "not checked", why, "with an NVIDIA card, install or update its driver")]
    name = torch.cuda.get_device_name(0)
    try:
        total = float(torch.ones(8, device="cuda").sum())
    except RuntimeError as error:
        advice = "update the driver, or choose the processor: --device cpu"
        return [computing, Line("GPU", "does not work", f"{name}: {str(error).splitlines()[0]}", advice)]
    return [computing, Line("GPU", "works" if total == 8 else "does not work", name)]


def _store(place: str | None) -> Line:
    """Look at a label store without changing it: opening it as the program does may bring it up to date."""
    if place is None:
        return Line("label store", "not checked", "Qt does not start, so its place is not known", "name one: --store")
    from ecgview.review.schema import versions
    from ecgview.review.store import VERSION

    if "://" in place:
        return _server(place, VERSION)
    path = Path(place)
    if not path.exists():
        return Line("label store", "not checked", f"{path}: no label has been kept there yet")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            found = connection.execute(f"SELECT max(version) FROM {versions.name}").fetchone()[0] or 0
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        advice = "name another file, or bring this one back from a backup"
        return Line("label store", "does not work", f"{path}: {error}", advice)
    if whole != "ok":
        return Line("label store", "does not work", f"{path}: {whole}", "bring it back from a backup")
    if not os.access(path, os.W_OK):
        return Line("label store", "does not work", f"{path}: it cannot be written", "ask its owner for the right to")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        advice = f"run: chmod 600 {path}"
        return Line("label store", "does not work", f"{path}: others on this machine can read it", advice)
    return _schema(f"{path}", int(found), VERSION)


def _server(place: str, known: int) -> Line:
    from sqlalchemy import create_engine, exc, func, make_url, select

    from ecgview.review.schema import versions

    try:
        url = make_url(place).set(drivername="postgresql+psycopg")
        shown = url.render_as_string(hide_password=True)
        engine = create_engine(url, connect_args={"connect_timeout": 5})
        try:
            with engine.connect() as connection:
                found = connection.execute(select(func.max(versions.c.version))).scalar() or 0
        finally:
            engine.dispose()
    except exc.ArgumentError:
        return Line("label store", "does not work", "the address of the server cannot be understood")
    except ModuleNotFoundError:
        return Line("label store", "does not work", "the part for PostgreSQL is absent", "pip install 'ecgview[team]'")
    except exc.SQLAlchemyError as error:
        said = str(error.__cause__ or error).strip().splitlines()[0]
        return Line("label store", "does not work", f"{shown}: {said}", "ask who runs the server")
    return _schema(shown, int(found), known)


def _schema(place: str, found: int, known: int) -> Line:
    if found > known:
        why = f"{place}: written by a newer ecgview (schema {found}, this one knows {known})"
        return Line("label store", "does not work", why, "update ecgview")
    note = "" if found == known else f", which becomes {known} when it is next opened"
    return Line("label store", "works", f"{place}: schema {found}{note}")


def _space() -> list[Line]:
    lines = []
    for name, folder in (("free space", Path.home()), ("temporary folder", Path(tempfile.gettempdir()))):
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            advice = "set HOME to a folder that can be written" if name == "free space" else "set TMPDIR likewise"
            lines.append(Line(name, "does not work", f"{folder} cannot be written", advice))
            continue
        free = shutil.disk_usage(folder).free >> 20
        found = f"{folder}: {free:,} MB free"
        if free < _LEAST_FREE_MB:
            lines.append(Line(name, "does not work", found, f"free {_LEAST_FREE_MB} MB there"))
        else:
            lines.append(Line(name, "works", found))
    return lines


def _locale() -> list[Line]:
    names, text = sys.getfilesystemencoding(), locale.getpreferredencoding(False)
    language = ".".join(part for part in locale.getlocale() if part) or "none"
    found = f"{language}; file names in {names}, text in {text}"
    if "utf" not in names.lower():
        advice = "set LANG to a UTF-8 locale such as C.UTF-8; names with accents may not open"
        return [Line("locale", "does not work", found, advice)]
    return [Line("locale", "works", found)]


def _log() -> list[Line]:
    folder, notes = log_folder(), failures()
    if not notes:
        return [Line("log", "works", f"{folder}: no failure noted")]
    newest = datetime.fromtimestamp(notes[0].stat().st_mtime)
    found = f"{len(notes)} failures noted, the last on {newest:%Y-%m-%d at %H:%M}: {notes[0]}"
    return [Line("log", "works", found, "it holds no patient data; send it with a report")]
