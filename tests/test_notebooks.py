"""What a reader is promised of every notebook, seen in its file; nbval runs the cells themselves."""
import ast
import re
import subprocess
import sys

from d2lcnn.slides import claims

import nbformat
import pytest

from .notebooks import NOTEBOOKS, ROOT, export, normalized

TAGS = {"nbval-ignore-output", "raises-exception"}
all_notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def text_of(output):
    return "".join([output.get("text", ""), *(v for k, v in output.get("data", {}).items() if k.startswith("text/")),
                    *output.get("traceback", [])])


def test_the_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS][:1] == ["00_start_here"] and "06_lenet" in {p.stem for p in NOTEBOOKS}


@all_notebooks
def test_it_is_stored_executed_in_order_and_normalized(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert [cell.execution_count for cell in cells(path, "code")] == list(range(1, len(cells(path, "code")) + 1))
    assert notebook == normalized(nbformat.read(path, 4)), "store it with: make store NB=" + path.stem


@all_notebooks
def test_stored_outputs_are_clean(path):
    for cell in cells(path, "code"):
        for output in cell.outputs:
            text = text_of(output)
            assert output.get("name") != "stderr" and "Warning" not in text, text
            assert not re.search(r"(?<![\w.:/])/(home|root|tmp|work|Users|usr|opt)/", text), text
            if output.output_type == "error":
                assert "raises-exception" in cell.metadata.tags
            widget = "application/vnd.jupyter.widget-view+json" in output.get("data", {})
            assert not widget or {"image/png", "text/html"} & set(output.data), "a widget with nothing to see"


@all_notebooks
def test_no_cell_is_skipped_and_exempt_cells_assert_or_only_draw(path):
    compared = 0
    for cell in cells(path, "code"):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= TAGS and "nbval" not in cell.source.lower(), "no markers in comments, no skipping"
        compared += bool(cell.outputs) and "nbval-ignore-output" not in tags
        if "raises-exception" in tags:
            assert [output.output_type for output in cell.outputs] == ["error"], "it must raise"
        if "nbval-ignore-output" in tags and re.search(r"\b(train|fit)\(", cell.source):
            assert "assert " in cell.source, f"a training cell must assert what it reaches:\n{cell.source}"
    assert compared >= 3


@all_notebooks
def test_pictures_and_links_are_local_and_present(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r"!\[[^]]*]\(https?:|<img[^>]+src=.https?:", cell.source), "a picture from the network"
        for alt, target in re.findall(r"!\[([^]]*)]\(([^)\s]+)", cell.source):
            assert alt and (path.parent / target).is_file(), target
        for target in re.findall(r"(?<!!)\[[^]]*]\((?!https?:|#)([^)\s]+)\)", cell.source):
            assert (path.parent / target).exists(), target


@all_notebooks
def test_it_has_the_skeleton_of_every_notebook(path):
    source = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    headings = re.findall(r"^# .*", source, re.M)
    number = int(path.stem[:2])
    assert len(headings) == 1 and (number == 0 or headings[0].startswith(f"# {number}. "))
    if number:
        for part in ("**Builds on**", "**Takes**", "## Checked against the slides", "## What we learned", "**Next:**"):
            assert part in source, part
    assert all(len(line) <= 79 for cell in cells(path, "code") for line in cell.source.splitlines())


def handed_in(path):
    """The claim ids that a notebook's calls of check_slides name."""
    calls = [node for cell in cells(path, "code") if "check_slides" in cell.source
             for node in ast.walk(ast.parse(cell.source))
             if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("check_slides")]
    return [keyword.arg for call in calls for keyword in call.keywords]


@all_notebooks
def test_each_computable_claim_is_handed_in_by_the_notebook_that_owns_it(path):
    own = [name for name, row in claims().items() if row["notebook"] == path.stem and row["right"] is not None]
    assert sorted(handed_in(path)) == own


def test_the_exported_networks_are_those_of_the_notebooks(tmp_path):
    export(tmp_path)

    def modules(folder):  # nbdev's comments hold the path from there to the notebook
        return {file.name: re.sub(r"\S*/notebooks/", "notebooks/", file.read_text())
                for file in folder.glob("*.py") if file.name != "__init__.py"}
    assert "lenet.py" in modules(tmp_path)
    assert modules(ROOT / "d2lcnn" / "models") == modules(tmp_path), "write them with: make export"


@pytest.mark.parametrize("change, verdict", [
    (lambda source, output: (source, output), "passed"),
    (lambda source, output: (source, output.replace("56", "57")), "failed"),
    (lambda source, output: ("assert 1 + 1 == 3\n" + source, output), "failed"),
    (lambda source, output: ("import warnings\nwarnings.warn('careful')\n" + source, output), "failed"),
], ids=["unchanged", "number changed", "assertion changed", "new warning"])
def test_nbval_compares_what_a_cell_shows_with_what_is_stored(tmp_path, change, verdict):
    source, output = change("7 * 8", "56")
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=[nbformat.v4.new_output(
        "execute_result", {"text/plain": output}, execution_count=1)])
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-p", "no:cacheprovider"]
    run = subprocess.run([sys.executable, "-m", "pytest", *options, path], capture_output=True, text=True)
    assert f"1 {verdict}" in run.stdout, run.stdout + run.stderr


def test_a_run_without_the_notebooks_does_not_pass():
    options = ["-p", "no:cacheprovider", "notebooks", "tests/test_slides.py", "--ignore-glob=*.ipynb"]
    run = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert NOTEBOOKS[0].name in run.stdout and NOTEBOOKS[-1].name in run.stdout
