"""What a desktop is told about the program agrees with itself and with the program."""

from __future__ import annotations

import configparser
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys are told apart by their case
    parser.read(LINUX / "org.ecgview.ecgview.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_same_kinds_of_file_are_offered_everywhere() -> None:
    offered = {kind for kind in entry()["MimeType"].split(";") if kind}
    metainfo = ElementTree.parse(LINUX / "org.ecgview.ecgview.metainfo.xml").getroot()
    assert {found.text for found in metainfo.iter("mediatype")} == offered
    types = ElementTree.parse(LINUX / "org.ecgview.ecgview.mime.xml").getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    assert {found.get("type") for found in types.iter(f"{space}mime-type")} == offered
    endings = {found.get("pattern") for found in types.iter(f"{space}glob")}
    assert endings == {"*.hea", "*.scp", "*.dcm"}
    windows = (PACKAGING / "windows" / "ecgview.iss").read_text(encoding="utf-8")
    for ending in endings:
        assert f"Classes\\{str(ending).removeprefix('*')}\\OpenWithProgids" in windows


def test_versions_agree() -> None:
    metainfo = ElementTree.parse(LINUX / "org.ecgview.ecgview.metainfo.xml").getroot()
    release = metainfo.find("releases/release")
    assert release is not None
    assert release.get("version") == VERSION
    assert f'#define Version "{VERSION}"' in (PACKAGING / "windows" / "ecgview.iss").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", SIZES)
def test_icons_have_their_size_and_something_on_them(size: int) -> None:
    image = QImage(str(PACKAGING / "icons" / f"ecgview-{size}.png"))
    assert (image.width(), image.height()) == (size, size)
    assert len({image.pixel(x, size // 2) for x in range(size)}) > 3
    assert image.pixelColor(0, 0).alpha() == 0


def test_installing_and_removing_leaves_nothing_behind(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "ecgview").write_text("#!/bin/sh\necho here\n")
    (bundle / "ecgview").chmod(0o755)
    prefix = tmp_path / "prefix with a space"
    environment = {"ECGVIEW_BUNDLE": str(bundle), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run([LINUX / "install", str(prefix)], env=environment, check=True)
    said = subprocess.run([prefix / "bin" / "ecgview"], capture_output=True, text=True, check=True)
    assert said.stdout == "here\n"
    assert (prefix / "share" / "icons" / "hicolor" / "48x48" / "apps" / "ecgview.png").is_file()
    subprocess.run([LINUX / "install", "--remove", str(prefix)], env=environment, check=True)
    left = [path for path in prefix.rglob("*") if not path.is_dir() and "ecgview" in path.name]
    assert left == []


def test_installing_without_a_bundle_says_what_to_do(tmp_path: Path) -> None:
    environment = {"ECGVIEW_BUNDLE": str(tmp_path / "none"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run([LINUX / "install"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make bundle" in done.stdout
