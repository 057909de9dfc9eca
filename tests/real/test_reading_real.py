"""Real recordings, compared with decoders that share nothing with the program."""

from __future__ import annotations

import base64
import re
import struct
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from scipy.io import loadmat

from ecgview.record import STANDARD_LEADS, ReadError, find_records, read, read_summary

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
FORMATS = DATA / "formats"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not beside the checkout")

Decoded = tuple[dict[str, NDArray[np.float64]], float]
"""Lead to mV, and Hz."""


def _with_derived(leads: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    one, two = leads["I"], leads["II"]
    computed = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return computed | leads


def _dat(header: Path) -> Decoded:
    """Words of 16 bits, lead after lead in each frame; gain and baseline from the header's text."""
    lines = header.read_text().splitlines()
    hz = float(lines[0].split()[2])
    described = [re.match(r"\S+ 16 ([\d.]+)\(([-\d]+)\)/mV .* (\S+)$", line) for line in lines[1:13]]
    words = np.array(list(struct.iter_unpack("<12h", header.with_suffix(".dat").read_bytes())))
    names = {name.lower(): name for name in STANDARD_LEADS}
    return {
        names[match[3].lower()]: (words[:, column] - int(match[2])) / float(match[1])
        for column, match in enumerate(described)
        if match
    }, hz


def _mat(header: Path) -> Decoded:
    """The samples as MATLAB stores them, 1000 units a mV in all of the Challenge's records."""
    values = loadmat(header.with_suffix(".mat"))["val"]
    lines = header.read_text().splitlines()
    assert all(re.search(r"16\+24 1000/m[Vv] ", line) for line in lines[1:13])
    return {line.split()[-1]: values[row] / 1000 for row, line in enumerate(lines[1:13])}, float(lines[0].split()[2])


def _dicom(path: Path) -> Decoded:
    """The first multiplex group, from its bytes and its channel definitions."""
    group = pydicom.dcmread(path).WaveformSequence[0]
    channels = group.ChannelDefinitionSequence
    words = np.frombuffer(group.WaveformData, dtype="<i2").reshape(-1, len(channels))[: group.NumberOfWaveformSamples]
    leads = {}
    for column, channel in enumerate(channels):
        meaning = channel.ChannelSourceSequence[0].CodeMeaning
        unit = channel.ChannelSensitivityUnitsSequence[0].CodeValue
        scale = float(channel.ChannelSensitivity) * float(channel.get("ChannelSensitivityCorrectionFactor", 1))
        name = re.search(r"\b(III|II|I|aVR|aVL|aVF|V[1-6])\b", meaning)
        assert name, meaning
        leads[name[1]] = (words[:, column] * scale + float(channel.get("ChannelBaseline", 0))) * {"uV": 1e-3, "mV": 1}[
            unit
        ]
    return leads, float(group.SamplingFrequency)


def _aecg(path: Path) -> Decoded:
    """Origin + scale * digit of the first series."""
    space = {"h": "urn:hl7-org:v3"}
    series = ET.parse(path).getroot().find("h:component/h:series", space)
    assert series is not None
    leads, hz = {}, 0.0
    for sequence in series.findall("h:component/h:sequenceSet/h:component/h:sequence", space):
        code = sequence.find("h:code", space).get("code")  # type: ignore[union-attr]
        if code.startswith("TIME"):  # type: ignore[union-attr]
            hz = 1 / float(sequence.find("h:value/h:increment", space).get("value"))  # type: ignore[union-attr,arg-type]
            continue
        scale = sequence.find("h:value/h:scale", space)
        digits = sequence.find("h:value/h:digits", space).text.split()  # type: ignore[union-attr]
        assert scale is not None
        assert scale.get("unit") == "uV"
        name = code.removeprefix("MDC_ECG_LEAD_").replace("AV", "aV")  # type: ignore[union-attr]
        leads[name] = np.array([int(digit) for digit in digits]) * float(scale.get("value")) / 1000  # type: ignore[arg-type]
    return leads, hz


def _muse(path: Path) -> Decoded:
    """Base64 of little-endian words in the rhythm waveform."""
    root = ET.fromstring(path.read_bytes())
    rhythm = next(wave for wave in root.findall("Waveform") if wave.findtext("WaveformType") == "Rhythm")
    leads = {}
    for lead in rhythm.findall("LeadData"):
        data = base64.b64decode(lead.findtext("WaveFormData", ""))
        assert lead.findtext("LeadAmplitudeUnits") == "MICROVOLTS"
        scale = float(lead.findtext("LeadAmplitudeUnitsPerBit", ""))
        leads[lead.findtext("LeadID", "")] = np.array(struct.unpack(f"<{len(data) // 2}h", data)) * scale / 1000
    return _with_derived(leads), float(rhythm.findtext("SampleBase", ""))


def _lzw(data: bytes) -> bytes:
    """Codes of ten bits, most significant first; 1023 ends."""
    bits = "".join(f"{byte:08b}" for byte in data)
    strings = {code: bytes([code]) for code in range(256)}
    out, last = bytearray(), b""
    for start in range(0, len(bits) - 9, 10):
        code = int(bits[start : start + 10], 2)
        if code == 1023:
            break
        word = strings[code] if code in strings else last + last[:1]
        if last and len(strings) < 1023:
            strings[len(strings)] = last + word[:1]
        out += word
        last = word
    return bytes(out)


def _philips(path: Path) -> Decoded:
    """XLI: LZW, high bytes before low bytes, second differences; then ten of the eleven seconds."""
    raw = path.read_bytes()
    text = raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "utf-8")
    data = base64.b64decode(re.search(r"<parsedwaveforms[^>]*>([^<]*)<", text)[1])  # type: ignore[index]
    assert 'durationperchannel="11000"' in text
    position, stored = 0, []
    while position < len(data):
        size, _, first = struct.unpack_from("<ihh", data, position)
        packed = _lzw(data[position + 8 : position + 8 + size])
        position += 8 + size
        half = len(packed) // 2
        codes = [struct.unpack(">h", bytes(pair))[0] for pair in zip(packed[:half], packed[half:], strict=False)]
        values, last = codes[:2], first
        for code in codes[2:]:
            values.append(2 * values[-1] - values[-2] - last)
            last = code - 64
        stored.append(np.array(values[:5500]))
    one, two = stored[:2]
    three = two - one - stored[2]
    limb = [
        one,
        two,
        three,
        -stored[3] - (one + two) // 2,
        (one - three) // 2 - stored[4],
        (two + three) // 2 - stored[5],
    ]
    leads = dict(zip(STANDARD_LEADS, [*limb, *stored[6:12]], strict=True))
    pulse = {tuple(values[-200:]) for values in leads.values()}
    assert len(pulse) == 1, "every lead ends with the same calibration pulse"
    assert set(pulse.pop()) == {0, 200}
    return {name: values[:5000] * 0.005 for name, values in leads.items()}, 500.0


