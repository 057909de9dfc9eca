"""Small files of electrocardiographs for the tests, written from the formats' descriptions."""

from __future__ import annotations

import base64
import struct

CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
EIGHT = ("I", "II", *CHEST)


def zigzag(samples: int, step: int) -> list[int]:
    """Return whole numbers within ±400 that differ with step."""
    return [(step * index * 7) % 801 - 400 for index in range(samples)]


def eight_leads(samples: int = 50) -> dict[str, list[int]]:
    """Return eight different leads in converter units."""
    return {lead: zigzag(samples, 3 + index) for index, lead in enumerate(EIGHT)}


def muse(leads: dict[str, list[int]], unit: str = "MICROVOLTS", scale: float = 4.88, extra: str = "") -> bytes:
    """Return a GE MUSE export: base64 of little-endian 16-bit words per lead."""
    waves = "".join(
        f"<LeadData><LeadID>{name}</LeadID><LeadSampleCountTotal>{len(values)}</LeadSampleCountTotal>"
        f"<LeadAmplitudeUnitsPerBit>{scale}</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>{unit}</LeadAmplitudeUnits>"
        f"<LeadSampleSize>2</LeadSampleSize><WaveFormData>"
        f"{base64.b64encode(struct.pack(f'<{len(values)}h', *values)).decode()}</WaveFormData></LeadData>"
        for name, values in leads.items()
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd"><RestingECG>'
        "<PatientDemographics><PatientID>P7</PatientID><PatientAge>64</PatientAge><AgeUnits>YEARS</AgeUnits>"
        "<Gender>FEMALE</Gender><PatientLastName>Doe</PatientLastName></PatientDemographics>"
        "<TestDemographics><AcquisitionDate>05-12-2020</AcquisitionDate><AcquisitionTime>12:33:59</AcquisitionTime>"
        "<Status>CONFIRMED</Status></TestDemographics>"
        "<Diagnosis><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>Sinus rhythm</StmtText>"
        "</DiagnosisStatement></Diagnosis><OriginalDiagnosis><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag>"
        "<StmtText>Atrial fibrillation</StmtText></DiagnosisStatement></OriginalDiagnosis>"
        "<Waveform><WaveformType>Rhythm</WaveformType><SampleBase>500</SampleBase><SampleExponent>0</SampleExponent>"
        f"{waves}</Waveform>{extra}</RestingECG>"
    ).encode("latin-1")


def aecg(leads: dict[str, list[int]], unit: str = "uV", increment: str = "0.002", origin: float = 0) -> bytes:
    """Return an HL7 aECG: digits in decimal, value = origin + scale * digit."""
    waves = "".join(
        f'<component><sequence><code code="MDC_ECG_LEAD_{name.upper()}"/><value>'
        f'<origin value="{origin}" unit="{unit}"/><scale value="2.5" unit="{unit}"/>'
        f"<digits>{' '.join(map(str, values))}</digits></value></sequence></component>"
        for name, values in leads.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><AnnotatedECG xmlns="urn:hl7-org:v3">'
        '<effectiveTime><low value="20021122091000"/></effectiveTime><component><series><code code="RHYTHM"/>'
        '<component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value>'
        f'<head value="20021122091000"/><increment value="{increment}" unit="s"/></value></sequence></component>'
        f"{waves}</sequenceSet></component></series></component></AnnotatedECG>"
    ).encode()


def sierra(leads: dict[str, list[int]], hz: int = 500, waveform: str | None = None, attributes: str = "") -> bytes:
    """Return a Philips Sierra file: plain words in base64, lead after lead, 5 µV a unit."""
    words = [value for values in leads.values() for value in values]
    samples = len(next(iter(leads.values())))
    stored = base64.b64encode(struct.pack(f"<{len(words)}h", *words)).decode() if waveform is None else waveform
    return (
        '<?xml version="1.0" encoding="UTF-8"?><restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo>'
        "<documenttype>PhilipsECG</documenttype><documentversion>1.04.01</documentversion></documentinfo>"
        '<dataacquisition date="2020-05-18" time="15:48:11"/><patient><generalpatientdata><patientid>P8</patientid>'
        "<age><years>69</years></age><sex>Male</sex></generalpatientdata></patient><waveforms>"
        f'<parsedwaveforms dataencoding="Base64" numberofleads="{len(leads)}" leadlabels="{" ".join(leads)}" '
        f'durationperchannel="{samples * 1000 // hz}" samplespersecond="{hz}" resolution="5" signaloffset="0" '
        f'signalsigned="True" bitspersample="16"{attributes}>{stored}</parsedwaveforms></waveforms></restingecgdata>'
    ).encode()


