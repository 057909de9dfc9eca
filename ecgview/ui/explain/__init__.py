"""Why the ensemble says what it says: colour on the sheet, the panel beside it, what if, and trust."""
