"""How a sheet is drawn: layout, order of the leads, paper speed and gain; as values and as plain text. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from ecgview.record.leads import CHEST_LEADS, LIMB_LEADS, standard_lead

Layout = Literal["3x4", "6x2", "12x1", "single"]
Order = Literal["standard", "cabrera"]

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
ORDERS: tuple[Order, ...] = get_args(Order)
SPEEDS: tuple[float, ...] = (12.5, 25.0, 50.0)
"""Paper speeds, mm/s."""
GAINS: tuple[float, ...] = (5.0, 10.0, 20.0)
"""mm/mV."""
MOST_STRIPS = 3
USUAL_STRIPS: dict[int, tuple[str, ...]] = {0: (), 1: ("II",), 2: ("V1", "II"), 3: ("V1", "II", "V5")}
"""The rhythm strips where only their number is given."""

_CABRERA = ("aVL", "I", "aVR", "II", "aVF", "III")
"""Each limb lead 30 degrees further on, aVR upside down: BMC Cardiovasc Disord 2019, doi 10.1186/s12872-018-0979-x."""
_COLUMNS: dict[Layout, int] = {"3x4": 4, "6x2": 2, "12x1": 1, "single": 1}


class FormatError(ValueError):
    """A format that cannot be drawn, or a text that names none; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a sheet is drawn.

    Attributes
    ----------
    layout : {"3x4", "6x2", "12x1", "single"}
        Rows by columns of the twelve leads, or one lead alone.
    order : {"standard", "cabrera"}
        Order of the limb leads: I, II, III, aVR, aVL, aVF, or aVL, I, −aVR, II, aVF, III.
    speed : float
        mm/s, one of :data:`SPEEDS`.
    limb_gain, chest_gain : float
        mm/mV, of :data:`GAINS`.
    strips : tuple of str
        Leads drawn over the whole width below the others, at most three; for ``"single"`` the
        one lead. A record without one of them shows another in its place.

    Raises
    ------
    FormatError
        A value is not one of those allowed.
    """

    layout: Layout = "3x4"
    order: Order = "standard"
    speed: float = 25.0
    limb_gain: float = 10.0
    chest_gain: float = 10.0
    strips: tuple[str, ...] = ("II",)

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise FormatError(f"{self.layout!r} is no layout: allowed are {_listed(LAYOUTS)}")
        if self.order not in ORDERS:
            raise FormatError(f"{self.order!r} is no order of leads: allowed are {_listed(ORDERS)}")
        if self.speed not in SPEEDS:
            raise FormatError(f"{self.speed:g} mm/s is no paper speed: allowed are {_numbers(SPEEDS)} mm/s")
        for gain in (self.limb_gain, self.chest_gain):
            if gain not in GAINS:
                raise FormatError(f"{gain:g} mm/mV is no gain: allowed are {_numbers(GAINS)} mm/mV")
        if self.layout == "single" and len(self.strips) != 1:
            raise FormatError("layout 'single' shows exactly one lead, as in single:V2")
        if self.layout == "12x1" and self.strips:
            raise FormatError("layout '12x1' shows every lead over the whole width: it takes no rhythm strips")
        if len(self.strips) > MOST_STRIPS:
            raise FormatError(f"{len(self.strips)} rhythm strips are too many: at most {MOST_STRIPS} are drawn")
        if not all(self.strips) or len(set(self.strips)) != len(self.strips):
            raise FormatError(f"each rhythm strip is a different lead, not {', '.join(map(repr, self.strips))}")

    @property
    def columns(self) -> int:
        """Columns that the twelve leads stand in."""
        return _COLUMNS[self.layout]

    @property
    def sequence(self) -> tuple[str, ...]:
        """The twelve leads in the order they are read, column by column."""
        return (_CABRERA if self.order == "cabrera" else LIMB_LEADS) + CHEST_LEADS

    def inverts(self, lead: str) -> bool:
        """Return whether a lead is drawn upside down: aVR in Cabrera's order."""
        return self.order == "cabrera" and lead == "aVR"

    def gain(self, lead: str) -> float:
        """Return a lead's gain, mm/mV: the chest leads' for V1 to V9, right-sided ones too, else the limb leads'."""
        return self.chest_gain if is_chest_lead(lead) else self.limb_gain

    @property
    def layout_words(self) -> str:
        """The layout with its strips as text: ``"3x4+1"``, ``"6x2+V1,V5"``, ``"single:V2"``."""
        names = ",".join(quote(lead, safe="") for lead in self.strips)
        if self.layout == "single":
            return f"single:{names}"
        if not self.strips:
            return self.layout
        usual = self.strips == USUAL_STRIPS[len(self.strips)]
        return f"{self.layout}+{len(self.strips) if usual else names}"

    @property
    def gain_words(self) -> str:
        """The gain as it is stated on the sheet."""
        if self.limb_gain == self.chest_gain:
            return f"{self.limb_gain:g} mm/mV"
        return f"limb {self.limb_gain:g} mm/mV, chest {self.chest_gain:g} mm/mV"

    def __str__(self) -> str:
        gains = dict.fromkeys((f"{self.limb_gain:g}", f"{self.chest_gain:g}"))
        return f"{self.layout_words} {self.order} {self.speed:g}mm/s {'/'.join(gains)}mm/mV"

    @classmethod
    def parse(cls, text: str) -> Format:
        """Read a format from text.

        Parameters
        ----------
        text : str
            Words in any order, each at most once; what is not given is as in ``Format()``:
            a layout (``3x4``, ``3x4+1``, ``3x4+3``, ``6x2+V1,V5``, ``12x1``, ``single:V2``),
            ``standard`` or ``cabrera``, a paper speed (``50mm/s``), a gain (``10mm/mV``, or
            limb and chest leads apart, ``10/5mm/mV``). A layout without ``+`` has no strips.

        Returns
        -------
        Format
            ``Format.parse(str(format)) == format``.

        Raises
        ------
        FormatError
            A word is not understood, stands twice, or names what is not allowed.
        """
        given: dict[str, object] = {}
        for word in text.split():
            found = _read_word(word)
            if given.keys() & found.keys():
                raise FormatError(f"{text!r} says the same thing twice: {word!r}")
            given |= found
        return cls(**given)  # type: ignore[arg-type]  # checked word by word, and again when it is made


