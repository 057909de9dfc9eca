"""What a command is: what does it, where it stands, which keys call it, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

MENUS = ("File", "Record", "Sheet", "Measure", "Explain", "Label", "View", "Help")
"""The menus in the order of the menu bar; one without commands is left out."""

NEEDS = {
    "record": "No record is open",
    "records": "The list holds no record",
    "beats": "No beats are known of this record",
    "calipers": "There is no caliper on this record",
    "caliper": "No caliper is chosen",
    "caliper_past": "There is nothing to undo",
    "earlier": "No earlier record is known",
    "comparison": "No comparison is open",
    "explained": "Nothing is explained; choose a finding",
    "beside": "No second class is shown",
    "replaced": "Nothing is replaced",
    "label_past": "There is no label to undo",
    "label_future": "There is no label to redo",
    "worklist": "No worklist is open",
    "unblinded": "Hidden until this reading is locked",
    "readings": "No readings are open",
    "own_label": "You have not decided on the chosen class",
}
"""What commands can ask for, each with what is said while it is not so."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do.

    Attributes
    ----------
    does : str
        ``"controller.method"``: which controller of :mod:`ecgview.ui.control` does it, and by which method.
    title : str
        In the menu, the palette and the list of keys.
    menu : str
        Of the menu bar, or a path to a submenu: ``"View/Text size"``.
    keys : tuple of str
        Key sequences in Qt's portable spelling; the first is shown in the menu.
    needs : tuple of str
        Of :data:`NEEDS`; the command waits until all of them hold.
    choice : str or None
        The value the method is called with. Commands that share a method are choices of which one is ticked.
    checkable : bool
        Whether it is switched on and off; the method is called with True or False.
    choices : str or None
        Method of the same controller that returns what the submenu in place of the command holds now, as pairs
        of title and value; the command's method is called with the value chosen.
    separated : bool
        Whether the menu draws a line above it.
    also : str
        Other words it is found by in the palette.
    """

    does: str
    title: str
    menu: str
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    choice: str | None = None
    checkable: bool = False
    choices: str | None = None
    separated: bool = False
    also: str = ""

    @property
    def name(self) -> str:
        """What the command is called in the program: ``"sheet.fit"``, ``"appearance.theme:dark"``."""
        return self.does if self.choice is None else f"{self.does}:{self.choice}"

    @property
    def controller(self) -> str:
        """The controller's name."""
        return self.does.partition(".")[0]

    @property
    def method(self) -> str:
        """The method's name."""
        return self.does.partition(".")[2]

    @property
    def full_title(self) -> str:
        """The title with the submenu it stands in, as it is understood outside the menu."""
        within = self.menu.split("/")[1:]
        return ": ".join([*within, self.title.rstrip("…")])
