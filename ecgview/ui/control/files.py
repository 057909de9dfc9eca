"""Opening records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from ecgview.resources import resource

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


_LONGEST = 60  # signs of a path in a menu


class Files:
    """Commands that open records, and the last folders they were opened from."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open a folder of ECGs")
        if folder:
            self._window.open_paths([Path(folder)])

    def open_files(self) -> None:
        """Ask for files and open them."""
        files, _ = QFileDialog.getOpenFileNames(self._window, "Open ECGs")
        if files:
            self._window.open_paths([Path(file) for file in files])

    def open_demo(self) -> None:
        """Open the folder of generated ECGs."""
        self._window.open_paths([resource("demo")])

    def open_recent(self, folder: str) -> None:
        """Open one of the folders that were open before."""
        self.reopen([Path(folder)])

    def recent(self) -> list[tuple[str, str]]:
        """Return the folders that were open before, the last first."""
        return [(_short(folder), str(folder)) for folder in self._window.session.recent]

    def forget_recent(self) -> str:
        """Forget the folders that were open before."""
        self._window.session.forget_recent()
        return "The recent folders are forgotten"

    def reopen(self, paths: list[Path], record: Path | None = None) -> None:
        """Open what was open before, unless none of it is there any more."""
        there = [path for path in paths if path.exists() or path.with_name(f"{path.name}.hea").exists()]
        if there:
            self._window.open_paths(there, record)
        elif paths:
            what = "The folder" if len(paths) == 1 and not paths[0].suffix else "What was open"
            self._window.show_nothing(
                f"{what} is not there any more",
                f"{paths[0]}\nIt may have been moved or renamed, or its drive is not connected. "
                "Open another folder with Ctrl+O, or drop one here.",
            )

    def quit(self) -> None:
        """Close the window, and with it the program."""
        self._window.close()


def _short(folder: Path) -> str:
    """Return a folder's path from the home folder on, the middle left out where it is long."""
    home = Path.home()
    text = f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
