"""What authors do with the notebooks: `python -m tests.notebooks export | store NAME … | handout [FOLDER]`."""
import ast
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LABS = sorted((ROOT / "notebooks" / "labs").glob("[0-9][0-9]_*.ipynb"))
APPENDIX = [path for path in [ROOT / "notebooks" / "slides_checked.ipynb"] if path.exists()]
NOTEBOOKS = LESSONS + LABS + APPENDIX
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
SOLUTION = re.compile(r"<details>\s*<summary>Solution.*?</details>\n?", re.S)
CHECK = re.compile(r"d2lcnn\.check\(\s*\"([\w.]+)\"")


def export(folder=ROOT / "d2lcnn" / "models"):
    """Write the cells tagged `export:NAME` of all notebooks, in order, to `NAME.py` in `folder`."""
    modules = {}
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, 4).cells:
            for tag in cell.metadata.get("tags", []):
                if tag.startswith("export:"):
                    part = cell.source.strip(), path.relative_to(ROOT).as_posix()
                    modules.setdefault(tag.removeprefix("export:"), []).append(part)
    for name, parts in modules.items():
        sources, pages = zip(*parts, strict=True)
        tree = ast.parse("\n".join(sources))
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        names += [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
        head = f'"""Made by `make export` from {" and ".join(dict.fromkeys(pages))}: change it there."""\n'
        body = "\n\n\n".join(sources)
        (folder / f"{name}.py").write_text(f"{head}{body}\n\n__all__ = {sorted(names)}\n", encoding="utf-8")


def normalized(notebook):
    """Return the notebook without what differs between machines: versions, cell ids, times, paths in tracebacks."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        tags = list(cell.metadata.get("tags", []))
        hidden = cell.cell_type == "code" and (
            "hide-input" in tags or cell.metadata.get("jupyter", {}).get("source_hidden"))
        if hidden and "hide-input" not in tags:
            tags.append("hide-input")
        cell.metadata = ({"tags": tags} if tags else {}) | ({"jupyter": {"source_hidden": True}} if hidden else {})
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


def exercises(path):
    """Return a list of (name of an exercise, source of its stub, source of its solution, what the page defined before).

    The solution is the code in the `<details>` that follows the stub under the summary "Solution"; what the page
    defined are its imports, functions and classes.
    """
    found, defined, waiting = [], [], []
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            if name := CHECK.search(cell.source):
                waiting.append((name[1], cell.source, "\n".join(defined)))
            elif not {"raises-exception"} & set(cell.metadata.get("tags", [])):
                defined += [ast.unparse(node) for node in ast.parse(cell.source).body if isinstance(
                    node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)]
            continue
        for fold in SOLUTION.findall(cell.source):
            code = re.findall(r"```python\n(.*?)```", fold, re.S)
            if waiting and code:
                name, stub, before = waiting.pop(0)
                found.append((name, stub, "\n".join(code), before))
    return found + [(name, stub, None, before) for name, stub, before in waiting]


def handout(folder=ROOT / "handout"):
    """Write all lessons and labs into `folder` without the solutions of exercises; hints and checks stay."""
    for path in LESSONS + LABS:
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = SOLUTION.sub("", cell.source).strip()
        notebook.cells = [cell for cell in notebook.cells if cell.source]
        target = Path(folder) / path.relative_to(ROOT / "notebooks")
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    shutil.copytree(ROOT / "notebooks" / "img", Path(folder) / "img", dirs_exist_ok=True)
    shutil.copy(ROOT / "notebooks" / "18_train.py", folder)


if __name__ == "__main__":
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    match sys.argv[1:]:
        case ["export"]:
            export()
        case ["store", *names]:
            for each in names:
                store(each)
        case ["handout", *folder]:
            handout(*map(Path, folder))
        case _:
            sys.exit("usage: python -m tests.notebooks export | store NAME ... | handout [FOLDER]")
