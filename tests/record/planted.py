"""Recordings of three formats with identifiers in every place their formats have for text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from device_files import aecg, zigzag
from pydicom import Dataset, Sequence, dcmread
from pydicom.data import get_testdata_file
from wfdb_files import encode, interleave, twelve_leads

FAMILY = ("Müßigmann", "Żółkiewska", "Featherstonehaugh", "Dvořáková", "Quennstedt", "Oyelaran", "Brîncuș", "Łukasik")
GIVEN = ("Annegret", "Thaddeus", "Ngozi", "Przemysław", "Solveig", "Baltasar", "Ilse-Marie", "Eleftheria")


@dataclass(frozen=True)
class Person:
    """Who is planted; every word is an identifier."""

    number: int

    @property
    def family(self) -> str:
        return f"{FAMILY[self.number % len(FAMILY)]}{_word(self.number)}"

    @property
    def given(self) -> str:
        return f"{GIVEN[self.number // len(FAMILY) % len(GIVEN)]}{_word(self.number * 7 + 3)}"

    @property
    def mrn(self) -> str:
        return f"MRN48-{self.number * 7919 + 100003:07d}"

    @property
    def born(self) -> str:
        return f"19{31 + self.number % 60:02d}-{1 + self.number % 12:02d}-{1 + self.number % 28:02d}"

    @property
    def recorded(self) -> str:
        return f"20{11 + self.number % 14:02d}-{1 + self.number * 5 % 12:02d}-{1 + self.number * 11 % 28:02d}"

    @property
    def physician(self) -> str:
        return f"Hippeljohann{_word(self.number + 999)}"

    @property
    def hospital(self) -> str:
        return "St. Willibrord Infirmary"

    @property
    def street(self) -> str:
        return f"Gänsebachweg {self.number + 11}"

    @property
    def telephone(self) -> str:
        return f"0711-55{self.number + 10000}"

    @property
    def accession(self) -> str:
        return f"ACC{self.number * 104729 + 3000017}"

    @property
    def remark(self) -> str:
        return f"{self.given} {self.family}, {self.street}, {self.hospital}, {self.telephone}, {self.physician}"

    @property
    def identifiers(self) -> tuple[str, ...]:
        return (
            self.family, self.given, self.mrn, self.physician, self.hospital, self.street, self.telephone,
            self.accession,
        )  # fmt: skip

    @property
    def dates(self) -> tuple[str, ...]:
        """Told apart from the others: the shifted date of one patient may be the true one of another."""
        return (self.born, self.recorded)


def plant_wfdb(folder: Path, person: Person) -> Path:
    """Write a record whose header, comments, names, signal file and annotations tell who it is."""
    place = folder / f"{person.family}_{person.given}"
    place.mkdir(parents=True, exist_ok=True)
    name = f"{person.mrn}_{person.family}"
    leads = twelve_leads(120)
    leads |= {f"V9 {person.family}": zigzag(120, 11)}
    prolog, tail = person.remark.encode("utf-8").ljust(200), person.remark.encode("utf-16")
    (place / f"{name}.dat").write_bytes(prolog + encode(interleave(list(leads.values())), 16) + tail)
    (place / f"{name}.atr").write_bytes(person.remark.encode())
    year, month, day = person.recorded.split("-")
    lines = [f"{name} {len(leads)} 500 120 10:11:{person.number % 60:02d} {day}/{month}/{year}"]
    lines += [f"{name}.dat 16+200 1000/mV 16 0 {values[0]} 0 0 {lead}" for lead, values in leads.items()]
    lines += [
        f"# Age: {40 + person.number % 70}", "# Sex: F", f"# Patient ID: {person.mrn}",
        f"# Dx: 426783006,59118001,{person.number + 10000001}", f"# Name: {person.given} {person.family}",
        f"# Born {person.born}, {person.remark}", f"# Rx: {person.accession} by {person.physician}",
        f"# <diagnoses>: {person.remark}", person.remark.join(("# ", "")),
    ]  # fmt: skip
    header = place / f"{name}.hea"
    header.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return header


def plant_dicom(folder: Path, person: Person, samples: int = 300) -> Path:
    """Write pydicom's recording, shortened, with names in all kinds of elements."""
    made = dcmread(get_testdata_file("waveform_ecg.dcm"))
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName = f"{person.family}^{person.given}"
    made.PatientID = made.OtherPatientIDs = person.mrn
    made.OtherPatientNames = made.PatientBirthName = f"{person.family}^{person.given}"
    made.PatientBirthDate = person.born.replace("-", "")
    made.PatientAge = "094Y"
    for keyword in ("StudyDate", "ContentDate", "InstanceCreationDate"):
        setattr(made, keyword, person.recorded.replace("-", ""))
    made.StudyTime = made.ContentTime = "101112.130000"
    made.AcquisitionDateTime = f"{person.recorded.replace('-', '')}101112.13+0100"
    made.PatientAddress, made.PatientTelephoneNumbers = person.street, person.telephone
    made.ReferringPhysicianName = made.OperatorsName = made.PerformingPhysicianName = person.physician
    made.InstitutionName, made.InstitutionAddress = person.hospital, person.street
    made.AccessionNumber = made.StudyID = made.AdmissionID = person.accession[:16]
    made.StudyDescription = made.SeriesDescription = made.ReasonForStudy = person.remark[:48]
    made.PatientComments = made.VisitComments = made.ImageComments = person.remark
    made.Allergies = person.remark[:48]
    made.StationName, made.DeviceSerialNumber, made.Manufacturer = person.accession[:16], person.mrn, person.hospital
    made.StudyInstanceUID = f"1.2.826.{person.number}.1951.{person.accession[3:]}"
    request = Dataset()
    request.RequestedProcedureDescription, request.ScheduledPerformingPhysicianName = person.hospital, person.physician
    made.RequestAttributesSequence = Sequence([request])
    block = made.private_block(0x0031, f"{person.physician[:40]} ECG", create=True)
    block.add_new(1, "LO", person.family)
    block.add_new(2, "UN", person.remark.encode("utf-16"))
    made.Rows = made.Columns = 16
    made.add_new(0x60003000, "OW", person.remark.encode("latin-1", "replace").ljust(400)[:400])
    made.EncapsulatedDocument = person.remark.encode().ljust(400)[:400]
    for group in made.WaveformSequence:
        group.NumberOfWaveformSamples = min(samples, int(group.NumberOfWaveformSamples))
        length = int(group.NumberOfWaveformSamples) * int(group.NumberOfWaveformChannels) * 2
        # What follows the announced samples is no signal.
        group.WaveformData = group.WaveformData[:length] + person.remark.encode().ljust(400)[:400]
        group.MultiplexGroupLabel = person.accession[:16] if group is made.WaveformSequence[1] else "RHYTHM"
        for channel in group.ChannelDefinitionSequence:
            channel.ChannelLabel = person.accession[:16]
            source = channel.ChannelSourceSequence[0]
            source.CodeMeaning = f"{source.CodeMeaning}, {person.family}"
            source.CodingSchemeVersion = person.accession[:16]
            channel.ChannelSensitivityUnitsSequence[0].CodeMeaning = person.hospital
    note = Dataset()
    note.UnformattedTextValue = person.remark
    note.ReferencedWaveformChannels = [1, 0]
    made.WaveformAnnotationSequence = Sequence([note])
    made.preamble = person.remark.encode("utf-8").ljust(128)[:128]
    made.file_meta.SourceApplicationEntityTitle = person.accession[:16]
    place = folder / person.hospital / person.mrn
    place.mkdir(parents=True, exist_ok=True)
    made.save_as(place / f"{person.family}.dcm")
    return place / f"{person.family}.dcm"


