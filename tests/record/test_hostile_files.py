"""Files that want more than an ECG does: paths, addresses, sizes, bombs."""

from __future__ import annotations

import base64
import os
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from device_files import aecg, edf, eight_leads, mfer, muse, scp, sierra, zigzag
from wfdb_files import encode, ramp, write_record

from ecgview.record import ReadError, read
from ecgview.record.sniffing import sniff


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file made the program open a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def frugal() -> Iterator[None]:
    """Fail where a refusal takes long or much memory."""
    tracemalloc.start()
    started = time.perf_counter()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 << 20
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "name",
    ["../secret.dat", "/etc/passwd", "sub/secret.dat", "..\\secret.dat", "C:\\secret.dat", "c:secret.dat", "..", ".",
     "https://example.org/a.dat", "s3://bucket/a.dat", "file:///etc/passwd", "a/../../secret.dat"],
)  # fmt: skip
def test_a_header_cannot_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for place in (tmp_path / "secret.dat", folder / "sub" / "secret.dat"):
        place.write_bytes(encode(ramp(10), 16))
    (folder / "r.hea").write_text(f"r 1 500 10\n{name} 16 200 16 0 0 0 0 I\n")
    with pytest.raises(ReadError, match="does not lie in the header's own folder"):
        read(folder / "r.hea")


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize(
    "line",
    ["r 1 500 999999999999", "r 1 500 99999999999999999999999", "r 999999999 500 10", "r 1 1e308 10",
     "r/999999999 1 500 10", "r/1 256 500 99999999", "r 1 500 30000000"],
)  # fmt: skip
def test_gigantic_claims_of_a_header_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "r.dat").write_bytes(encode(ramp(100), 16))
    (tmp_path / "r.hea").write_text(f"{line}\nr.dat 16 200 16 0 0 0 0 I\n")
    with pytest.raises(ReadError):
        read(tmp_path / "r.hea")


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize("storage", ["16x999999", "16:999999999", "16+999999999999", "212x65535", "16x0", "516", "524"])
def test_gigantic_frames_and_offsets_are_harmless(tmp_path: Path, storage: str) -> None:
    (tmp_path / "r.dat").write_bytes(encode(ramp(100), 16))
    (tmp_path / "r.hea").write_text(f"r 1 500 50\nr.dat {storage} 200 16 0 0 0 0 I\n")
    with pytest.raises(ReadError):
        read(tmp_path / "r.hea")


@pytest.mark.usefixtures("frugal")
def test_a_sparse_signal_file_of_any_size_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "r.dat").open("wb") as file:
        file.truncate(20 << 30)
    (tmp_path / "r.hea").write_text("r 1 500\nr.dat 16 200 16 0 0 0 0 I\n")
    with pytest.raises(ReadError, match="samples"):
        read(tmp_path / "r.hea")


@pytest.mark.usefixtures("frugal")
def test_a_header_of_gigabytes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "r.hea").open("wb") as file:
        file.write(b"r 1 500 10\nr.dat 16 200 16 0 0 0 0 I\n#")
        file.truncate(4 << 30)
    with pytest.raises(ReadError):
        read(tmp_path / "r.hea")


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize(
    "start",
    [
        bytes(128) + b"DICM",
        b"ISHNE1.0",
        b"0       ",
        b"<AnnotatedECG>",
        b"<restingecgdata>",
        b"<RestingECG>",
        b'{"recordedAt":1,"data":{}',
        scp(eight_leads())[:64],
    ],
)
def test_device_files_of_gigabytes_are_refused_unread(tmp_path: Path, start: bytes) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.write(start)
        file.truncate(8 << 30)
    with pytest.raises(ReadError, match="MB"):
        read(tmp_path / "huge")


BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize("write", [muse, aecg, sierra])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration", [BILLION_LAUGHS, '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>',
                    '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]>'])  # fmt: skip
def test_xml_entities_are_refused(tmp_path: Path, write: object, encoding: str, declaration: str) -> None:
    text = write(eight_leads()).decode()  # type: ignore[operator]
    begin = text.index("?>") + 2
    body = text[begin:].replace('<!DOCTYPE RestingECG SYSTEM "restecg.dtd">', "")
    (tmp_path / "bomb.xml").write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{body}'.encode(encoding)
    )
    with pytest.raises(ReadError, match="entit"):
        read(tmp_path / "bomb.xml")


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize("write", [muse, aecg, sierra])
def test_xml_of_a_million_elements_is_refused(tmp_path: Path, write: object) -> None:
    text = write(eight_leads())  # type: ignore[operator]
    end = text.rindex(b"</")
    (tmp_path / "bomb.xml").write_bytes(text[:end] + b"<a/>" * 1_000_000 + text[end:])
    with pytest.raises(ReadError, match="more XML elements"):
        read(tmp_path / "bomb.xml")


@pytest.mark.usefixtures("frugal")
@pytest.mark.parametrize("write", [muse, aecg, sierra])
def test_xml_nested_deeply_is_harmless(tmp_path: Path, write: object) -> None:
    text = write(eight_leads())  # type: ignore[operator]
    end = text.rindex(b"</")
    (tmp_path / "deep.xml").write_bytes(text[:end] + b"<a>" * 50_000 + b"</a>" * 50_000 + text[end:])
    try:
        assert len(read(tmp_path / "deep.xml").leads) == 12
    except ReadError:
        return


