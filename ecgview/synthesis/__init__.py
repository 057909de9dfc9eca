"""ECGs with known truth: the heart vector as sums of Gaussians, projected on the leads."""

from ecgview.synthesis.abnormalities import Abnormality, STShift
from ecgview.synthesis.artefacts import (
    Artefact,
    BaselineWander,
    LeadOff,
    Mains,
    MuscleNoise,
    Spike,
    SwappedArms,
)
from ecgview.synthesis.generator import generate
from ecgview.synthesis.rhythm import Rhythm
from ecgview.synthesis.settings import Settings, usual_qt
from ecgview.synthesis.truth import Beat, Generated, Truth

__all__ = [
    "Abnormality",
    "Artefact",
    "BaselineWander",
    "Beat",
    "Generated",
    "LeadOff",
    "Mains",
    "MuscleNoise",
    "Rhythm",
    "STShift",
    "Settings",
    "Spike",
    "SwappedArms",
    "Truth",
    "generate",
    "usual_qt",
]
