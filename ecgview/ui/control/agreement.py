"""Agreement of readers with each other, with the label, the model and themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from ecgview.review.store import Store
    from ecgview.review.study import Study
    from ecgview.ui.review.agreement_dialog import AgreementDialog
    from ecgview.ui.window import MainWindow


class Agreement(QObject):
    """Commands on agreement; the figures are worked out on a thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: AgreementDialog | None = None
        self._worker = Latest(self._compare, "comparing readers", self)
        self._worker.answered.connect(self._show)
        self._worker.failed.connect(self._fail)

    def show(self) -> None:
        """Ask for the rounds of the store, and show the first one's agreement."""
        desk = self._window.control.review.desk
        if not desk.reader:
            desk.ask_who(self.show)
            return
        desk.keeper.ask(_rounds, self._open, lambda error: desk.tell("The rounds cannot be read", str(error)))

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _open(self, rounds: list[tuple[str, str]]) -> None:
        from ecgview.ui.review.agreement_dialog import AgreementDialog

        dialog = self._dialog = AgreementDialog(rounds, self._window)
        dialog.wanted.connect(self._ask)
        dialog.finished.connect(lambda _: self._forget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        dialog.ask()

    def _forget(self) -> None:
        self._worker.call_off()
        self._dialog = None

    def _ask(self, identifier: str, named: bool) -> None:
        self._worker.ask((self._window.control.review.desk.keeper.place, identifier, named))

    @staticmethod
    def _compare(request: tuple[str, str, bool], _: Cancelled) -> Study:
        from ecgview.review.store import Store
        from ecgview.review.study import study

        place, identifier, named = request
        with Store(place, create=False) as store:
            return study(store, identifier or None, named)

    def _show(self, ticket: int, found: Study) -> None:
        if ticket == self._worker.ticket and self._dialog is not None:
            self._dialog.show_study(found)

    def _fail(self, ticket: int, error: Any) -> None:
        if ticket == self._worker.ticket and self._dialog is not None:
            words = str(error)
            self._dialog.show_message("No figures yet", f"{words[:1].upper()}{words[1:]}.")


def _rounds(store: Store) -> list[tuple[str, str]]:
    from ecgview.review.rounds import rounds

    return [(known.identifier, f"{known.title}  ·  round {known.identifier}") for known in reversed(rounds(store))]
