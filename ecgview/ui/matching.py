"""Finding commands by a few letters: words' beginnings in their order. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[\w+]+")


def rank(query: str, title: str, keys: Sequence[str] = (), also: str = "") -> tuple[int, ...] | None:
    """Return how well a command fits what was typed; smaller is better, None where it does not fit.

    Each word of `query` must be made of beginnings of words that follow one another: ``"zi"`` and
    ``"zoo i"`` fit "Zoom in". It may also be one of the keys, or begin one of the words of `also`.

    Parameters
    ----------
    query : str
        What was typed; everything fits nothing.
    title : str
        The command's title.
    keys : sequence of str
        Its keys as they are written.
    also : str
        Other words it is found by, which count less.
    """
    asked = query.casefold().split()
    words, others = _words(title), _words(also)
    pressed = [key.casefold().replace(" ", "") for key in keys]
    if title.casefold().startswith(query.casefold().strip()):
        return (0, 0)
    worst, first = 0, 0
    for number, part in enumerate(asked):
        start = next((place for place in range(len(words)) if _begins(part, words, place)), None)
        if start is not None:
            grade = 1
            first = start if number == 0 else first
        elif any(key == part or (len(part) > 1 and key.startswith(part)) for key in pressed):
            grade = 0 if part in pressed else 2
        elif any(word.startswith(part) for word in others):
            grade = 3
        else:
            return None
        worst = max(worst, grade)
    return (worst, first)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _begins(part: str, words: list[str], place: int) -> bool:
    """Return whether `part` is made of beginnings of words, the first of them the one at `place`."""
    word = words[place]
    length = 0
    while length < min(len(word), len(part)) and word[length] == part[length]:
        length += 1
    # The longest beginning first, then shorter ones: "sos" is Start Of Sheet although "so" goes on in no word.
    for taken in range(length, 0, -1):
        rest = part[taken:]
        if not rest or any(_begins(rest, words, later) for later in range(place + 1, len(words))):
            return True
    return False
