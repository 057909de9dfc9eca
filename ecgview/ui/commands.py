"""Everything the window can be told to do, as one table: menus, keys, palette, help and docs/shortcuts.md come from it.

No Qt here: the table is read without a window. ``python -m ecgview.ui.commands docs/shortcuts.md`` writes the
list of keys; without a path it is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MENUS = ("File", "Record", "Sheet", "Measure", "Explain", "Label", "View", "Help")
"""The menus in the order of the menu bar; one without commands is left out."""

NEEDS = {
    "record": "No record is open",
    "records": "The list holds no record",
    "beats": "No beats are known of this record",
    "calipers": "There is no caliper on this record",
    "caliper": "No caliper is chosen",
    "caliper_past": "There is nothing to undo",
    "earlier": "No earlier record is known",
    "comparison": "No comparison is open",
    "explained": "Nothing is explained; choose a finding",
    "beside": "No second class is shown",
    "replaced": "Nothing is replaced",
    "label_past": "There is no label to undo",
    "label_future": "There is no label to redo",
    "worklist": "No worklist is open",
    "unblinded": "Hidden until this reading is locked",
    "readings": "No readings are open",
    "own_label": "You have not decided on the chosen class",
}
"""What commands can ask for, each with what is said while it is not so."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do.

    Attributes
    ----------
    does : str
        ``"controller.method"``: which controller of :mod:`ecgview.ui.control` does it, and by which method.
    title : str
        In the menu, the palette and the list of keys.
    menu : str
        Of the menu bar, or a path to a submenu: ``"View/Text size"``.
    keys : tuple of str
        Key sequences in Qt's portable spelling; the first is shown in the menu.
    needs : tuple of str
        Of :data:`NEEDS`; the command waits until all of them hold.
    choice : str or None
        The value the method is called with. Commands that share a method are choices of which one is ticked.
    checkable : bool
        Whether it is switched on and off; the method is called with True or False.
    choices : str or None
        Method of the same controller that returns what the submenu in place of the command holds now, as pairs
        of title and value; the command's method is called with the value chosen.
    separated : bool
        Whether the menu draws a line above it.
    also : str
        Other words it is found by in the palette.
    """

    does: str
    title: str
    menu: str
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    choice: str | None = None
    checkable: bool = False
    choices: str | None = None
    separated: bool = False
    also: str = ""

    @property
    def name(self) -> str:
        """What the command is called in the program: ``"sheet.fit"``, ``"appearance.theme:dark"``."""
        return self.does if self.choice is None else f"{self.does}:{self.choice}"

    @property
    def controller(self) -> str:
        """The controller's name."""
        return self.does.partition(".")[0]

    @property
    def method(self) -> str:
        """The method's name."""
        return self.does.partition(".")[2]

    @property
    def full_title(self) -> str:
        """The title with the submenu it stands in, as it is understood outside the menu."""
        within = self.menu.split("/")[1:]
        return ": ".join([*within, self.title.rstrip("…")])


