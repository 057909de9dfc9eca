"""Which format a file is in, by its first bytes."""

from __future__ import annotations

import re

from ecgview.record.wfdb_header import looks_like_header

HEAD = 8192
"""Bytes `sniff` wants to see."""

XML_FORMATS: tuple[str, ...] = ("HL7 aECG", "GE MUSE XML", "Philips Sierra XML", "Mortara ELI XML")

_AECG = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?AnnotatedECG\b")
_SIERRA = re.compile(r"<restingecgdata\b")
_MUSE = re.compile(r"<RestingECG[\s>]|<MuseInfo\b", re.IGNORECASE)
_MORTARA = re.compile(r"<ECG[\s>]")
_MORTARA_OWN = re.compile(r"UNITS_PER_MV|TYPICAL_CYCLE|<SUBJECT\b|ACQUISITION_TIME|\bELI\b", re.IGNORECASE)
_KARDIA_KEYS = re.compile(r'"(?:recordedAt|data|deviceInfo|algorithmDetermination|patientID|heartRate)"')
_SCP_SECTION_HEADER = 16


def sniff(head: bytes) -> str | None:
    """Return the format a file's first bytes belong to.

    Parameters
    ----------
    head : bytes
        The first :data:`HEAD` bytes, or all of a shorter file.

    Returns
    -------
    str or None
        The format in words (``"WFDB"``, ``"DICOM"``, ``"SCP-ECG"``, ``"HL7 aECG"``,
        ``"GE MUSE XML"``, ``"Philips Sierra XML"``, ``"Mortara ELI XML"``, ``"EDF"``, ``"BDF"``,
        ``"ISHNE"``, ``"MFER"``, ``"AliveCor Kardia JSON"``), or None.
    """
    if head[128:132] == b"DICM":
        return "DICOM"
    if head.startswith(b"ISHNE1.0"):
        return "ISHNE"
    if head.startswith(b"\xffBIOSEMI"):
        return "BDF"
    if head.startswith(b"0       ") and len(head) >= 256:
        return "EDF"
    if head[:1] == b"\x40" and head[2:6] == b"MFR ":
        return "MFER"
    if _is_scp(head):
        return "SCP-ECG"
    return _text_format(text_of(head))


def text_of(head: bytes) -> str:
    """Decode the beginning of a file as text, by its byte order mark or as UTF-8."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    return head.decode("utf-8-sig", errors="replace")


def is_xml(head: bytes) -> bool:
    """Say whether a file begins as XML does."""
    return text_of(head[:200]).lstrip().startswith("<")


def _is_scp(head: bytes) -> bool:
    """Section 0 follows the record's length and points to itself first (EN 1064, 5.3)."""
    if len(head) < 32:
        return False
    record = int.from_bytes(head[2:6], "little")
    number, length = int.from_bytes(head[8:10], "little"), int.from_bytes(head[10:14], "little")
    pointed, pointed_at = int.from_bytes(head[22:24], "little"), int.from_bytes(head[28:32], "little")
    whole = (length - _SCP_SECTION_HEADER) % 10 == 0
    return number == 0 and length >= 26 and whole and record >= 6 + length and pointed == 0 and pointed_at == 7


def _text_format(text: str) -> str | None:
    begin = text.lstrip()[:1]
    if begin == "<":
        if _SIERRA.search(text):
            return "Philips Sierra XML"
        if _AECG.search(text):
            return "HL7 aECG"
        if _MUSE.search(text):
            return "GE MUSE XML"
        return "Mortara ELI XML" if _MORTARA.search(text) and _MORTARA_OWN.search(text) else None
    if begin == "{":
        keys = set(_KARDIA_KEYS.findall(text))
        return "AliveCor Kardia JSON" if '"recordedAt"' in keys and len(keys) > 1 else None
    # A cut-off last line would not parse as what it is.
    whole = text if len(text) < HEAD else text[: text.rfind("\n") + 1]
    return "WFDB" if looks_like_header(whole) else None
