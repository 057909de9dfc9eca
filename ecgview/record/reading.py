"""Reading any file as a Record."""

from __future__ import annotations

from pathlib import Path

from ecgview.record.contents import RefusedError
from ecgview.record.device_reading import read_device
from ecgview.record.record import ReadError, Record
from ecgview.record.sniffing import HEAD, is_xml, sniff
from ecgview.record.wfdb_reading import FORMAT as WFDB
from ecgview.record.wfdb_reading import load_header, read_wfdb

UNKNOWN = "unknown"


def read(path: Path | str) -> Record:
    """Read a recording in whatever format it is.

    The content decides about the format, not the file's name. A WFDB record may be named by
    its header, by a signal file its header names, or by its name without an ending.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Record
        Leads in mV and in standard order, those of III, aVR, aVL and aVF that the file lacks
        computed from I and II. What a reader should know about it is in its `warnings`.

    Raises
    ------
    ReadError
        If the file is missing, in no known format, damaged or hostile. Nothing else is raised.
    """
    asked = Path(path)
    format = UNKNOWN
    try:
        file, format = identify(asked)
        return read_wfdb(file) if format == WFDB else read_device(file, format)
    except UnidentifiedError as error:
        raise ReadError(asked, UNKNOWN, str(error)) from error
    except RefusedError as error:
        raise ReadError(asked, format, str(error)) from error
    except OSError as error:
        raise ReadError(asked, format, f"it cannot be opened: {error.strerror or error}") from error
    except MemoryError as error:
        raise ReadError(asked, format, "it needs more memory than there is") from error


class UnidentifiedError(RefusedError):
    """The file is in no format known here."""


def identify(path: Path) -> tuple[Path, str]:
    """Find out which file to read and as what.

    Parameters
    ----------
    path : Path
        As a user gives it.

    Returns
    -------
    file : Path
        For WFDB the header, else `path`.
    format : str

    Raises
    ------
    UnidentifiedError
        If the file is missing or in no known format.
    """
    if "\0" in str(path):
        raise UnidentifiedError("its name is not a file name")
    beside = path.with_name(f"{path.name}.hea") if path.name else path
    if not path.is_file():
        if beside.is_file():
            return beside, WFDB
        if path.is_dir():
            raise UnidentifiedError("it is a folder; open it as one")
        raise UnidentifiedError("it is not a file" if path.exists() else "there is no such file")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UnidentifiedError("it is empty")
    if format := sniff(head):
        return path, format
    header = path.with_suffix(".hea")
    if path.suffix.lower() == ".hea":
        # Not recognised, but meant as a header: reading it as one says what is wrong with it.
        return path, WFDB
    if header.is_file() and path.name in _signal_files(header):
        return header, WFDB
    if beside.is_file():
        return beside, WFDB
    raise UnidentifiedError(_why(path, head, header))


def _signal_files(header: Path) -> set[str]:
    try:
        return {signal.file for signal in load_header(header).signals}
    except RefusedError:
        return set()


def _why(path: Path, head: bytes, header: Path) -> str:
    if is_xml(head):
        return "it is XML, but neither HL7 aECG, GE MUSE, Philips Sierra nor Mortara ELI"
    if path.suffix.lower() in (".dat", ".mat"):
        beside = "does not name it" if header.is_file() else "is not beside it"
        return f"a WFDB signal file is read through its header, and {header.name} {beside}"
    return "its first bytes belong to no format read here"
