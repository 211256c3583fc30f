"""Experiments that take longer than a reader waits: a script in `data/results` runs one and keeps its CSV beside it.

First used in notebook 06.
"""
import os
import platform
import signal
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd

from . import CORES
from .files import DATA

__all__ = ["record", "recorded"]


def recorded(name):
    """Return `data/results/<name>.csv` as a DataFrame, and print when, how and where it was recorded.

    Raises ValueError if there is no such record.
    """
    path = DATA / "results" / f"{name}.csv"
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in path.parent.glob("*.csv")))
        raise ValueError(f"no record {name!r}: take one of {names}, or make it with python data/results/{name}.py")
    with path.open(encoding="utf-8") as file:
        print(next(file).removeprefix("# ").strip())
    return _rows(path)


def record(settings, run):
    """Run an experiment once per setting and return the rows of the CSV beside the running script, as a DataFrame.

    A row holds a setting (a dict of numbers and texts), the dict that `run(**setting)` returns, and the seconds that
    took. The file is written after every run, and settings that it holds already are passed over: a script that was
    stopped goes on where it stood. What else was changed in the script is not noticed: delete the file to record anew.
    Ctrl-C ends the script at once. Raises ValueError if the file has other settings or is of another machine.
    """
    script = Path(sys.argv[0]).resolve()
    path = script.with_suffix(".csv")
    machine = f"{CORES} core{'s' * (CORES > 1)} of {_cpu()}"
    head = f"# recorded {date.today()} by python data/results/{script.name} on {machine}\n"
    rows = _rows(path).to_dict("records") if path.exists() else []
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # train would obey and return what it has, as if it were a result
    for setting in settings:
        if rows and not setting.keys() <= rows[0].keys():
            raise ValueError(f"{path.name} has the columns {', '.join(rows[0])}, not {', '.join(setting)}: "
                             "delete it to record anew")
        if any(all(row[name] == value for name, value in setting.items()) for row in rows):
            continue
        if rows and f" on {machine}\n" not in path.read_text(encoding="utf-8"):
            raise ValueError(f"{path.name} was not recorded on {machine}: go on there, or delete it to record anew")
        start = time.perf_counter()
        rows.append(setting | run(**setting) | {"seconds": round(time.perf_counter() - start, 1)})
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(head + pd.DataFrame(rows).to_csv(index=False), encoding="utf-8")
        os.replace(unfinished, path)
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def _rows(path):
    return pd.read_csv(path, skiprows=1, keep_default_na=False, na_values=[""], float_precision="round_trip")


def _cpu():
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