def plant_aecg(folder: Path, person: Person) -> Path:
    """Write an HL7 aECG with subject, site, investigator and remarks."""
    compact = person.recorded.replace("-", "")
    subject = (
        f"<id extension='{person.accession}'/><text>{person.remark}</text><componentOf><timepointEvent><performer>"
        f"<studyEventPerformer><assignedPerson><name>{person.physician}</name></assignedPerson></studyEventPerformer>"
        f"</performer><componentOf><subjectAssignment><subject><trialSubject><id extension='{person.mrn}'/>"
        f"<subjectDemographicPerson><name>{person.given} {person.family}</name><administrativeGenderCode code='F'/>"
        f"<birthTime value='{person.born.replace('-', '')}'/></subjectDemographicPerson></trialSubject></subject>"
        f"<componentOf><clinicalTrial><location><trialSite><location><name>{person.hospital}</name><addr><street>"
        f"{person.street}</street></addr></location></trialSite></location></clinicalTrial></componentOf>"
        "</subjectAssignment></componentOf></timepointEvent></componentOf>"
    )
    text = aecg({"I": zigzag(120, 3), "II": zigzag(120, 5), "V1": zigzag(120, 7)}).decode()
    text = text.replace("20021122091000", f"{compact}091000").replace("<effectiveTime>", f"{subject}<effectiveTime>", 1)
    place = folder / person.family
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{person.given}-{person.telephone}.xml"
    file.write_bytes(text.replace("</AnnotatedECG>", f"<!-- {person.remark} --></AnnotatedECG>").encode())
    return file


def _word(number: int) -> str:
    """Return four letters that differ from number to number, as a name's end."""
    letters = np.base_repr(number * 2749 + 12345, 20).lower()
    return "".join("bcdfghjklmnpqrstvwxz"[int(letter, 20)] for letter in letters)
