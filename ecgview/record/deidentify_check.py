"""A search for identifiers in files that should hold none.

Looked at are the names of files and folders, the bytes of every file as text of several encodings, the
values of DICOM elements, and what compressed or encoded parts of a file unfold to (gzip, zlib as in
PNG and PDF, zip, Base64), a few levels deep. A name drawn into a picture as pixels is not found.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

SHORTEST = 3
"""Characters of the shortest identifier that is looked for; shorter ones are in any file."""

_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_SEPARATORS = ("", " ", "_", "-", "^", ".", ", ", ",")
# Short words come up in samples by chance; they count only where they stand alone.
_ALONE_BELOW = 6
_TOLD_APART = 8
_CHUNK = 8 << 20
_LARGEST_FILE = 512 << 20
_LARGEST_PART = 32 << 20
_MOST_UNFOLDED = 128 << 20
_DEEPEST = 3
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_PACKED = re.compile(rb"(?=(\x1f\x8b|[\x08-\x78][\x01\x5e\x9c\xda]))", re.DOTALL)
_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


class CheckError(Exception):
    """Why nothing could be searched, in words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An identifier that was found.

    Attributes
    ----------
    file : Path
    identifier : str
        As it was given.
    where : str
        In words.
    """

    file: Path
    identifier: str
    where: str


def read_identifiers(path: Path) -> tuple[str, ...]:
    """Read identifiers from a text file, one a line.

    Raises
    ------
    CheckError
        If it cannot be read, or holds none of three characters or more.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CheckError(f"{path}: it cannot be read as UTF-8 text ({error})") from error
    found = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    short = [line for line in found if len(line) < SHORTEST]
    if short or not found:
        why = f"{short[0]!r} is too short to be looked for" if short else "it names no identifier"
        raise CheckError(f"{path}: {why}")
    return found


def find_identifiers(place: Path, identifiers: Iterable[str]) -> list[Finding]:
    """Search a file, or all files of a folder, for identifiers.

    Parameters
    ----------
    place : Path
        Hidden files are searched too.
    identifiers : iterable of str
        Names, numbers, addresses. Case does not count. Words of a name are looked for in this order
        and the opposite, with the separators that are usual between them; give the family name by
        itself as well. A date, as ``2002-11-22``, is looked for in the usual spellings.

    Returns
    -------
    list of Finding
        Each identifier once for each file.

    Raises
    ------
    CheckError
        If there is no such place, no file in it, or an identifier is too short.
    """
    search = _Search(identifiers)
    files = sorted(_files(place))
    if not files:
        raise CheckError(f"{place}: there is no file to search")
    found: dict[tuple[Path, str], Finding] = {}
    for file in files:
        for identifier, where in _in_file(file, place, search):
            found.setdefault((file, identifier), Finding(file, identifier, where))
    return list(found.values())


class _Search:
    """Finds many words in bytes at once: three bytes at a time are looked up in a table of all there are."""

    def __init__(self, identifiers: Iterable[str]) -> None:
        self._words: dict[bytes, list[tuple[bytes, str, bool]]] = {}
        self._begins = np.zeros(1 << 24, dtype=bool)
        for identifier in identifiers:
            if len(identifier.strip()) < SHORTEST:
                raise CheckError(f"{identifier!r} is too short to be looked for")
            for spelling in _spellings(identifier.strip()):
                for word in _encoded(spelling):
                    self._begins[int.from_bytes(word[:SHORTEST], "big")] = True
                    begin = word[:_TOLD_APART] if len(word) >= _TOLD_APART else word[:SHORTEST]
                    self._words.setdefault(begin, []).append((word, identifier, len(spelling) < _ALONE_BELOW))

    def __call__(self, data: bytes) -> set[str]:
        """Return the identifiers that occur."""
        found: set[str] = set()
        small = data.lower()
        for start in range(0, len(small) - SHORTEST + 1, _CHUNK):
            count = min(_CHUNK + SHORTEST - 1, len(small) - start)
            values = np.frombuffer(small, dtype=np.uint8, count=count, offset=start).astype(np.uint32)
            grams = (values[:-2] << 16) | (values[1:-1] << 8) | values[2:]
            for place in np.flatnonzero(self._begins[grams]).tolist():
                position = start + place
                for length in (SHORTEST, _TOLD_APART):
                    for word, identifier, alone in self._words.get(small[position : position + length], ()):
                        if identifier not in found and small.startswith(word, position):
                            width = 2 if b"\0" in word else 1
                            if not alone or _stands_alone(small, position, position + len(word), width):
                                found.add(identifier)
        return found


def _stands_alone(data: bytes, start: int, end: int, width: int) -> bool:
    around = data[max(0, start - width) : start] + data[end : end + width]
    return not any(byte in _WORD_BYTES for byte in around)


