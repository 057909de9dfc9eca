"""What comes back at the next start: folders, record, and what the controllers want kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSettings

RECENT = 8
"""Folders that "Open recent" offers."""
_MOST_PATHS = 1000


@runtime_checkable
class Kept(Protocol):
    """A controller that has something to keep between runs."""

    def state(self) -> dict[str, str]:
        """Return what to keep."""

    def restore(self, values: dict[str, str]) -> None:
        """Take up what was kept; values may be missing, from another version, or nonsense."""


class Session:
    """Kept between runs in the program's settings.

    Parameters
    ----------
    settings : QSettings
        Where.
    """

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def paths(self) -> list[Path]:
        """What was opened last; empty if nothing was."""
        return [Path(text) for text in self._texts("session/paths")]

    @property
    def record(self) -> Path | None:
        """The record that was shown last."""
        return next((Path(text) for text in self._texts("session/record")), None)

    @property
    def recent(self) -> list[Path]:
        """The folders opened last, the latest first."""
        return [Path(text) for text in self._texts("session/recent")][:RECENT]

    def opened(self, paths: Sequence[Path], listed: bool) -> None:
        """Keep what is open now, and its folders among the recent ones if they are to be `listed` there."""
        paths = [path.absolute() for path in paths]
        self._settings.setValue("session/paths", [str(path) for path in paths[:_MOST_PATHS]])
        self._settings.remove("session/record")
        if listed:
            folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths[:_MOST_PATHS])
            recent = list(dict.fromkeys([*folders, *self.recent]))
            self._settings.setValue("session/recent", [str(folder) for folder in recent[:RECENT]])

    def showing(self, record: Path) -> None:
        """Keep which record is shown."""
        self._settings.setValue("session/record", str(record.absolute()))

    def forget_recent(self) -> None:
        """Forget the folders opened so far."""
        self._settings.remove("session/recent")

    def keep(self, controllers: Mapping[str, object]) -> None:
        """Keep what the controllers want kept."""
        for name, controller in controllers.items():
            if isinstance(controller, Kept):
                self._settings.remove(f"session/{name}")
                for key, value in controller.state().items():
                    self._settings.setValue(f"session/{name}/{key}", value)

    def give_back(self, controllers: Mapping[str, object]) -> None:
        """Hand the controllers what was kept for them."""
        for name, controller in controllers.items():
            if isinstance(controller, Kept):
                self._settings.beginGroup(f"session/{name}")
                values = {key: str(self._settings.value(key)) for key in self._settings.allKeys()}
                self._settings.endGroup()
                controller.restore(values)

    def _texts(self, key: str) -> list[str]:
        # A list of one comes back from a file as a text, an empty one as nothing.
        value = self._settings.value(key)
        entries = value if isinstance(value, list) else [value]
        return [entry for entry in entries if isinstance(entry, str) and entry]
