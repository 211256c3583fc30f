"""Notebook 01 on machines that are imitated: contexts of the CPU play GPUs, or a GPU is counted that is not there."""
import nbformat
import pytest
from nbclient import NotebookClient

from .notebooks import ROOT

GPUS = """
import d2lcnn, mxnet
from mxnet import npx
npx.num_gpus = lambda: {count}
if {works}:
    npx.gpu = lambda i=0: mxnet.cpu(10 + i)
"""


@pytest.mark.parametrize("count, works", [(1, True), (2, True), (1, False)], ids=["1 GPU", "2 GPUs", "a broken GPU"])
def test_the_notebook_on_gpus_runs_with(count, works):
    notebook = nbformat.read(ROOT / "notebooks" / "01_gpus.ipynb", 4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(GPUS.format(count=count, works=works)))
    notebook.cells.append(nbformat.v4.new_code_cell("print(device)"))
    resources = {"metadata": {"path": ROOT / "notebooks"}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    assert notebook.cells[-1].outputs[0].text.strip() == ("cpu(10)" if works else "cpu(0)")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.text for output in outputs if output.get("name") == "stderr"]
    assert bool(said) != works and all("counted but does not compute" in text for text in said)