COMMANDS: tuple[Command, ...] = (
    # File
    Command("files.open_folder", "Open folder…", "File", ("Ctrl+O",), ("unblinded",)),
    Command("files.open_files", "Open files…", "File", ("Ctrl+Shift+O",), ("unblinded",)),
    Command("files.open_recent", "Open recent", "File", needs=("unblinded",), choices="recent"),
    Command("files.open_demo", "Open the demo folder", "File", needs=("unblinded",), also="example sample generated"),
    Command("files.forget_recent", "Forget recent folders", "File", also="clear history privacy"),
    Command(
        "sharing.save_picture",
        "Save picture…",
        "File",
        ("Ctrl+S",),
        ("record", "unblinded"),
        separated=True,
        also="export pdf svg png",
    ),
    Command(
        "sharing.copy_picture",
        "Copy picture",
        "File",
        ("Ctrl+Shift+C",),
        ("record", "unblinded"),
        also="clipboard image",
    ),
    Command("sharing.print_record", "Print…", "File", ("Ctrl+P",), ("record", "unblinded"), also="paper"),
    Command("sharing.preview", "Print preview…", "File", ("Ctrl+Shift+P",), ("record", "unblinded"), also="paper page"),
    Command(
        "sharing.identity",
        "Patient identity on pictures",
        "File",
        needs=("unblinded",),
        checkable=True,
        also="name anonymous privacy print",
    ),
    Command("files.quit", "Quit", "File", ("Ctrl+Q",), separated=True, also="exit close"),
    # Record
    Command("records.next_record", "Next record", "Record", ("N", "PgDown"), ("records",)),
    Command("records.previous_record", "Previous record", "Record", ("P", "PgUp"), ("records",)),
    Command(
        "records.search",
        "Search the list",
        "Record",
        ("Ctrl+F", "/"),
        ("unblinded",),
        separated=True,
        also="find filter",
    ),
    Command("sheet.later", "Later in the record", "Record", ("Right",), ("record",), separated=True),
    Command("sheet.earlier", "Earlier in the record", "Record", ("Left",), ("record",)),
    Command("sheet.little_later", "A little later", "Record", ("Shift+Right",), ("record",), also="scroll"),
    Command("sheet.little_earlier", "A little earlier", "Record", ("Shift+Left",), ("record",), also="scroll"),
    Command("sheet.record_start", "Start of the record", "Record", ("Home",), ("record",)),
    Command("sheet.record_end", "End of the record", "Record", ("End",), ("record",)),
    Command("beats.next_unusual", "Next unusual beat", "Record", (".",), ("beats",), also="premature ectopic"),
    Command("beats.previous_unusual", "Previous unusual beat", "Record", (",",), ("beats",), also="premature ectopic"),
    Command(
        "compare.choose",
        "Compare with…",
        "Record",
        ("Ctrl+D",),
        ("record", "unblinded"),
        separated=True,
        also="side by side",
    ),
    Command(
        "compare.with_earlier",
        "Compare with the patient's earlier record",
        "Record",
        ("Ctrl+E",),
        ("earlier", "unblinded"),
        also="previous same patient",
    ),
    Command("compare.view", "Sheets", "Record/What is compared", needs=("comparison",), choice="sheet", also="both"),
    Command(
        "compare.view",
        "Average beats",
        "Record/What is compared",
        needs=("comparison",),
        choice="beats",
        also="overlay difference",
    ),
    Command("compare.end", "Close comparison", "Record", ("Ctrl+Shift+D",), ("comparison",), also="end other"),
    # Sheet
    Command("sheet.zoom_in", "Zoom in", "Sheet", ("+", "Ctrl++", "Ctrl+="), ("record",), also="larger"),
    Command("sheet.zoom_out", "Zoom out", "Sheet", ("-", "Ctrl+-"), ("record",), also="smaller"),
    Command("sheet.fit", "Whole sheet", "Sheet", ("0", "Ctrl+0"), ("record",), also="fit reset zoom"),
    Command("layouts.true_size", "True size", "Sheet", ("T",), ("record",), also="real millimetres calibrated 100 %"),
    Command("layouts.layout", "3x4", "Sheet/Layout", ("Alt+1",), choice="3x4", separated=True, also="columns rows"),
    Command("layouts.layout", "6x2", "Sheet/Layout", ("Alt+2",), choice="6x2", also="columns rows"),
    Command("layouts.layout", "12x1", "Sheet/Layout", ("Alt+3",), choice="12x1", also="columns rows"),
    Command("layouts.layout", "Single lead", "Sheet/Layout", ("Alt+4",), choice="single", also="one alone"),
    Command("layouts.lead", "Show one lead", "Sheet", choices="leads", also="single alone"),
    Command("layouts.strips", "None", "Sheet/Rhythm strips", choice="0"),
    Command("layouts.strips", "One: II", "Sheet/Rhythm strips", choice="1"),
    Command("layouts.strips", "Two: V1, II", "Sheet/Rhythm strips", choice="2"),
    Command("layouts.strips", "Three: V1, II, V5", "Sheet/Rhythm strips", choice="3"),
    Command("layouts.choose_strips", "Other leads…", "Sheet/Rhythm strips", separated=True),
    Command("layouts.order", "Standard", "Sheet/Order of the limb leads", choice="standard"),
    Command("layouts.order", "Cabrera", "Sheet/Order of the limb leads", choice="cabrera", also="aVR inverted"),
    Command("layouts.speed", "12.5 mm/s", "Sheet/Paper speed", choice="12.5"),
    Command("layouts.speed", "25 mm/s", "Sheet/Paper speed", choice="25"),
    Command("layouts.speed", "50 mm/s", "Sheet/Paper speed", choice="50"),
    Command("layouts.gain", "5 mm/mV", "Sheet/Gain", choice="5", also="amplitude"),
    Command("layouts.gain", "10 mm/mV", "Sheet/Gain", choice="10", also="amplitude"),
    Command("layouts.gain", "20 mm/mV", "Sheet/Gain", choice="20", also="amplitude"),
    Command("layouts.chest_gain", "5 mm/mV", "Sheet/Gain of the chest leads", choice="5", also="amplitude"),
    Command("layouts.chest_gain", "10 mm/mV", "Sheet/Gain of the chest leads", choice="10", also="amplitude"),
    Command("layouts.chest_gain", "20 mm/mV", "Sheet/Gain of the chest leads", choice="20", also="amplitude"),
    Command(
        "filters.diagnostic",
        "Unfiltered as recorded",
        "Sheet/Filters",
        ("D",),
        ("record",),
        separated=True,
        also="none off diagnostic raw",
    ),
    Command(
        "filters.baseline",
        "Baseline, 0.5 Hz",
        "Sheet/Filters",
        ("Shift+B",),
        ("record",),
        checkable=True,
        separated=True,
        also="wander drift high-pass",
    ),
    Command(
        "filters.mains",
        "Hum of the mains",
        "Sheet/Filters",
        ("Shift+M",),
        ("record",),
        checkable=True,
        also="notch 50 60 Hz line",
    ),
    Command("filters.low_pass", "No low-pass", "Sheet/Filters", needs=("record",), choice="0", separated=True),
    Command("filters.low_pass", "Low-pass 150 Hz", "Sheet/Filters", needs=("record",), choice="150", also="noise"),
    Command("filters.low_pass", "Low-pass 100 Hz", "Sheet/Filters", needs=("record",), choice="100", also="noise"),
    Command(
        "filters.low_pass",
        "Low-pass 40 Hz, alters ST and QRS",
        "Sheet/Filters",
        needs=("record",),
        choice="40",
        also="noise muscle",
    ),
    Command("layouts.calibrate", "Calibrate this screen…", "Sheet", separated=True, also="true size credit card"),
    # Measure
    Command("calipers.on", "Calipers", "Measure", ("C",), ("record",), checkable=True, also="interval amplitude ruler"),
    Command("calipers.add", "New caliper", "Measure", ("Shift+C",), ("record",), also="place set"),
    Command("calipers.next_caliper", "Next caliper", "Measure", needs=("calipers",), also="choose select"),
    Command("calipers.part", "Next leg of the caliper", "Measure", needs=("caliper",), also="choose select whole"),
    Command("calipers.switch_kind", "Time or amplitude", "Measure", ("A",), ("caliper",), also="height caliper kind"),
    Command("calipers.march", "March out", "Measure", ("M",), ("caliper",), checkable=True, also="repeat interval"),
    *(
        Command(
            "calipers.beats",
            str(count),
            "Measure/Beats between the legs",
            needs=("caliper",),
            choice=str(count),
            also="rate intervals caliper",
        )
        for count in range(1, 11)
    ),
    Command(
        "calipers.snap", "Snap to peaks and valleys", "Measure", checkable=True, also="magnet waves nearest caliper"
    ),
    Command("calipers.copy", "Copy caliper values", "Measure", ("Ctrl+C",), ("calipers",), also="text clipboard"),
    Command("calipers.remove", "Delete caliper", "Measure", ("Del",), ("caliper",)),
    Command("calipers.clear", "Delete all calipers", "Measure", needs=("calipers",), also="remove clear"),
    Command("calipers.undo", "Undo change of calipers", "Measure", ("Ctrl+Z",), ("caliper_past",), also="back"),
    Command("cursor.on", "Cursor", "Measure", ("X",), checkable=True, separated=True, also="crosshair values read-out"),
    Command(
        "beats.marks",
        "Marks of beats",
        "Measure",
        ("B",),
        checkable=True,
        also="overlay R peaks P QRS T onset offset fiducials delineation",
    ),
    Command("beats.ribbon", "Rhythm ribbon", "Measure", ("R",), checkable=True, also="tachogram RR rate"),
    Command("beats.speed", "25 mm/s", "Measure/Average beat", choice="25", also="median beat paper speed"),
    Command("beats.speed", "50 mm/s", "Measure/Average beat", choice="50", also="median beat paper speed"),
    Command(
        "spectra.show",
        "Spectrum and spectrogram…",
        "Measure",
        ("Ctrl+G",),
        ("record",),
        separated=True,
        also="fft fourier frequency mains hum",
    ),
    # Explain
    Command(
        "explain.on",
        "Colour the sheet",
        "Explain",
        ("O",),
        ("record", "unblinded"),
        checkable=True,
        also="why SHAP overlay",
    ),
    Command(
        "explain.choose",
        "Explain a class",
        "Explain",
        needs=("record", "unblinded"),
        choices="classes",
        also="why finding",
    ),
    Command("explain.style", "Along the trace", "Explain/Where the colour lies", choice="trace", separated=True),
    Command("explain.style", "Band behind the trace", "Explain/Where the colour lies", choice="band"),
    *(
        Command("explain.smoothing", f"{stretch} ms", "Explain/Smoothed over", choice=stretch, also="smoothing")
        for stretch in ("30", "50", "70")
    ),
    *(
        Command(
            "explain.threshold",
            f"{percent} % of the largest" if percent != "0" else "Nothing",
            "Explain/No colour below",
            choice=percent,
            also="threshold",
        )
        for percent in ("0", "2", "5", "10", "20", "40")
    ),
    Command("explain.shares", "Shares beside the leads' names", "Explain", checkable=True, also="per cent lead"),
    Command(
        "beside.with_class", "Beside another class", "Explain", needs=("explained",), choices="classes", also="two"
    ),
    Command("beside.one_scale", "One scale for both classes", "Explain", checkable=True, also="colour same"),
    Command("beside.end", "Close the other class", "Explain", needs=("beside",), also="second sheet"),
    Command(
        "what_if.choose",
        "Replace stretches",
        "Explain/What if",
        ("Shift+O",),
        ("explained",),
        checkable=True,
        separated=True,
        also="remove without background drag",
    ),
    Command("what_if.without_lead", "Replace a lead", "Explain/What if", needs=("explained",), choices="leads"),
    Command(
        "what_if.without_stretch",
        "Replace what the last caliper spans",
        "Explain/What if",
        needs=("explained", "calipers"),
        also="stretch remove",
    ),
    Command("what_if.undo", "Undo replacement", "Explain/What if", needs=("replaced",), also="back"),
    Command("what_if.clear", "Replace nothing", "Explain/What if", needs=("replaced",), also="clear"),
    Command(
        "explain.try_out",
        "Check this explanation",
        "Explain",
        needs=("explained",),
        separated=True,
        also="trust deletion faithful",
    ),
    Command(
        "population.show",
        "What classes rest on in this folder…",
        "Explain",
        needs=("records", "unblinded"),
        separated=True,
        also="population heat map many records leads waves shares table",
    ),
    # Label
    Command("review.relabel", "Relabel", "Label", ("L",), ("record",), checkable=True, also="annotate keys mode"),
    Command("review.accept", "Accept all and next", "Label", ("Ctrl+Return",), ("record",), also="confirm agree"),
    Command(
        "review.give",
        "Give a class…",
        "Label",
        ("Ctrl+L",),
        ("record", "unblinded"),
        also="search SCP SNOMED add label",
    ),
    Command("review.note", "Note on the class", "Label", needs=("own_label",), also="comment"),
    Command("review.mark", "Mark on the trace", "Label", needs=("own_label",), also="region stretch lead"),
    Command("review.undo", "Undo label", "Label", needs=("label_past",), separated=True, also="back"),
    Command("review.redo", "Redo label", "Label", needs=("label_future",), also="again"),
    Command(
        "worklist.choose",
        "Worklist…",
        "Label",
        ("W",),
        ("unblinded",),
        separated=True,
        also="queue suspect order second look",
    ),
    Command("worklist.end", "Close worklist", "Label", needs=("worklist",), also="queue"),
    Command("rounds.choose", "My readings…", "Label", ("Shift+W",), separated=True, also="round blinded disagreements"),
    Command("rounds.new", "New reading round…", "Label", needs=("unblinded",), also="study blinded sample"),
    Command("rounds.leave", "Close the readings", "Label", needs=("readings",), also="round end"),
    Command("agreement.show", "Agreement…", "Label", needs=("unblinded",), also="kappa readers table plot round"),
    Command(
        "label_files.save",
        "Export labels…",
        "Label",
        needs=("unblinded",),
        separated=True,
        also="csv json ptb-xl wfdb history",
    ),
    Command("label_files.load", "Import labels…", "Label", needs=("unblinded",), also="csv"),
    Command(
        "review.who",
        "Who is reading…",
        "Label",
        needs=("unblinded",),
        separated=True,
        also="reader name store file labels kept",
    ),
    # View
    Command("panes.record_list", "Record list", "View", ("F9",), checkable=True, also="hide show left"),
    Command("panes.facts", "Findings and facts", "View", ("F10",), checkable=True, also="hide show right"),
    Command("panes.tab", "Findings", "View/Tab", ("Ctrl+1",), choice="Findings", also="show panel"),
    Command("panes.tab", "Measurements", "View/Tab", ("Ctrl+2",), choice="Measurements", also="show panel"),
    Command("panes.tab", "Labels", "View/Tab", ("Ctrl+3",), choice="Labels", also="show panel"),
    Command("panes.tab", "Record", "View/Tab", ("Ctrl+4",), choice="Record", also="show panel facts file patient"),
    Command("panes.tab", "Beat", "View/Tab", ("Ctrl+5",), choice="Beat", also="show panel average median beat"),
    Command("panes.tab", "Why", "View/Tab", ("Ctrl+6",), choice="Why", also="show panel explanation SHAP"),
    Command("panes.next_pane", "Next pane", "View", ("F6",), also="focus keyboard"),
    Command("panes.previous_pane", "Previous pane", "View", ("Shift+F6",), also="focus keyboard"),
    Command("appearance.theme", "As the system", "View/Colours", choice="system", separated=True, also="theme"),
    Command("appearance.theme", "Light", "View/Colours", choice="light", also="theme bright paper"),
    Command("appearance.theme", "Dark", "View/Colours", choice="dark", also="theme night paper"),
    Command("appearance.theme", "High contrast", "View/Colours", choice="contrast", also="theme low vision"),
    Command("appearance.text_size", "100 %", "View/Text size", ("Ctrl+Alt+1",), choice="100", also="font"),
    Command("appearance.text_size", "125 %", "View/Text size", ("Ctrl+Alt+2",), choice="125", also="font larger"),
    Command("appearance.text_size", "150 %", "View/Text size", ("Ctrl+Alt+3",), choice="150", also="font larger"),
    Command("appearance.text_size", "200 %", "View/Text size", ("Ctrl+Alt+4",), choice="200", also="font larger"),
    # Help
    Command("help.palette", "Find a command…", "Help", ("Ctrl+K",), also="palette search"),
    Command("help.keys", "Keys", "Help", ("F1", "?"), also="shortcuts keyboard help"),
    Command("help.about", "About ecgview", "Help", also="version licence research use"),
)