def _scp(path: Path) -> Decoded:
    """Section 6 by the default Huffman table of EN 1064 and second differences."""
    data = path.read_bytes()
    sections = {}
    for position in range(22, 6 + struct.unpack_from("<I", data, 10)[0], 10):
        number, length, index = struct.unpack_from("<HII", data, position)
        sections[number] = data[index - 1 + 16 : index - 1 + length]
    assert sections[2][:2] == struct.pack("<H", 19999), "the default table"
    nanovolts, microseconds, differences, bimodal = struct.unpack_from("<HHBB", sections[6])
    assert (differences, bimodal, sections[3][1] & 1) == (2, 0, 0)
    count = sections[3][0]
    codes = [1, 2, 3, 4, 5, 6, 7, 8, 61, 62, 63, 64]
    names = dict(zip(codes, ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "III", "aVR", "aVL", "aVF"), strict=True))
    sizes = struct.unpack_from(f"<{count}H", sections[6], 6)
    start, leads = 6 + 2 * count, {}
    for lead, size in enumerate(sizes):
        first, last, code = struct.unpack_from("<IIB", sections[3], 2 + 9 * lead)
        bits = "".join(f"{byte:08b}" for byte in sections[6][start : start + size])
        start += size
        place, values = 0, []
        while len(values) < last - first + 1:
            ones = len(re.match("1{0,10}", bits[place : place + 10])[0])  # type: ignore[index]
            if ones >= 9:
                width = 8 if ones == 9 else 16
                number = int(bits[place + 10 : place + 10 + width], 2)
                values.append(number - (1 << width) if number >> (width - 1) else number)
                place += 10 + width
            elif ones == 0:
                values.append(0)
                place += 1
            else:
                values.append(-ones if bits[place + ones + 1] == "1" else ones)
                place += ones + 2
        for index in range(2, len(values)):
            values[index] += 2 * values[index - 1] - values[index - 2]
        leads[names[code]] = np.array(values) * nanovolts / 1e6
    return leads, 1e6 / microseconds


