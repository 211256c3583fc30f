"""Counts the notebook cells that nbval ran, for tests/test_zz_all_ran.py."""
from collections import Counter

import matplotlib
import pytest

import d2lcnn  # noqa: F401, before any test imports MXNet

matplotlib.use("agg")
ran = Counter()


def pytest_configure(config):
    config.addinivalue_line("markers", "real: with the project's own file")


def pytest_runtest_logreport(report):
    path, _, cell = report.nodeid.partition("::")
    if report.when == "call" and path.endswith(".ipynb") and report.passed:
        ran[path.removeprefix("notebooks/")] += 1


@pytest.fixture
def cells_that_passed():
    return ran


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "test_zz_all_ran" in item.nodeid)  # stable: these come last
