"""Runs after everything else: a run in which a notebook was not executed and compared does not pass."""
import nbformat
import pytest

from .notebooks import NOTEBOOKS, ROOT


def test_every_cell_of_every_notebook_was_executed_and_compared(cells_that_passed, request):
    if not {"notebooks", str(ROOT / "notebooks")} & set(request.config.args):
        pytest.skip("the notebooks were not asked for")
    expected = {path.name: sum(cell.cell_type == "code" for cell in nbformat.read(path, 4).cells)
                for path in NOTEBOOKS}
    assert dict(cells_that_passed) == expected and sum(expected.values()) > 0
