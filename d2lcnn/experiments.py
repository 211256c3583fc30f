"""Experiments that take longer than a reader waits: a script in `data/results` runs one and keeps its CSV beside it.

First used in notebook 06.
"""
import os
import platform
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd

from . import CORES
from .files import DATA
from .stop import StopButton

__all__ = ["load_experiment", "run_experiment"]


def load_experiment(name):
    """Return `data/results/<name>.csv` as a DataFrame: settings, results, the seconds each run took and its date.

    The script `data/results/<name>.py` made it; the first line of the CSV names the machine. Raises ValueError if
    there is no such record.
    """
    path = DATA / "results" / f"{name}.csv"
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in path.parent.glob("*.csv")))
        raise ValueError(f"no record {name!r}: take one of {names}, or make it with python data/results/{name}.py")
    return _rows(path)


def run_experiment(settings, run):
    """Run an experiment once per setting and return the rows of the CSV beside the running script, as a DataFrame.

    A row holds a setting (a dict of numbers and texts), the dict that `run(**setting)` returns, the seconds it took,
    and the date. The file is written after every run, and settings that it already holds are skipped: a script that
    was stopped resumes where it stood. What else was changed in the script is not noticed: delete the file to record
    anew. A run that the stop button (Ctrl-C) cut short is no result: it ends the script. Raises ValueError if the file
    has other settings or was recorded on another machine, and RuntimeError outside a script.
    """
    script = Path(getattr(sys.modules["__main__"], "__file__", "") or "")
    if script.suffix != ".py" or script.stem in ("__main__", "ipykernel_launcher"):  # python -m …, or a notebook
        raise RuntimeError("run_experiment keeps its CSV beside the script that calls it, and this is none: put the "
                           "call into a file such as data/results/my_experiment.py and run that")
    path = script.resolve().with_suffix(".csv")
    machine = f"{CORES} core{'s' * (CORES > 1)} of {_cpu()}"
    head = f"# recorded by python data/results/{script.name} on {machine}\n"
    rows = _rows(path).to_dict("records") if path.exists() else []
    for setting in settings:
        if rows and not setting.keys() <= rows[0].keys():
            raise ValueError(f"{path.name} has the columns {', '.join(rows[0])}, not {', '.join(setting)}: "
                             "delete it to record anew")
        if any(all(row[name] == value for name, value in setting.items()) for row in rows):
            continue
        if rows and f" on {machine}\n" not in path.read_text(encoding="utf-8"):
            raise ValueError(f"{path.name} was not recorded on {machine}: resume it there, or delete it to record anew")
        start, stops = time.perf_counter(), StopButton.stops
        result = run(**setting)
        if StopButton.stops > stops:
            raise KeyboardInterrupt(f"stopped while {setting} ran: it is not recorded")
        rows.append(setting | result | {"seconds": round(time.perf_counter() - start, 1),
                                        "recorded": str(date.today())})
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