def edf(leads: dict[str, list[int]], unit: str = "uV", records: int = 1, hz: int = 500, other_hz: int = 0) -> bytes:
    """Return an EDF file of `records` data records; with `other_hz` a respiration channel is added."""
    count = len(next(iter(leads.values()))) // records
    channels = [(f"ECG {name}", unit, values, count) for name, values in leads.items()]
    if other_hz:
        slow = count * other_hz // hz
        channels.append(("Resp", "", zigzag(slow * records, 5), slow))

    def field(values: list[object], width: int) -> bytes:
        return "".join(f"{value!s:<{width}}"[:width] for value in values).encode("latin-1")

    number = len(channels)
    head = field(["0"], 8) + field(["MCH-0234567 F 02-MAY-1951 Haagse_Harry"], 80)
    head += field(["Startdate 02-MAR-2002 X X X"], 80) + field(["02.03.02"], 8) + field(["09.10.11"], 8)
    head += field([256 * (number + 1)], 8) + field(["EDF+C"], 44) + field([records], 8)
    head += field([f"{count / hz:g}"], 8) + field([number], 4)
    head += field([name for name, *_ in channels], 16) + field([""] * number, 80)
    head += field([unit for _, unit, *_ in channels], 8)
    head += field(["-3276.8"] * number, 8) + field(["3276.7"] * number, 8)
    head += field(["-32768"] * number, 8) + field(["32767"] * number, 8)
    head += field([""] * number, 80) + field([samples for *_, samples in channels], 8) + field([""] * number, 32)
    body = b"".join(
        struct.pack(f"<{samples}h", *values[record * samples : (record + 1) * samples])
        for record in range(records)
        for *_, values, samples in channels
    )
    return head + body


def ishne(leads: dict[str, list[int]], hz: int = 200) -> bytes:
    """Return an ISHNE Holter file of 2 µV a unit."""
    codes = {"I": 5, "II": 6, "III": 7, "aVR": 8, "aVL": 9, "aVF": 10, **{f"V{n}": 10 + n for n in range(1, 7)}}
    block = bytearray(512)
    struct.pack_into("<i", block, 0, 0)
    struct.pack_into("<iiih", block, 4, len(next(iter(leads.values()))), 522, 522, 1)
    block[18:22], block[58:61], block[98:100] = b"Jane", b"Doe", b"H9"
    struct.pack_into("<hh", block, 118, 2, 0)
    struct.pack_into("<hhh", block, 122, 2, 5, 1951)
    struct.pack_into("<hhh", block, 128, 2, 3, 2002)
    struct.pack_into("<hhh", block, 140, 9, 10, 11)
    struct.pack_into("<h", block, 146, len(leads))
    for position, name in enumerate(leads):
        struct.pack_into("<h", block, 148 + 2 * position, codes.get(name, 0))
        struct.pack_into("<h", block, 196 + 2 * position, 2000)
    struct.pack_into("<h", block, 262, hz)
    frames = [value for frame in zip(*leads.values(), strict=True) for value in frame]
    return b"ISHNE1.0" + bytes(2) + bytes(block) + struct.pack(f"<{len(frames)}h", *frames)