def is_chest_lead(lead: str) -> bool:
    """Return whether a lead's name is that of a chest lead: V1 to V9, also right-sided (``"V4R"``)."""
    return lead[:1] == "V" and lead[1:2].isdigit()


def shown_name(lead: str, inverted: bool) -> str:
    """Return a lead's name as it stands on the sheet, with a minus sign where it is drawn upside down."""
    return f"−{lead}" if inverted else lead


def _read_word(word: str) -> dict[str, object]:
    plain = word.casefold()
    if plain in ORDERS:
        return {"order": plain}
    if plain.endswith("mm/mv"):
        gains = [_number(part, word) for part in plain.removesuffix("mm/mv").split("/")]
        if len(gains) > 2:
            raise FormatError(f"{word!r} names more than two gains: write limb/chest, as in 10/5mm/mV")
        return {"limb_gain": gains[0], "chest_gain": gains[-1]}
    if plain.endswith("mm/s"):
        return {"speed": _number(plain.removesuffix("mm/s"), word)}
    for layout in LAYOUTS:
        rest = word[len(layout) :]
        if plain.startswith(layout) and rest[:1] in ("", "+", ":"):
            return {"layout": layout, "strips": _strips(layout, rest, word)}
    raise FormatError(
        f"{word!r} is not understood: a layout is one of {_listed(LAYOUTS)}, with rhythm strips as in 3x4+1 or "
        f"6x2+V1,II; an order {_listed(ORDERS)}; a speed {_numbers(SPEEDS)} mm/s, as in 25mm/s; "
        f"a gain {_numbers(GAINS)} mm/mV, as in 10mm/mV or 10/5mm/mV"
    )


def _strips(layout: str, rest: str, word: str) -> tuple[str, ...]:
    sign, names = rest[:1], rest[1:]
    if layout == "single":
        if sign == "+" or (sign and not names):
            raise FormatError(f"{word!r}: the single lead is written single:V2")
        return tuple(_lead(name) for name in names.split(",")) if names else USUAL_STRIPS[1]
    if sign == ":" or (sign and not names):
        raise FormatError(f"{word!r}: rhythm strips are written {layout}+1, {layout}+3 or {layout}+V1,II")
    if names.isdecimal():
        if int(names) > MOST_STRIPS:
            raise FormatError(f"{word!r}: at most {MOST_STRIPS} rhythm strips are drawn")
        return USUAL_STRIPS[int(names)]
    return tuple(_lead(name) for name in names.split(",")) if names else ()


def _lead(name: str) -> str:
    plain = unquote(name)
    return standard_lead(plain) or plain


def _number(text: str, word: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FormatError(f"{word!r} holds no number: a speed is written 25mm/s, a gain 10mm/mV or 10/5mm/mV") from None


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)
