"""Counts the notebook cells that nbval ran, for tests/test_zz_all_ran.py."""
from collections import Counter

import matplotlib
import pytest

import d2lcnn  # noqa: F401, before any test imports MXNet

matplotlib.use("agg")


class CellCounter:
    """A plugin of its own: hooks of this file alone would not hear of the notebooks, which lie in another folder."""

    def __init__(self):
        self.passed = Counter()

    def pytest_runtest_logreport(self, report):
        path = report.nodeid.partition("::")[0]
        if report.when == "call" and path.endswith(".ipynb") and report.passed:
            self.passed[path.rpartition("/")[2]] += 1


def pytest_configure(config):
    config.pluginmanager.register(CellCounter(), "cell counter")


@pytest.fixture
def cells_that_passed(request):
    return request.config.pluginmanager.get_plugin("cell counter").passed


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "test_zz_all_ran" in item.nodeid)  # stable: it comes last