def _spellings(identifier: str) -> set[str]:
    words = identifier.replace("^", " ").replace(",", " ").split()
    found = {identifier}
    for order in (words, words[::-1]):
        found |= {separator.join(order) for separator in _SEPARATORS}
    if match := _ISO_DATE.fullmatch(identifier):
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return found
        month = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")[day.month - 1]
        for pattern in ("{y}{m}{d}", "{y}/{m}/{d}", "{d}/{m}/{y}", "{m}/{d}/{y}", "{d}.{m}.{y}", "{d}-{m}-{y}",
                        "{m}-{d}-{y}", "{d}-{b}-{y}"):  # fmt: skip
            found.add(pattern.format(y=match[1], m=match[2], d=match[3], b=month))
    return found


def _encoded(spelling: str) -> set[bytes]:
    """Return a spelling as bytes: composed and decomposed, in both cases where letters are not ASCII."""
    forms = {unicodedata.normalize(form, spelling) for form in ("NFC", "NFD")}
    words: set[bytes] = set()
    for text in {cased for form in forms for cased in (form, form.lower(), form.upper())}:
        for encoding in _ENCODINGS:
            try:
                word = text.encode(encoding).lower()
            except UnicodeEncodeError:
                continue
            words.add(word)
    return {word for word in words if len(word) >= SHORTEST}


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    elif not place.is_dir():
        raise CheckError(f"{place}: there is no such file or folder")
    for folder, _, names in os.walk(place):
        yield from (Path(folder) / name for name in names)


def _in_file(file: Path, place: Path, search: _Search) -> Iterator[tuple[str, str]]:
    """Yield the identifiers of one file, each with where it is."""
    name = str(file.relative_to(place)) if file != place else file.name
    for form in ("NFC", "NFD"):
        for identifier in search(unicodedata.normalize(form, name).encode("utf-8", "surrogateescape")):
            yield identifier, "name of the file or its folder"
    if not file.is_file():
        return
    if file.stat().st_size > _LARGEST_FILE:
        raise CheckError(f"{file}: it is too large to be searched")
    data = file.read_bytes()
    for identifier in search(data):
        yield identifier, "content"
    if data[128:132] == b"DICM":
        for identifier in search(_elements(data)):
            yield identifier, "DICOM elements"
    budget = [_MOST_UNFOLDED]
    for part in _unfolded(data, _DEEPEST, budget):
        for identifier in search(part):
            yield identifier, "compressed or encoded part"
    if budget[0] < 0:
        raise CheckError(f"{file}: its compressed parts are too large to be searched")


def _elements(data: bytes) -> bytes:
    """Return the values of a DICOM file's elements as text, decoded by the character set it states."""
    from pydicom import dcmread

    texts: list[str] = []
    with warnings.catch_warnings(action="ignore"):
        try:
            for element in dcmread(io.BytesIO(data), force=True).iterall():
                if element.VR != "SQ" and not isinstance(element.value, bytes):
                    texts.append(str(element.value))
        except Exception:
            # Its bytes have been searched; of what cannot be parsed there are no more elements to look at.
            pass
    return "\n".join(texts).encode("utf-8", "surrogateescape")


def _unfolded(data: bytes, depth: int, budget: list[int]) -> Iterator[bytes]:
    """Yield what parts of a file unfold to, and what parts of those do; `budget` bounds the bytes."""
    for part in _parts(data):
        budget[0] -= len(part)
        if budget[0] < 0:
            return
        yield part
        if depth > 1:
            yield from _unfolded(part, depth - 1, budget)


def _parts(data: bytes) -> Iterator[bytes]:
    for match in _PACKED.finditer(data):
        head = match[1]
        gzip = head == b"\x1f\x8b"
        # The first two bytes of a zlib stream are a multiple of 31 (RFC 1950).
        if not gzip and (head[0] & 0x0F != 8 or int.from_bytes(head, "big") % 31):
            continue
        part = _inflated(memoryview(data)[match.start() :], 31 if gzip else 15)
        if len(part) >= SHORTEST:
            yield part
    if data[:4] == b"PK\x03\x04":
        yield from _zipped(data)
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        try:
            yield base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + b"=" * (-len(text) % 4))
        except binascii.Error:
            continue


def _inflated(data: memoryview, window: int) -> bytes:
    """Return what a stream that begins here unfolds to before it ends or breaks."""
    stream = zlib.decompressobj(window)
    out = bytearray()
    for start in range(0, len(data), 1024):
        try:
            out += stream.decompress(data[start : start + 1024], _LARGEST_PART - len(out))
        except zlib.error:
            break
        if stream.eof or len(out) >= _LARGEST_PART:
            break
    return bytes(out)


def _zipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "\n".join(archive.namelist()).encode("utf-8", "surrogateescape")
            for item in archive.infolist():
                with archive.open(item) as member:
                    yield member.read(_LARGEST_PART)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error, EOFError):
        return
