"""Reading studies that are ready to be run."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ecgview.review.sampling import Sample


@dataclass(frozen=True, slots=True)
class Template:
    """A study.

    Attributes
    ----------
    title : str
    code : str
        The class it asks for.
    question, definition : str
        What the reader is asked, and what the class means.
    leads : tuple of str
        To look at.
    snomed : tuple of str
        Codes of labels that state the class.
    heart_axes : tuple of str
        What in PTB-XL's column ``heart_axis`` states the class.
    axis : tuple of float
        Measured QRS axis of the class, degrees: from the first, below the second.
    sample : Sample
    readings : int
        Readers of each record.
    repeated : float
        Share read twice by the same reader.
    """

    title: str
    code: str
    question: str
    definition: str
    leads: tuple[str, ...]
    snomed: tuple[str, ...]
    heart_axes: tuple[str, ...]
    axis: tuple[float, float]
    sample: Sample
    readings: int
    repeated: float


# Zhao et al. (arXiv 2112.01496) had two clinicians read 100 random misclassified records. In a sample
# of misclassified records alone, agreement with the label and with the model are complements, so
# correct ones are mixed in here.
TEMPLATES: Final = MappingProxyType(
    {
        "lad": Template(
            title="Left axis deviation",
            code="LAD",
            question="Is there left axis deviation?",
            definition="Frontal QRS axis to the left of −30°: QRS mostly upright in I, "
            "mostly downward in II and aVF. "
            "An axis from −30° to +30° (German: Linkstyp) is normal here.",
            leads=("I", "II", "aVF"),
            snomed=("39732003",),
            # As the Challenge joined them: PTB-XL's LAD is mostly "Linkstyp", its ALAD lies to the left of −30°.
            heart_axes=("LAD", "ALAD"),
            # From −90° to −30°: AHA/ACCF/HRS recommendations, part III, Circulation 119 (2009) e235.
            axis=(-90.0, -30.0),
            sample=Sample(false_positives=50, false_negatives=50, controls=50),
            readings=2,
            repeated=0.1,
        )
    }
)
