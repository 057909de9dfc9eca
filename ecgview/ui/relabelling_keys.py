"""Keys that hold while relabelling: those of frequent classes, and what else is done with one key. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

CLASS_KEYS = (
    ("N", "NORM"),
    ("S", "SR"),
    ("F", "AFIB"),
    ("P", "PACE"),
    ("E", "PVC"),
    ("V", "1AVB"),
    ("L", "LAFB"),
    ("Y", "IRBBB"),
    ("R", "CRBBB"),
    ("B", "CLBBB"),
    ("H", "LVH"),
    ("A", "ASMI"),
    ("I", "IMI"),
    ("D", "STD_"),
    ("T", "NDT"),
    ("K", "ISC_"),
)
"""While relabelling: the key that gives a frequent class; with Shift it says that the class is absent."""


@dataclass(frozen=True, slots=True)
class ModeKey:
    """A key that holds while relabelling and takes precedence over the same key of a command.

    Attributes
    ----------
    key : str
        In Qt's portable spelling.
    does : str
        As of :class:`ecgview.ui.command.Command`.
    says : str
        What it does, in few words.
    choice : str or None
        The value the method is called with.
    """

    key: str
    does: str
    says: str
    choice: str | None = None


RELABELLING = (
    ModeKey("+", "review.decide", "The chosen class is present", "present"),
    ModeKey("-", "review.decide", "The chosen class is absent", "absent"),
    ModeKey("U", "review.decide", "The chosen class is uncertain", "uncertain"),
    ModeKey("1", "review.sure", "Certain", "1"),
    ModeKey("2", "review.sure", "Likely", "0.75"),
    ModeKey("3", "review.sure", "Possible", "0.5"),
    ModeKey("C", "review.note", "Note on the class"),
    ModeKey("M", "review.mark", "Mark on the trace: drag, or the chosen caliper"),
    ModeKey("Backspace", "review.take_back", "Take the label back"),
    ModeKey("/", "review.give", "Give another class"),
    ModeKey("Up", "review.walk", "Choose the class above", "-1"),
    ModeKey("Down", "review.walk", "Choose the class below", "1"),
    ModeKey("Return", "review.accept", "Accept all and next"),
    ModeKey("Enter", "review.accept", "Accept all and next"),
    ModeKey("Ctrl+Z", "review.undo", "Undo label"),
    ModeKey("Ctrl+Y", "review.redo", "Redo label"),
    ModeKey("Ctrl+Shift+Z", "review.redo", "Redo label"),
    ModeKey("Esc", "review.stop", "End relabelling"),
)
"""What keys do while relabelling, besides those of the classes."""


def relabelling_rows() -> list[tuple[str, str]]:
    """Return the keys that hold while relabelling, as they are listed: which, and what they do."""
    from ecgview.model.vocabulary import statements

    names = statements()
    rows = [(f"{key} or Shift+{key}", f"{names[code].name}: present, or absent") for key, code in CLASS_KEYS]
    said: dict[str, list[str]] = {}
    for entry in RELABELLING:
        said.setdefault(entry.says, []).append(entry.key)
    return rows + [(" or ".join(keys), says) for says, keys in said.items()]
