"""Damaged copies of real recordings are opened or refused, quickly and in little memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from damaged import read_damaged

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not beside the checkout")

FILES = {
    "WFDB dat": ("ludb/data/1.hea", "ludb/data/1.dat"),
    "WFDB mat": ("challenge-2021/E03823.hea", "challenge-2021/E03823.mat"),
    "DICOM": ("formats/dicom/ecgprocess_2.dcm",),
    "DICOM of another maker": ("formats/dicom/pydicom_anonymous_ecg.dcm",),
    "SCP-ECG": ("formats/scp-ecg/Example.scp",),
    "HL7 aECG": ("formats/hl7-aecg/ecgkit.xml",),
    "HL7 aECG of one lead": ("formats/hl7-aecg/minimum_one_lead.xml",),
    "GE MUSE XML": ("formats/muse/example1.xml",),
    "Philips Sierra XML 1.03": ("formats/philips/129DYPRG.XML",),
    "Philips Sierra XML 1.04": ("formats/philips/2020-5-18_15-48-11.xml",),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_hundred_damaged_copies_of_a_real_file(kind: str) -> None:
    read_damaged([DATA / file for file in FILES[kind]], 100, 60)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_two_thousand_damaged_copies_of_a_real_file(kind: str) -> None:
    read_damaged([DATA / file for file in FILES[kind]], 2000, 600)
