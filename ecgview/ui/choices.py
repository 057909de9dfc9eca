"""Fields to choose by, side by side below their names."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QComboBox, QGridLayout

from ecgview.ui.text import UNIT, label, small


def choices_beside(fields: Mapping[str, QComboBox]) -> QGridLayout:
    """Lay out fields in two rows, names above.

    Parameters
    ----------
    fields : mapping of str to QComboBox
        By their names, which a screen reader says as well.
    """
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    for column, (name, field) in enumerate(fields.items()):
        heading = label(name, small(), secondary=True, wraps=False)
        heading.setBuddy(field)
        field.setAccessibleName(name)
        field.view().setAccessibleName(name)
        grid.addWidget(heading, 0, column)
        grid.addWidget(field, 1, column)
    return grid