MOUSE = (
    ("Wheel", "Zoom about the pointer"),
    ("Shift and wheel", "Earlier or later in the record"),
    ("Drag", "Move the sheet; while all of it is in view, move on in the record"),
    ("Double click", "Whole sheet"),
    ("Ctrl and drag", "Place or move a caliper, also while calipers are not in hand"),
)
"""What the mouse does on the sheet: how, and what."""

IN_HAND = (
    ("Tab", "Calipers: the next one"),
    ("Space", "Calipers: all of it, its first leg, its second leg"),
    ("Left or Right", "Calipers and cursor: one sample"),
    ("Shift and Left or Right", "Calipers and cursor: ten samples"),
    ("Up or Down", "Cursor: the lead above or below"),
    ("Esc", "Lay it down"),
)
"""What keys do on the sheet while calipers or cursor are on: which, and what."""


CLASS_KEYS = (
    ("N", "NORM"),
    ("S", "SR"),
    ("F", "AFIB"),
    ("P", "PACE"),
    ("E", "PVC"),
    ("V", "1AVB"),
    ("L", "LAFB"),
    ("Y", "IRBBB"),
    ("R", "CRBBB"),
    ("B", "CLBBB"),
    ("H", "LVH"),
    ("A", "ASMI"),
    ("I", "IMI"),
    ("D", "STD_"),
    ("T", "NDT"),
    ("K", "ISC_"),
)
"""While relabelling: the key that gives a frequent class; with Shift it says that the class is absent."""