@pytest.mark.parametrize(
    ("file", "decode", "format", "seconds"),
    [
        ("ludb/data/1.hea", _dat, "WFDB", 10),
        ("ludb/data/101.hea", _dat, "WFDB", 10),
        ("ptb-xl/records100/00000/00001_lr.hea", _dat, "WFDB", 10),
        ("ptb-xl/records500/00000/00001_hr.hea", _dat, "WFDB", 10),
        ("challenge-2021/A0001.hea", _mat, "WFDB", 15),
        ("challenge-2021/E03823.hea", _mat, "WFDB", 10),
        ("challenge-2021/S0002.hea", _mat, "WFDB", 115.2),
        ("formats/dicom/ecgprocess_2.dcm", _dicom, "DICOM", 10),
        ("formats/dicom/pydicom_anonymous_ecg.dcm", _dicom, "DICOM", 10),
        ("formats/hl7-aecg/ecgkit.xml", _aecg, "HL7 aECG", 10),
        ("formats/hl7-aecg/fda_subject1_0.xml", _aecg, "HL7 aECG", 10),
        ("formats/muse/example1.xml", _muse, "GE MUSE XML", 10),
        ("formats/muse/example2.xml", _muse, "GE MUSE XML", 10),
        ("formats/philips/129DYPRG.XML", _philips, "Philips Sierra XML", 10),
        ("formats/philips/2020-5-18_15-48-11.xml", _philips, "Philips Sierra XML", 10),
        ("formats/scp-ecg/Example.scp", _scp, "SCP-ECG", 10),
    ],
)
def test_every_sample_is_what_an_independent_decoder_finds(
    file: str, decode: Callable[[Path], Decoded], format: str, seconds: float
) -> None:
    record = read(DATA / file)
    expected, hz = decode(DATA / file)
    assert (record.format, record.leads) == (format, STANDARD_LEADS)
    assert record.hz == pytest.approx(hz)
    assert record.duration == pytest.approx(seconds)
    assert set(expected) == set(STANDARD_LEADS)
    for name in STANDARD_LEADS:
        # Half a microvolt: float32, and augmented leads rounded by the devices that store them.
        np.testing.assert_allclose(record.lead(name), expected[name], rtol=0, atol=5e-7)
    # An ECG, not noise and not a wrong scale: the R wave of some lead lies between 0.2 and 10 mV.
    assert 0.2 < np.abs(record.signal - np.median(record.signal, axis=1, keepdims=True)).max() < 10


@pytest.mark.parametrize(
    ("file", "identifier", "age", "sex", "recorded_at", "statement"),
    [
        ("dicom/pydicom_anonymous_ecg.dcm", "642341", 42, "female", datetime(2013, 1, 25, 10, 59, 19), "ECG NORMALE"),
        ("dicom/ecgprocess_2.dcm", "66954", None, None, datetime(2006, 2, 1, 10, 24, 3), "ATRIAL FIBRILLATION"),
        ("scp-ecg/Example.scp", "SBJ-123", 49, "male", datetime(2002, 11, 22, 9, 10), None),
        ("hl7-aecg/ecgkit.xml", "SBJ-123", 46, "male", datetime(2002, 11, 22, 9, 10), None),
        ("philips/129DYPRG.XML", "1112010721168bdc", 50, "male", datetime(2011, 12, 1, 7, 27, 34), ">>> Acute MI <<<"),
        ("muse/example1.xml", None, None, None, None, None),
    ],
)
def test_patients_dates_and_statements_of_device_files(
    file: str, identifier: str, age: float, sex: str, recorded_at: datetime, statement: str | None
) -> None:
    record = read(FORMATS / file)
    assert (record.patient.identifier, record.patient.age, record.patient.sex) == (identifier, age, sex)
    assert record.recorded_at == recorded_at
    assert (statement is None and not record.labels) or statement in [label.code for label in record.labels]
    assert all(label.system == "text" and "machine statement" in label.provenance for label in record.labels)


