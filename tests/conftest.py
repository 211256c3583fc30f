"""Tests run side by side, one core each, and a run must have executed and compared every cell of every notebook."""
import os
import signal
from collections import Counter

import nbformat
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # and the kernels that it starts
    os.environ["OMP_NUM_THREADS"] = "1"  # not what d2lcnn set for the process that started this one

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts its background jobs
    signal.signal(signal.SIGINT, signal.default_int_handler)

import d2lcnn  # noqa: F401, before any test imports MXNet

import matplotlib

from .notebooks import NOTEBOOKS, ROOT

matplotlib.use("agg")


class CellCounter:
    """A plugin of its own: hooks of this file alone would not hear of the notebooks, which lie in another folder."""

    def __init__(self):
        self.passed = Counter()

    def pytest_runtest_logreport(self, report):
        path = report.nodeid.partition("::")[0]
        if report.when == "call" and path.endswith(".ipynb") and report.passed:
            self.passed[path.rpartition("/")[2]] += 1

    def unproven(self):
        """The notebooks of which not every code cell has passed."""
        return [path.name for path in NOTEBOOKS if self.passed[path.name] != sum(
            cell.cell_type == "code" for cell in nbformat.read(path, 4).cells)]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        config, option = session.config, session.config.option
        part = option.keyword or option.collectonly or hasattr(config, "workerinput")
        if {"notebooks", str(ROOT / "notebooks")} & set(config.args) and not part and self.unproven():
            print("\nFAILED: not executed and compared to the last cell:", *self.unproven())
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_configure(config):
    config.pluginmanager.register(CellCounter(), "cell counter")
