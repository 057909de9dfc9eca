"""WFDB files written bit by bit for the tests, by plain arithmetic on Python integers."""

from __future__ import annotations

from pathlib import Path

INVALID = {16: -32768, 61: -32768, 160: -32768, 80: -128, 212: -2048, 310: -512, 311: -512, 24: -(2**23), 32: -(2**31)}
"""The value that marks an invalid sample, as signal(5) gives it."""


def encode(samples: list[int], storage: int) -> bytes:
    """Store samples, already in the file's order, in one of the formats of signal(5)."""
    match storage:
        case 8:
            return bytes(sample & 0xFF for sample in samples)
        case 16:
            return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)
        case 61:
            return b"".join(sample.to_bytes(2, "big", signed=True) for sample in samples)
        case 160:
            return b"".join((sample + 32768).to_bytes(2, "little") for sample in samples)
        case 80:
            return bytes(sample + 128 for sample in samples)
        case 24:
            return b"".join(sample.to_bytes(3, "little", signed=True) for sample in samples)
        case 32:
            return b"".join(sample.to_bytes(4, "little", signed=True) for sample in samples)
        case 212:
            return _encode_212(samples)
        case 310:
            return _encode_310(samples)
        case 311:
            return _encode_311(samples)
    raise ValueError(storage)


def _groups(samples: list[int], size: int) -> list[list[int]]:
    padded = samples + [0] * (-len(samples) % size)
    return [padded[start : start + size] for start in range(0, len(padded), size)]


def _encode_212(samples: list[int]) -> bytes:
    out = bytearray()
    for first, second in _groups(samples, 2):
        first, second = first & 0xFFF, second & 0xFFF
        out += bytes([first & 0xFF, (first >> 8) | ((second >> 8) << 4), second & 0xFF])
    return bytes(out[:-1] if len(samples) % 2 else out)


def _encode_310(samples: list[int]) -> bytes:
    out = bytearray()
    for first, second, third in _groups(samples, 3):
        first, second, third = first & 0x3FF, second & 0x3FF, third & 0x3FF
        out += ((first << 1) | ((third & 0x1F) << 11)).to_bytes(2, "little")
        out += ((second << 1) | ((third >> 5) << 11)).to_bytes(2, "little")
    return bytes(out)


def _encode_311(samples: list[int]) -> bytes:
    out = bytearray()
    for first, second, third in _groups(samples, 3):
        word = (first & 0x3FF) | ((second & 0x3FF) << 10) | ((third & 0x3FF) << 20)
        out += word.to_bytes(4, "little")
    return bytes(out)


def interleave(channels: list[list[int]]) -> list[int]:
    """Return samples in the order of a signal file: one of each channel, then the next of each."""
    return [sample for frame in zip(*channels, strict=True) for sample in frame]


def write_record(
    folder: Path,
    name: str,
    channels: dict[str, list[int]],
    *,
    storage: int = 16,
    hz: float = 500,
    gain: str = "1000/mV",
    offset: int = 0,
    ending: str = "dat",
    comments: tuple[str, ...] = (),
    when: str = "",
    checksums: bool = True,
) -> Path:
    """Write a record of one signal file and return its header's path."""
    samples = len(next(iter(channels.values())))
    file = f"{name}.{ending}"
    (folder / file).write_bytes(bytes(offset) + encode(interleave(list(channels.values())), storage))
    place = f"+{offset}" if offset else ""
    lines = [f"{name} {len(channels)} {hz:g} {samples} {when}".rstrip()]
    for lead, values in channels.items():
        total = sum(values) % 65536 if checksums else 0
        lines.append(f"{file} {storage}{place} {gain} 16 0 {values[0]} {total} 0 {lead}")
    header = folder / f"{name}.hea"
    header.write_text("\n".join([*lines, *(f"#{comment}" for comment in comments)]) + "\n")
    return header


def ramp(samples: int, step: int = 1, start: int = 0, largest: int = 500) -> list[int]:
    """Return a zigzag that stays within ±largest and differs with step and start."""
    return [(start + step * index) % (2 * largest + 1) - largest for index in range(samples)]


TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def twelve_leads(samples: int = 40) -> dict[str, list[int]]:
    """Return twelve different leads in converter units; the limb leads fit each other as a heart's do."""
    leads = {lead: ramp(samples, step=7 + 2 * index, start=31 * index) for index, lead in enumerate(TWELVE)}
    pairs = list(zip(leads["I"], leads["II"], strict=True))
    leads["III"] = [two - one for one, two in pairs]
    leads["aVR"] = [-(one + two) // 2 for one, two in pairs]
    leads["aVL"] = [one - two // 2 for one, two in pairs]
    leads["aVF"] = [two - one // 2 for one, two in pairs]
    return leads
