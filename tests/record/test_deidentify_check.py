"""The search for identifiers finds them wherever a file can hide them."""

from __future__ import annotations

import base64
import gzip
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import deidentify_check
from ecgview.record.deidentify_check import CheckError, find_identifiers, read_identifiers

NAME = "Żółkiewska-Oyelaran"
NOISE = np.random.default_rng(1).integers(0, 256, 20_000, dtype=np.uint8).tobytes()


def zipped(text: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes", text)
    return stream.getvalue()


HIDDEN: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16, other byte order": lambda text: text.encode("utf-16-be"),
    "capital letters": lambda text: text.upper().encode(),
    "small letters": lambda text: text.lower().encode(),
    "letters and accents apart": lambda text: unicodedata.normalize("NFD", text).encode(),
    "gzip": lambda text: gzip.compress(text.encode() * 3),
    "zlib, as in PNG and PDF": lambda text: zlib.compress(text.encode() * 3, 9),
    "Base64": lambda text: base64.b64encode(b"xy" + text.encode()),
    "gzip in Base64": lambda text: base64.b64encode(gzip.compress(text.encode())),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_an_identifier_is_found_among_samples(tmp_path: Path, how: str) -> None:
    (tmp_path / "file").write_bytes(NOISE + HIDDEN[how](NAME) + NOISE)
    (finding,) = find_identifiers(tmp_path, [NAME, "Featherstone"])
    assert (finding.file, finding.identifier) == (tmp_path / "file", NAME)


def test_an_identifier_in_a_zip_archive_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(zipped(NAME.encode()))
    assert len(find_identifiers(tmp_path / "file", [NAME])) == 1


def test_latin_1_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("Frau Müßig".encode("latin-1"))
    assert len(find_identifiers(tmp_path, ["Müßig"])) == 1


@pytest.mark.parametrize("name", ["Oyelaran.dat", "OYELARAN/file", "x/.hidden-oyelaran"])
def test_names_of_files_and_folders_are_searched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"samples")
    (finding,) = find_identifiers(tmp_path, ["Oyelaran"])
    assert "name" in finding.where


@pytest.mark.parametrize("text", ["DOE^JANE", "Jane Doe", "doe, jane", "jane_doe", "JaneDoe", "Doe-Jane"])
def test_a_name_is_found_in_any_order(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(f"patient {text} 64")
    assert len(find_identifiers(tmp_path, ["Jane Doe"])) == 1


@pytest.mark.parametrize("text", ["20021122", "22/11/2002", "11/22/2002", "22.11.2002", "22-NOV-2002", "2002-11-22"])
def test_a_date_is_found_in_any_spelling(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(f"recorded {text}1011")
    assert len(find_identifiers(tmp_path, ["2002-11-22"])) == 1


def test_short_words_count_only_where_they_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("anecdoed doen")
    assert find_identifiers(tmp_path, ["Doe"]) == []
    (tmp_path / "file").write_text("anecdoed Doe^x")
    assert len(find_identifiers(tmp_path, ["Doe"])) == 1


def test_an_identifier_across_the_pieces_a_large_file_is_read_in_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 4096
    monkeypatch.setattr(deidentify_check, "_CHUNK", size)
    for position in (size - 5, size - 2, size, 2 * size - 8):
        data = bytearray(2 * size)
        data[position : position + 8] = b"Oyelaran"
        (tmp_path / "file").write_bytes(data)
        assert len(find_identifiers(tmp_path, ["Oyelaran"])) == 1


def test_a_bomb_is_not_unfolded_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deidentify_check, "_LARGEST_PART", 1 << 20)
    monkeypatch.setattr(deidentify_check, "_MOST_UNFOLDED", 4 << 20)
    content = zlib.compress(bytes(20 << 20), 9)
    (tmp_path / "file").write_bytes(content * 6)
    with pytest.raises(CheckError, match="too large to be searched"):
        find_identifiers(tmp_path, ["Oyelaran"])


def test_identifiers_are_read_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("\ufeffJane Doe\n\n  MRN 7 \nJane Doe\n", encoding="utf-8")
    assert read_identifiers(tmp_path / "ids") == ("Jane Doe", "MRN 7")


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "no identifier"), (b"Jo\n", "too short"), (b"\xff\xfe\x00", "UTF-8")]
)
def test_a_list_that_cannot_be_searched_for_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "ids").write_bytes(content)
    with pytest.raises(CheckError, match=why):
        read_identifiers(tmp_path / "ids")


def test_a_search_of_nothing_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="no file"):
        find_identifiers(tmp_path, ["Jane Doe"])
    with pytest.raises(CheckError, match="no such"):
        find_identifiers(tmp_path / "absent", ["Jane Doe"])
    with pytest.raises(CheckError, match="too short"):
        find_identifiers(tmp_path, ["J"])
