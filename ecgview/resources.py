"""Where the files that belong to the program lie: beside the sources, or inside the wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _place(name: str) -> Path:
    # The wheel carries the two folders inside the package (pyproject.toml, force-include);
    # a checkout has them beside it.
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


def resource(name: str) -> Path:
    """Return the path of a bundled file or folder below ``resources/``."""
    return _place("resources") / name


def bundled_model() -> Path:
    """Return the folder of the ensemble that comes with the program."""
    return _place("models") / "ptbxl-ensemble"