def test_derived_leads_are_named_for_muse_only() -> None:
    assert read(FORMATS / "muse/example1.xml").derived == {"III", "aVR", "aVL", "aVF"}
    for file in ("scp-ecg/Example.scp", "dicom/ecgprocess_2.dcm", "philips/129DYPRG.XML", "hl7-aecg/ecgkit.xml"):
        assert read(FORMATS / file).derived == frozenset()


def test_both_philips_files_say_what_was_cut_off() -> None:
    for file in ("129DYPRG.XML", "2020-5-18_15-48-11.xml"):
        warnings = read(FORMATS / "philips" / file).warnings
        assert any("calibration pulse" in warning for warning in warnings)


def test_one_lead_of_thirteen_samples() -> None:
    record = read(FORMATS / "hl7-aecg/minimum_one_lead.xml")
    assert (record.leads, record.samples, record.hz) == (("II",), 13, 500)


@pytest.mark.parametrize(
    ("file", "format", "reason"),
    [
        ("scp-ecg/corrupt-section6.scp", "SCP-ECG", "Section 6"),
        ("hl7-aecg/empty.xml", "HL7 aECG", "No rhythm series"),
        ("philips/invalid-doc-version.xml", "Philips Sierra XML", "1.05"),
        ("unsupported/contec_0000037.ECG", "unknown", "no format read here"),
    ],
)
def test_broken_files_are_refused_with_their_name_and_the_reason(file: str, format: str, reason: str) -> None:
    with pytest.raises(ReadError) as refused:
        read(FORMATS / file)
    assert refused.value.format == format
    assert reason in refused.value.reason
    assert Path(file).name in str(refused.value)


def test_every_record_of_the_challenge_and_of_ludb_has_twelve_leads() -> None:
    challenge = sorted((DATA / "challenge-2021").glob("*.hea"))
    ludb = sorted((DATA / "ludb" / "data").glob("*.hea"))
    assert (len(challenge), len(ludb)) == (86, 150)
    scaled_apart_in = 0
    for header in [*challenge, *ludb]:
        record = read(header)
        assert record.leads == STANDARD_LEADS, header
        # LUDB's headers scale each lead to a height of 1 mV, which no heart does: that must be said.
        scaled_apart = [words for words in record.warnings if "limb leads do not fit each other" in words]
        assert len(record.warnings) == len(scaled_apart), header
        assert not scaled_apart or header in ludb
        scaled_apart_in += bool(scaled_apart)
        assert record.labels, header
        if header in challenge:
            assert record.recorded_at is not None
            assert {label.system for label in record.labels} == {"snomed"}
    assert scaled_apart_in > 140


@pytest.mark.alone
def test_every_ptb_xl_record_is_read_quickly_with_its_statements() -> None:
    headers = list(find_records(DATA / "ptb-xl" / "records100"))
    assert len(headers) == 1744
    read(headers[0])
    started = time.perf_counter()
    records = [read(header) for header in headers]
    taken = (time.perf_counter() - started) / len(headers)
    assert all(record.leads == STANDARD_LEADS and record.samples == 1000 and record.labels for record in records)
    assert all(record.patient.sex and record.recorded_at for record in records)
    assert sum(record.patient.age is None for record in records) == 15
    assert taken < 0.005


def test_ptb_xl_statements_of_one_record() -> None:
    record = read(DATA / "ptb-xl/records500/00000/00001_hr.hea")
    assert {label.code: label.likelihood for label in record.labels} == {"NORM": 100, "LVOLT": 0, "SR": 0}
    assert record.labels[0].provenance == "ptbxl_database.csv, validated by a human"
    assert (record.patient.age, record.patient.sex, record.patient.identifier) == (56, "female", "15709")


@pytest.mark.alone
def test_a_twelve_lead_record_of_ten_seconds_is_read_in_time() -> None:
    headers = list(find_records(DATA / "ptb-xl" / "records500"))[:50]
    read(headers[0])
    started = time.perf_counter()
    for header in headers:
        read(header)
    assert (time.perf_counter() - started) / len(headers) < 0.01


def test_every_folder_lists_its_records() -> None:
    for folder, count in (("ptb-xl", 2178), ("ludb", 150), ("challenge-2021", 86)):
        assert len(list(find_records(DATA / folder))) == count
    problems = {path.name for path in find_records(FORMATS) if read_summary(path).problem}
    assert problems == {"corrupt-section6.scp", "empty.xml", "invalid-doc-version.xml", "contec_0000037.ECG"}
