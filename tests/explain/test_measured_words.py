"""Every measured input has words of its own."""

from __future__ import annotations

import re

from ecgview.explain.measured_words import measured_words
from ecgview.signal.features import FEATURES


def test_every_measured_input_has_words_of_its_own() -> None:
    words = [measured_words(name) for name in FEATURES]
    assert len(set(words)) == len(FEATURES)
    assert not [one for one in words if "_" in one or not re.match(r"[A-Z]", one)]
    assert measured_words("st60_aVF") == "ST level 60 ms after J in aVF"
    assert measured_words("r_prime_v1") == "R' amplitude in V1"