@pytest.mark.usefixtures("frugal")
def test_text_encodings_python_knows_and_xml_does_not_are_refused(tmp_path: Path) -> None:
    text = muse(eight_leads()).replace(b"ISO-8859-1", b"punycode")
    (tmp_path / "slow.xml").write_bytes(text + b"-" * 3_000_000)
    with pytest.raises(ReadError, match="punycode"):
        read(tmp_path / "slow.xml")


@pytest.mark.usefixtures("frugal")
def test_compressed_waveforms_that_expand_without_end_are_refused(tmp_path: Path) -> None:
    # Codes 256, 257, 258 … each stand for a string one longer than the one before.
    codes = [0, *range(256, 1023)] + [1022] * 200_000
    bits = "".join(f"{code:010b}" for code in codes)
    chunk = int(bits, 2).to_bytes(len(bits) // 8, "big")
    bomb = base64.b64encode(struct.pack("<ihh", len(chunk), 1, 0) + chunk).decode()
    for attributes in (' compression="XLI"', ' compressmethod="xli" compressflag="True"'):
        (tmp_path / "bomb.xml").write_bytes(sierra(eight_leads(), waveform=bomb, attributes=attributes))
        with pytest.raises(ReadError, match="expand"):
            read(tmp_path / "bomb.xml")


@pytest.mark.parametrize("trick", ["<!-- -->{}", "<![CDATA[{}]]>", "&#65;{}"])
def test_compressed_waveforms_cannot_hide_from_the_check(tmp_path: Path, trick: str) -> None:
    content = sierra(eight_leads(), waveform=trick.format("AAAA"), attributes=' compression="XLI"')
    (tmp_path / "hidden.xml").write_bytes(content)
    with pytest.raises(ReadError, match="not Base64"):
        read(tmp_path / "hidden.xml")
    content = sierra(eight_leads(), waveform="AAAA", attributes=' compression="X&#76;I"')
    (tmp_path / "hidden.xml").write_bytes(content)
    with pytest.raises(ReadError, match="character references"):
        read(tmp_path / "hidden.xml")


@pytest.mark.usefixtures("frugal")
def test_a_deflated_dicom_file_is_refused(tmp_path: Path) -> None:
    def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
        value += bytes(len(value) % 2)
        return struct.pack("<HH", group, number) + kind + struct.pack("<H", len(value)) + value

    syntax = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1.99")
    meta = element(2, 0, b"UL", struct.pack("<I", len(syntax))) + syntax
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(500)) + squeeze.flush()
    (tmp_path / "bomb.dcm").write_bytes(bytes(128) + b"DICM" + meta + bomb)
    with pytest.raises(ReadError, match="deflated"):
        read(tmp_path / "bomb.dcm")


@pytest.mark.usefixtures("frugal")
def test_an_scp_file_that_announces_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    content = scp(eight_leads())
    position = content.index(struct.pack("<IIB", 1, 50, 1))
    for last in (0xFFFFFFFF, 5_000_000):
        (tmp_path / "r.scp").write_bytes(content[: position + 4] + struct.pack("<I", last) + content[position + 8 :])
        with pytest.raises(ReadError, match="more than its signal section can hold"):
            read(tmp_path / "r.scp")


@pytest.mark.usefixtures("frugal")
def test_an_edf_file_of_endless_records_is_refused(tmp_path: Path) -> None:
    content = edf({"V1": zigzag(10, 3)})
    for announced in (b"99999999", b"-1      "):
        head = content[:236] + announced + content[244:472] + b"1       " + content[480:512]
        (tmp_path / "r.edf").write_bytes(head + bytes(1_000_000))
        with pytest.raises(ReadError, match="data records"):
            read(tmp_path / "r.edf")


@pytest.mark.usefixtures("frugal")
def test_an_mfer_file_of_endless_channels_is_refused(tmp_path: Path) -> None:
    content = mfer({"I": zigzag(20, 3), "II": zigzag(20, 5)})
    (tmp_path / "r.mwf").write_bytes(content.replace(b"\x05\x01\x02", b"\x05\x04\xff\xff\xff\x00"))
    with pytest.raises(ReadError, match="channels"):
        read(tmp_path / "r.mwf")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.hea")
    with pytest.raises(ReadError, match="not a file"):
        read(tmp_path / "pipe.hea")
    write_record(tmp_path, "r", {"I": ramp(9)})
    (tmp_path / "r.dat").unlink()
    os.mkfifo(tmp_path / "r.dat")
    with pytest.raises(ReadError, match="not a file"):
        read(tmp_path / "r.hea")


def test_control_characters_do_not_reach_the_screen(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode([1, 2], 16))
    name = "\x1b[31mV1\u0007" + "x" * 500
    (tmp_path / "r.hea").write_text(f"r 1 500 2\nr.dat 16 1 16 0 1 3 0 {name}\n", encoding="utf-8")
    (lead,) = read(tmp_path / "r.hea").leads
    assert lead.isprintable()
    assert len(lead) <= 40


@pytest.mark.parametrize(
    "head", [b"", b"\0", b"\xff" * 8192, b"DICM", b"<", b"{", b"1 2\n", b"a b c\n", b"README\n\nhello 2"]
)
def test_ordinary_bytes_belong_to_no_format(head: bytes) -> None:
    assert sniff(head) is None
