"""The numbers of the five lecture decks that the course grew from, against ours. First used in notebook 01."""
import csv
import json
from decimal import Decimal
from html import escape

from .device import to_numpy
from .files import DATA

__all__ = ["SlideTable", "check_slides", "claims"]


def claims():
    """Return the rows of `data/slides/claims.csv` as a dict of dicts by id; `right` is parsed where it is given."""
    with (DATA / "slides" / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    for row in rows.values():
        row["right"] = json.loads(row["right"], parse_float=Decimal) if row["right"] else None
    return rows


def _plain(value):
    """The value with arrays, MXNet's or NumPy's, as nested lists."""
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else to_numpy(value).tolist()


def _agrees(value, right):
    """Whether a computed value is `right`: to the digits written, and for "<1e-5" by its size."""
    if isinstance(right, list):
        return isinstance(value, list) and len(value) == len(right) and all(map(_agrees, value, right))
    if isinstance(right, str):
        return abs(float(value)) < float(right[1:]) if right.startswith("<") else value == right
    half_a_digit = 0.5 * 10.0 ** right.as_tuple().exponent if isinstance(right, Decimal) else 0
    return abs(float(value) - float(right)) <= half_a_digit * (1 + 1e-6)


class SlideTable(list):
    """The claims of one notebook that the slides get wrong or state inconsistently, and how many others agree."""

    def __init__(self, rows, agreeing, rounded):
        super().__init__(rows)
        count = agreeing + rounded
        self.last_line = f"{count} further number{'s' * (count != 1)} of the slides recomputed: "
        self.last_line += f"{agreeing} agree{'s' * (agreeing == 1)} exactly"
        self.last_line += f", {rounded} after rounding." if rounded else "."

    def __repr__(self):
        lines = [f"{r['id']} {r['topic']}: slides {r['slide']}, right {r['shown']} ({r['verdict']}: {r['reason']})"
                 for r in self]
        return "\n".join([*lines, self.last_line])

    def _repr_html_(self):
        names = ("topic", "the slides", "computed here", "why")
        head = "".join(f'<th style="text-align: left">{name}</th>' for name in names)
        body = "".join("<tr>" + "".join(f'<td style="text-align: left">{escape(str(cell))}</td>' for cell in (
            r["topic"], r["slide"], r["shown"], f"{r['verdict']}: {r['reason']}")) + "</tr>" for r in self)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self else ""
        return f"{table}<p>{self.last_line}</p>"


def check_slides(**values):
    """Compare computed values with the slides' claims, by claim id: `check_slides(C042=156, C048=61_706)`.

    All claims of one notebook that have a computable value are handed in at once. A value is a number or a nested
    list of numbers; decimals must agree to the digits that `data/slides/claims.csv` gives. Returns the table of the
    claims that the slides get wrong or state inconsistently, and counts the others. Raises ValueError naming the claim
    for a value that differs from the right one, an unknown or uncomputable id, a missing claim, or ids of several
    notebooks.
    """
    rows = claims()
    values = {name: _plain(value) for name, value in values.items()}
    for name, value in values.items():
        if name not in rows or rows[name]["right"] is None:
            raise ValueError(f"{name} is no claim with a computable value: see data/slides/claims.csv")
        try:
            right = _agrees(value, rows[name]["right"])
        except (TypeError, ValueError):  # not a number where one is due
            right = False
        if not right:
            raise ValueError(f"{name} ({rows[name]['topic']}): computed {value}, right is {rows[name]['right']}")
    notebooks = {rows[name]["notebook"] for name in values}
    if len(notebooks) != 1:
        raise ValueError(f"hand in the claims of one notebook, got those of {sorted(notebooks)}")
    own = {name: row for name, row in rows.items() if row["notebook"] in notebooks}
    missing = [name for name, row in own.items() if row["right"] is not None and name not in values]
    if missing:
        raise ValueError(f"claims of {notebooks.pop()} not handed in: {', '.join(missing)}")
    table = [dict(row, shown=_shown(values.get(name), row["right"])) for name, row in own.items()
             if row["verdict"] in ("wrong", "inconsistent")]
    return SlideTable(table, *(sum(rows[name]["verdict"] == verdict for name in values)
                               for verdict in ("correct", "rounded")))


def _shown(value, right):
    """The computed value as the table prints it; claims about facts have none."""
    if right is None:
        return "—"
    if isinstance(right, list):
        return ", ".join(map(_shown, value, right))
    if isinstance(right, str):
        return right
    return f"{int(value):,}" if isinstance(right, int) else f"{float(value):.4g}"
