"""The numbers of the five lectures that the course grew from, against ours. Used in the appendix `slides_checked`."""
import csv
import json
from decimal import Decimal
from html import escape

from .device import to_numpy
from .files import DATA

__all__ = ["LECTURES", "SlideTable", "Slides", "claims"]

# the names of the lectures in the tables, by their ids in the file
LECTURES = {"D0": "Intel", "D1": "CS231n", "D2": "Amazon", "D3": "university", "D4": "Texas"}


def claims():
    """Return the rows of `data/slides/claims.csv` as a dict of dicts by id; `right` is parsed where it is given."""
    with (DATA / "slides" / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    for row in rows.values():
        row["right"] = json.loads(row["right"], parse_float=Decimal) if row["right"] else None
        row["lecture"] = LECTURES[row["deck"]]
    return rows


class SlideTable(list):
    """Rows of claims, shown as a table, in HTML or as text; `columns` has the heading and the key of each column."""

    def __init__(self, rows, columns, last_line=""):
        super().__init__(rows)
        self.columns, self.last_line = columns, last_line

    def __repr__(self):
        lines = [" | ".join(row[key] for key in self.columns.values()) for row in self]
        return "\n".join([*lines, self.last_line]).strip()

    def _repr_html_(self):
        def tr(tag, cells):
            return "<tr>" + "".join(f'<{tag} style="text-align: left">{cell}</{tag}>' for cell in cells) + "</tr>"
        rows = [{key: escape(row[key]) for key in self.columns.values()} for row in self]
        for row in rows:
            if row["verdict"] in ("wrong", "inconsistent"):
                row["verdict"] = f"<b>{row['verdict']}</b>"
        return (f"<table><thead>{tr('th', self.columns)}</thead><tbody>"
                + "".join(tr("td", row.values()) for row in rows) + f"</tbody></table><p>{self.last_line}</p>")


class Slides:
    """Compares values with what the slides say, claim by claim, and keeps them for the tables at the end."""

    def __init__(self):
        self.claims = claims()

    def check(self, values):
        """Compare a dict of claims and computed values; return their `SlideTable`.

        A claim is named by its topic in `data/slides/claims.csv`, or by the beginning of it if no other topic begins
        so. A value is a number or a nested list of numbers, arrays included; decimals must agree to the digits that
        the file gives. Raises ValueError naming the claim for a value that differs from the right one, a name that
        fits no claim or several, a claim without a computable value, and one that is handed in twice.
        """
        rows = []
        for name, value in values.items():
            row, value = self._find(name), _plain(value)
            if row["right"] is None:
                raise ValueError(f"{row['id']} ({row['topic']}) has no value to compute: see data/slides/claims.csv")
            if "computed" in row:
                raise ValueError(f"{row['id']} ({row['topic']}) is handed in for the second time")
            try:
                right = _agrees(value, row["right"])
            except (TypeError, ValueError):  # not a number where one is due
                right = False
            if not right:
                raise ValueError(f"{row['id']} ({row['topic']}): computed {value}, right is {_text(row['right'])}")
            row["computed"] = _shown(value, row["right"])
            rows.append(row)
        return SlideTable(rows, {"what": "topic", "lecture": "lecture", "the slide": "slide", "computed": "computed",
                                 "verdict": "verdict"})

    def mistakes(self, lecture):
        """Return the `SlideTable` of what a lecture, such as "Intel", gets wrong, states inconsistently or rounds.

        Claims about facts, which no code can compute, are among them, with a dash for the value. Raises ValueError for
        an unknown lecture, and one naming the claims of this lecture that could be computed and were not handed in.
        """
        if lecture not in LECTURES.values():
            raise ValueError(f"no lecture {lecture!r}: take one of {', '.join(LECTURES.values())}")
        own = [row for row in self.claims.values() if row["lecture"] == lecture]
        computable = [row for row in own if row["right"] is not None]
        missing = [f"{row['id']} ({row['topic']})" for row in computable if "computed" not in row]
        if missing:
            raise ValueError(f"claims of {lecture} that were not handed in: {', '.join(missing)}")
        order = ["wrong", "inconsistent", "rounded"]
        rows = sorted([{"computed": "—", **row} for row in own if row["verdict"] in order],
                      key=lambda row: order.index(row["verdict"]))
        columns = {"what": "topic", "the slide": "slide", "computed": "computed", "verdict": "verdict", "why": "reason"}
        count = sum(row["verdict"] == "correct" for row in computable)
        return SlideTable(rows, columns, f"Correct values of this lecture: {count}.")

    def _find(self, name):
        """The row of the claim whose topic is `name` or else, alone among all, begins with it."""
        found = [row for row in self.claims.values() if row["topic"].startswith(name)]
        found = [row for row in found if row["topic"] == name] or found
        if len(found) != 1:
            raise ValueError(f"{name!r} must be the beginning of one claim's topic, it is that of {len(found)}: "
                             "see data/slides/claims.csv")
        return found[0]


def _plain(value):
    """The value with arrays, MXNet's or NumPy's, as nested lists."""
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else to_numpy(value).tolist()


def _agrees(value, right):
    """Whether a computed value is `right`: to the digits written, and for "<1e-5" by its size."""
    if isinstance(right, list):
        return isinstance(value, list) and len(value) == len(right) and all(map(_agrees, value, right))
    if isinstance(right, str):
        return abs(float(value)) < float(right[1:])
    half_a_digit = 0.5 * 10.0 ** right.as_tuple().exponent if isinstance(right, Decimal) else 0
    return abs(float(value) - float(right)) <= half_a_digit * (1 + 1e-6)


def _text(right):
    """The right value as the file writes it."""
    return f"[{', '.join(map(_text, right))}]" if isinstance(right, list) else str(right)


def _shown(value, right):
    """The computed value as the tables print it: a decimal with four digits or all that are right."""
    if isinstance(right, list):
        parts = [*map(_shown, value, right)]
        return (" / " if isinstance(right[0], list) else "; " if "," in "".join(parts) else ", ").join(parts)
    if isinstance(right, str):
        return right
    if isinstance(right, int):
        return f"{int(value):,}"
    return f"{float(value):.{max(4, len(right.as_tuple().digits))}g}"