def mfer(leads: dict[str, list[int]], hz: int = 500) -> bytes:
    """Return an MFER file of 1 µV a unit, blocks of all samples lead after lead."""
    codes = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "III": 61}

    def item(tag: int, value: bytes) -> bytes:
        length = bytes([len(value)]) if len(value) < 128 else bytes([0x84]) + len(value).to_bytes(4, "big")
        return bytes([tag]) + length + value

    samples = len(next(iter(leads.values())))
    out = item(0x40, b"MFR Standard 12 leads ECG".ljust(32)) + item(0x01, b"\x01")
    out += item(0x0B, bytes([0, 0]) + hz.to_bytes(2, "little"))
    out += item(0x0C, bytes([0, 0xFA]) + (1).to_bytes(2, "little"))
    out += item(0x0A, b"\x00") + item(0x04, samples.to_bytes(4, "little"))
    out += item(0x05, bytes([len(leads)])) + item(0x06, (1).to_bytes(2, "little"))
    for position, name in enumerate(leads):
        out += bytes([0x3F, position]) + (lambda inner: bytes([len(inner)]) + inner)(
            item(0x09, codes[name].to_bytes(2, "little"))
        )
    values = [value for channel in leads.values() for value in channel]
    return out + item(0x1E, struct.pack(f"<{len(values)}h", *values)) + bytes([0x80, 0])


def scp(leads: dict[str, list[int]]) -> bytes:
    """Return an SCP-ECG file with uncompressed amplitudes of 2.5 µV a unit at 500 Hz."""
    codes = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8}
    samples = len(next(iter(leads.values())))
    tags = b"".join(
        struct.pack("<BH", tag, len(value)) + value
        for tag, value in (
            (0, b"Doe\0"), (2, b"S5\0"), (4, struct.pack("<HB", 49, 1)), (8, b"\x02"),
            (25, struct.pack("<HBB", 2002, 11, 22)), (26, bytes([9, 10, 0])), (255, b""),
        )
    )  # fmt: skip
    definition = struct.pack("<BB", len(leads), 0x04 | len(leads) << 3) + b"".join(
        struct.pack("<IIB", 1, samples, codes[name]) for name in leads
    )
    rhythm = struct.pack("<HHBB", 2500, 2000, 0, 0) + struct.pack(f"<{len(leads)}H", *[2 * samples] * len(leads))
    rhythm += b"".join(struct.pack(f"<{samples}h", *values) for values in leads.values())
    statements = struct.pack("<BHBBBBB", 1, 2002, 11, 22, 9, 10, 0) + b"\x01" + struct.pack("<BH", 1, 13)
    bodies = {1: tags, 3: definition, 6: rhythm, 8: statements + b"Sinus rhythm\0"}
    pointers, sections, position = b"", b"", 6 + 16 + 10 * (len(bodies) + 1)
    for number, body in bodies.items():
        body += bytes(len(body) % 2)
        section = struct.pack("<HIBB6x", number, 16 + len(body), 20, 20) + body
        sections += struct.pack("<H", _crc(section)) + section
        pointers += struct.pack("<HII", number, 16 + len(body), position + 1)
        position += 16 + len(body)
    length = 16 + 10 * (len(bodies) + 1)
    first = struct.pack("<HIBB6s", 0, length, 20, 20, b"SCPECG") + struct.pack("<HII", 0, length, 7) + pointers
    whole = struct.pack("<I", position) + struct.pack("<H", _crc(first)) + first + sections
    return struct.pack("<H", _crc(whole)) + whole


def _crc(data: bytes) -> int:
    """CRC-CCITT, one bit at a time."""
    remainder = 0xFFFF
    for byte in data:
        remainder ^= byte << 8
        for _ in range(8):
            remainder = (remainder << 1 ^ 0x1021 if remainder & 0x8000 else remainder << 1) & 0xFFFF
    return remainder


def kardia(leads: dict[str, list[int]]) -> bytes:
    """Return an AliveCor Kardia recording of 500 nV a unit."""
    import json

    names = {"I": "leadI", "II": "leadII", "III": "leadIII"}
    samples = {names[name]: values for name, values in leads.items()}
    raw = {
        "frequency": 300,
        "mainsFrequency": 50,
        "amplitudeResolution": 500,
        "numLeads": len(leads),
        "samples": samples,
    }
    document = {"id": "1", "patientID": "K1", "recordedAt": "2020-05-12T12:33:59Z", "duration": 1000,
                "algorithmDetermination": "sinus rhythm", "data": {"raw": raw}}  # fmt: skip
    return json.dumps(document).encode()
