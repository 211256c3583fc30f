"""JupyterLab, the book and the pages of `make run` in a real browser: `make browser`."""
import importlib.util
import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def skip_without_browser():
    """Leave the calling module out where there is no Chromium, or nothing that drives it."""
    if not CHROMIUM or not importlib.util.find_spec("playwright"):
        pytest.skip("left out: `make browser` runs these tests, where there is a Chromium", allow_module_level=True)
