"""What is done to the notebooks besides reading them: `python -m tests.notebooks export` and `… store NAME`."""
import os
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def export(folder=ROOT / "d2lcnn" / "models"):
    """Write the cells that start with `#| export` of all notebooks to modules in `folder`.

    `#| export zfnet` goes to `zfnet.py`, others to the notebook's `#| default_exp`. This is nbdev's `nb_export`, which
    would append to a second module instead of writing it anew.
    """
    from nbdev.export import ExportModuleProc
    from nbdev.maker import ModuleMaker
    from nbdev.process import NBProcessor
    for path in NOTEBOOKS:
        if "#| default_exp" not in path.read_text(encoding="utf-8"):
            continue
        found = ExportModuleProc()
        NBProcessor(path, [found]).process()
        for module, cells in found.modules.items():
            name = found.default_exp if module == "#" else module
            ModuleMaker(dest=folder, name=name, nb_path=path).make(cells, found.in_all[module], lib_path=folder)


def normalized(notebook):
    """Return the notebook without what differs between machines: versions, cell ids, times, paths in tracebacks."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": tags} if tags else {}
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
    return notebook


def store(name):
    """Execute `notebooks/<name>.ipynb` and keep its outputs in it."""
    from nbclient import NotebookClient
    path = ROOT / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": path.parent}},
                   coalesce_streams=True).execute()
    nbformat.write(normalized(notebook), path)


if __name__ == "__main__":
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    match sys.argv[1:]:
        case ["export"]:
            export()
        case ["store", *names]:
            for each in names:
                store(each)
        case _:
            sys.exit("usage: python -m tests.notebooks export | store NAME ...")
