"""What a reader is promised of every notebook, seen in its file; nbval runs the cells themselves."""
import re
import subprocess
import sys

from d2lcnn.slides import claims

import nbformat
import pytest

from .notebooks import LABS, LESSONS, NOTEBOOKS, ROOT, SOLUTION, export, handout, normalized

TAGS = {"nbval-ignore-output", "raises-exception", "hide-input"}
all_notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
all_lessons = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def prose(path):
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def text_of(output):
    return "".join([output.get("text", ""), *(v for k, v in output.get("data", {}).items() if k.startswith("text/")),
                    *output.get("traceback", [])])


def test_every_notebook_stands_in_the_readmes_tables():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((notebooks/[\w/]+\.ipynb)\)", readme)
    assert linked == [path.relative_to(ROOT).as_posix() for path in LESSONS + LABS] + [
        "notebooks/slides_checked.ipynb"]
    assert [path.stem[:2] for path in LESSONS] == [f"{i:02d}" for i in range(len(LESSONS))]


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
        assert {tag for tag in tags if not tag.startswith("export:")} <= TAGS, tags
        assert "nbval" not in cell.source.lower() and "#|" not in cell.source, "no markers that the reader sees"
        compared += bool(cell.outputs) and "nbval-ignore-output" not in tags
        if "raises-exception" in tags:
            assert [output.output_type for output in cell.outputs] == ["error"], "it must raise"
        if "nbval-ignore-output" in tags and re.search(r"\b(train|fit)\(", cell.source):
            assert "assert " in cell.source, f"a training cell must assert what it reaches:\n{cell.source}"
    assert compared >= (3 if path in LESSONS else 1)


@all_notebooks
def test_pictures_and_links_are_local_and_present(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r"!\[[^]]*]\(https?:|<img[^>]+src=.https?:", cell.source), "a picture from the network"
        for alt, target in re.findall(r"!\[([^]]*)]\(([^)\s]+)", cell.source):
            assert alt and (path.parent / target).is_file(), target
        for target in re.findall(r"(?<!!)\[[^]]*]\((?!https?:|#)([^)\s]+)\)", cell.source):
            assert (path.parent / target).exists(), target


@all_notebooks
def test_it_has_one_heading_a_question_and_short_lines(path):
    headings = re.findall(r"^# .*", prose(path), re.M)
    assert len(headings) == 1
    if path in LESSONS and path.stem[:2] != "00":
        assert headings[0].startswith(f"# {int(path.stem[:2])}. ")
    if path in LESSONS + LABS:
        assert re.search(r"^\*\*[^*]+\?\*\*$", cells(path, "markdown")[0].source, re.M), "a question in bold on top"
    assert all(len(line) <= 79 for cell in cells(path, "code") for line in cell.source.splitlines())
    summaries = re.findall(r"<summary>(.*?)</summary>", prose(path))
    assert not [text for text in summaries if re.search(r"[$`*]", text)], "a summary is HTML: <i>x</i>, <code>x</code>"


@pytest.mark.parametrize("path", [path for path in LESSONS if path.stem[:2] != "00"], ids=lambda path: path.stem)
def test_a_lesson_has_the_skeleton_asks_and_lets_the_reader_do(path):
    text = prose(path)
    for part in ("After this lesson you can", "**Before**", "**Time**", "## What we learned", "## Check yourself",
                 "**Next**"):
        assert part in text, part
    assert len(nbformat.read(path, 4).cells) <= 48
    assert len(re.findall(r"\*\*Predict", text)) >= 2
    checks = [cell for cell in cells(path, "code") if "d2lcnn.check(" in cell.source]
    assert len(checks) >= 2 and len(SOLUTION.findall(text)) >= len(checks)
    assert all(re.search(r"^not yet", text_of(output), re.M) for cell in checks for output in cell.outputs)
    questions = text.partition("## Check yourself")[2].partition("\n## ")[0]
    assert 5 <= questions.count("<details>") <= 9
    assert text.count("<details>") == text.count("</details>")


@all_lessons
def test_no_lesson_speaks_of_the_lecture_decks(path):
    found = re.findall(r"[^.]*\bslides?\b(?! (?:over|along|across|down|right|left|a kernel|the))[^.]*", prose(path))
    allowed = [text for text in found if "A slide says" in text or path.stem == "00_start_here"]
    assert found == allowed


def test_the_appendix_compares_each_computable_claim_once():
    shown = [line.split(" | ")[0] for cell in cells(ROOT / "notebooks" / "slides_checked.ipynb", "code")
             if "slides.check(" in cell.source for output in cell.outputs
             for line in output.data["text/plain"].splitlines()]
    assert sorted(shown) == sorted(row["topic"] for row in claims().values() if row["right"] is not None)
    assert not any("slides" in cell.source for path in LESSONS + LABS for cell in cells(path, "code"))


def test_the_exported_networks_are_those_of_the_notebooks(tmp_path):
    export(tmp_path)

    def modules(folder):
        return {file.name: file.read_text() for file in folder.glob("*.py") if file.name != "__init__.py"}
    assert "lenet.py" in modules(tmp_path)
    assert modules(ROOT / "d2lcnn" / "models") == modules(tmp_path), "write them with: make export"


def test_the_handout_has_the_hints_but_no_solution_and_runs(tmp_path):
    handout(tmp_path)
    names = [path.relative_to(ROOT / "notebooks") for path in LESSONS + LABS]
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.ipynb")) == sorted(names)
    for name in names:
        assert "<summary>Solution" not in prose(tmp_path / name)
        assert prose(tmp_path / name).count("<summary>Hint") == prose(ROOT / "notebooks" / name).count("<summary>Hint")
    quick = next(path for path in tmp_path.glob("03_*.ipynb"))
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-p", "no:cacheprovider"]
    run = subprocess.run([sys.executable, "-m", "pytest", *options, quick], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


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
