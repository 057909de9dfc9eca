"""Text from files and file names as a terminal or a line of a log can hold it.

A name can carry the escape sequences that colour, clear or retitle a terminal, line ends that forge
further lines, and marks that reverse the direction of what follows.
"""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text with what cannot be printed written out, as ``\\x1b``: a file can still be told by it."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def cleaned(text: str) -> str:
    """Return text with a blank for everything that cannot be printed."""
    return _UNPRINTABLE.sub(" ", text)