@dataclass(frozen=True, slots=True)
class ModeKey:
    """A key that holds while relabelling and takes precedence over the same key of a command.

    Attributes
    ----------
    key : str
        In Qt's portable spelling.
    does : str
        As of :class:`Command`.
    says : str
        What it does, in few words.
    choice : str or None
        The value the method is called with.
    """

    key: str
    does: str
    says: str
    choice: str | None = None


RELABELLING = (
    ModeKey("+", "review.decide", "The chosen class is present", "present"),
    ModeKey("-", "review.decide", "The chosen class is absent", "absent"),
    ModeKey("U", "review.decide", "The chosen class is uncertain", "uncertain"),
    ModeKey("1", "review.sure", "Certain", "1"),
    ModeKey("2", "review.sure", "Likely", "0.75"),
    ModeKey("3", "review.sure", "Possible", "0.5"),
    ModeKey("C", "review.note", "Note on the class"),
    ModeKey("M", "review.mark", "Mark on the trace: drag, or the chosen caliper"),
    ModeKey("Backspace", "review.take_back", "Take the label back"),
    ModeKey("/", "review.give", "Give another class"),
    ModeKey("Up", "review.walk", "Choose the class above", "-1"),
    ModeKey("Down", "review.walk", "Choose the class below", "1"),
    ModeKey("Return", "review.accept", "Accept all and next"),
    ModeKey("Enter", "review.accept", "Accept all and next"),
    ModeKey("Ctrl+Z", "review.undo", "Undo label"),
    ModeKey("Ctrl+Y", "review.redo", "Redo label"),
    ModeKey("Ctrl+Shift+Z", "review.redo", "Redo label"),
    ModeKey("Esc", "review.stop", "End relabelling"),
)
"""What keys do while relabelling, besides those of the classes."""


