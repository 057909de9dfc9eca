"""The secret that turns identifiers into pseudonyms and dates into other dates.

Everything is derived from it by HMAC-SHA-256 (RFC 2104), so that the same patient gets the same
pseudonym and the same shift in every run with the same key, and nobody without the key can get
from a pseudonym back to an identifier by trying out all identifiers there are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

_TITLE = "ecgview de-identification key. Keep it secret, and apart from what it de-identifies."
_BYTES = 32
_FILE = re.compile(r"ecgview de-identification key[^\n]{0,200}\n([0-9a-f]{64})\s*")
_LONGEST_FILE = 1000
# Thirteen characters of five bits: among a million patients two alike are one chance in 70 million.
_CHARACTERS = 13
_SHORTEST_SHIFT = timedelta(days=366)
_LONGEST_SHIFT = timedelta(days=3653)


class KeyFileError(Exception):
    """Why a key file cannot be made or used, in words."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret; it shows itself to nobody who prints it.

    Attributes
    ----------
    secret : bytes
    """

    secret: bytes = field(repr=False)

    def pseudonym(self, kind: str, text: str) -> str:
        """Return what stands in place of a text.

        Parameters
        ----------
        kind : str
            What the text is; equal texts of different kinds get different pseudonyms.
        text : str
            Case, the kind of blanks and their number do not count.

        Returns
        -------
        str
            Thirteen lower-case letters and digits.
        """
        return base64.b32encode(self._digest(kind, text)).decode().lower()[:_CHARACTERS]

    def shift(self, patient: str) -> timedelta:
        """Return how far a patient's dates are moved into the past: whole seconds, one to ten years."""
        span = int((_LONGEST_SHIFT - _SHORTEST_SHIFT).total_seconds())
        return _SHORTEST_SHIFT + timedelta(seconds=int.from_bytes(self._digest("shift", patient)[:8], "big") % span)

    def uid(self, original: str) -> str:
        """Return a DICOM unique identifier in place of another (PS3.5, B.2: ``2.25.`` and a 128-bit number)."""
        return f"2.25.{int.from_bytes(self._digest('uid', original)[:16], 'big')}"

    def _digest(self, kind: str, text: str) -> bytes:
        plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        return hmac.new(self.secret, f"{kind}\0{plain}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def new_key(path: Path) -> Key:
    """Make a key and write it to a file that only its owner can read.

    Parameters
    ----------
    path : Path
        Must not exist: a key that is overwritten is lost, and with it the link to all it was used for.

    Returns
    -------
    Key

    Raises
    ------
    KeyFileError
        If the file exists or cannot be written.
    """
    secret = secrets.token_bytes(_BYTES)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_TITLE}\n{secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise KeyFileError(f"{path}: it exists; a key is never overwritten. Use it with --key.") from error
    except OSError as error:
        raise KeyFileError(f"{path}: the key cannot be written: {error.strerror or error}") from error
    return Key(secret)


def load_key(path: Path) -> Key:
    """Read a key.

    Parameters
    ----------
    path : Path
        From :func:`new_key`.

    Returns
    -------
    Key

    Raises
    ------
    KeyFileError
        If there is none, or others than its owner may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LONGEST_FILE).decode("ascii", errors="replace")
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: there is no such key; --new-key makes one") from error
    except OSError as error:
        raise KeyFileError(f"{path}: the key cannot be read: {error.strerror or error}") from error
    # Windows keeps no such bits; there a file is as private as the folder it lies in.
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(f"{path}: others than its owner can read the key; run: chmod 600 {path}")
    found = _FILE.fullmatch(text)
    if found is None:
        raise KeyFileError(f"{path}: this is no key made by ecgview deidentify --new-key")
    return Key(bytes.fromhex(found[1]))
