"""How the long experiments keep their results: `python data/results/NAME.py` writes `data/results/NAME.csv`."""
import platform
import sys
from datetime import date
from pathlib import Path

import pandas as pd

import d2lcnn


def record(rows):
    """Write `rows`, a list of dicts, beside the script that runs, under a head that says how they came about.

    Called again after every run of an experiment, so that nothing is lost when it is stopped.
    """
    script = Path(sys.argv[0]).resolve()
    head = [f"command: python data/results/{script.name} {' '.join(sys.argv[1:])}".rstrip(),
            f"date: {date.today()}", f"machine: {d2lcnn.CORES} core{'s' * (d2lcnn.CORES > 1)} of {processor()}"]
    table = pd.DataFrame(rows).to_csv(index=False)
    script.with_suffix(".csv").write_text("".join(f"# {line}\n" for line in head) + table, encoding="utf-8")


def processor():
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