def relabelling_rows() -> list[tuple[str, str]]:
    """Return the keys that hold while relabelling, as they are listed: which, and what they do."""
    from ecgview.model.vocabulary import statements

    names = statements()
    rows = [(f"{key} or Shift+{key}", f"{names[code].name}: present, or absent") for key, code in CLASS_KEYS]
    said: dict[str, list[str]] = {}
    for entry in RELABELLING:
        said.setdefault(entry.says, []).append(entry.key)
    return rows + [(" or ".join(keys), says) for says, keys in said.items()]


def grouped() -> Iterator[tuple[str, list[Command]]]:
    """Give the commands of each menu, submenus where they stand."""
    for menu in MENUS:
        commands = [command for command in COMMANDS if command.menu.split("/")[0] == menu]
        if commands:
            yield menu, commands


def shortcuts_page() -> str:
    """Return the page of keys, in Markdown."""
    lines = [
        "# Keys",
        "",
        "Made from the table of commands (`ecgview/ui/commands.py`) by `make shortcuts`. What has no key is reached",
        "by the menus (Alt and the underlined letter) or found by Ctrl+K.",
    ]
    for menu, commands in grouped():
        lines += ["", f"## {menu}", "", "| Keys | Command |", "|--|--|"]
        for command in commands:
            keys = " or ".join(f"`{key}`" for key in command.keys)
            lines.append(f"| {keys} | {command.full_title} |")
    lines += ["", "## While relabelling", "", "| Keys | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in relabelling_rows()]
    lines += ["", "## Calipers and cursor in hand", "", "| Keys | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in IN_HAND]
    lines += ["", "## Mouse on the sheet", "", "| Mouse | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in MOUSE]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page of keys to the path given, or print it; return the exit code."""
    if len(arguments) > 1:
        print("usage: python -m ecgview.ui.commands [FILE]", file=sys.stderr)
        return 2
    if arguments:
        Path(arguments[0]).write_text(shortcuts_page(), encoding="utf-8")
    else:
        print(shortcuts_page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
