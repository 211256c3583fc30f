"""The book builds from the stored outputs without a warning, its links hold, and it asks nothing of a network."""
import re
import shutil
import subprocess
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from .notebooks import LABS, LESSONS, ROOT
from .pages import Page, between, small_lesson

PYTHON = ROOT / ".venv-book" / "bin" / "python"
if not (PYTHON.parent.parent / "ready").exists():
    pytest.skip("the book was left out: `make book` installs what builds it", allow_module_level=True)


def build(root, target):
    """Build the book of the course in `root`; return the exit status and what was printed, warnings among it."""
    done = subprocess.run([PYTHON, root / "book" / "build.py", target], text=True, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the course's book, Sphinx's exit status, and what it said."""
    folder = tmp_path_factory.mktemp("book")
    return folder, *build(ROOT, folder)


@pytest.fixture(scope="module")
def book(built):
    """The pages of the course's book, by their paths."""
    return {path: Page(path) for path in built[0].rglob("*.html") if "_static" not in path.parts}


def test_it_builds_without_a_warning(built):
    folder, status, printed = built
    assert status == 0 and not printed, printed


def test_every_notebook_has_a_page_that_the_first_page_leads_to(book, built):
    folder = built[0]
    linked = {(folder / href).resolve() for _, href in book[folder / "index.html"].links}
    for path in LESSONS + LABS:
        page = folder / path.relative_to(ROOT).with_suffix(".html")
        assert page in linked
        title = nbformat.read(path, 4).cells[0].source.splitlines()[0].lstrip("# ")
        assert title in book[page].text


def test_every_link_within_the_book_leads_to_a_file_and_an_anchor(book):
    followed, broken = 0, []
    for path, page in book.items():
        for _, address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            followed += 1
            if not target.is_file() or target in book and unquote(parts.fragment) not in book[target].anchors:
                broken.append(f"{path.name}: {address}")
    assert not broken
    assert followed > 50 * len(book)  # the navigation alone has more


def test_no_page_style_or_script_is_fetched_from_outside(book, built):
    outside = [f"{path.name}: <{tag}> {address}" for path, page in book.items() for tag, address in page.links
               if tag != "a" and urlsplit(address).scheme not in ("", "data")]
    used = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")]+)")
    outside += [f"{path.name}: {address}" for path in built[0].rglob("*.css")
                for address in used.findall(path.read_text(encoding="utf-8"))]
    assert not outside
    scripts = [address for page in book.values() for tag, address in page.links if tag == "script"]
    assert any("/tex-svg-full.js" in address for address in scripts)


def test_the_library_is_explained_name_by_name(book, built):
    import d2lcnn
    functions = {name for name in d2lcnn.__all__ if getattr(getattr(d2lcnn, name), "__doc__", None)
                 and getattr(getattr(d2lcnn, name), "__module__", "").startswith("d2lcnn.")}
    links = book[built[0] / "api" / "d2lcnn.html"].links
    linked = {urlsplit(address).fragment.rpartition(".")[2] for _, address in links}
    assert functions - linked == set()


@pytest.fixture
def small_course(tmp_path):
    """A course with one lesson, of the parts that are hard to show; returns its folder and the lesson."""
    course = tmp_path / "a course"
    for name in "notebooks", "data", "d2lcnn":
        (course / name).mkdir(parents=True)
    shutil.copytree(ROOT / "book", course / "book")
    shutil.copytree(ROOT / "notebooks" / "img", course / "notebooks" / "img")
    for name in "README.md", "CONTRIBUTING.md", "data/README.md":
        (course / name).write_text(f"# {name}\n")
    (course / "d2lcnn" / "__init__.py").write_text('"""A library."""\nfrom .one import f\n__all__ = ["f"]\n')
    (course / "d2lcnn" / "one.py").write_text('"""A module."""\n\n\ndef f(x, *, y=2**3):\n    """Return `x`."""\n')
    path = course / "notebooks" / "00_small.ipynb"
    nbformat.write(small_lesson(), path)
    for name in ("index.md", "instructors.md"):  # their words speak of the course's own pages
        text = (course / "book" / name).read_text(encoding="utf-8")
        marks = re.findall(r"<!-- [a-z]+ -->", text) + ["<!-- 00_small -->"] * (name == "instructors.md")
        (course / "book" / name).write_text("# Title\n\n## Part\n\n" + "\n\n".join(marks))
    return course, path


def test_a_lesson_keeps_its_folds_its_formulas_and_the_picture_of_a_widget(small_course, tmp_path):
    course, _ = small_course
    assert build(course, tmp_path / "book") == (0, "")
    html = (tmp_path / "book" / "notebooks" / "00_small.html").read_text(encoding="utf-8")
    answer = between("<summary>Answer</summary>", "</details>", html)
    assert r"\(a^2\)" in answer and 'class="highlight' in answer
    assert "hidden" in between('<details class="admonition hide above-input">', "</details>", html)
    assert "_images/" in between("visible", "</article>", html) and "widget-view" not in html
    assert "launch" not in html and "mybinder" not in html  # there is no address yet
    plan = (tmp_path / "book" / "instructors.html").read_text(encoding="utf-8")
    assert all(part in plan for part in ("<p>Is it small?</p>", "do: 7<", "Computing: about 9 seconds<", "see it;"))
    assert re.search(r'href="notebooks/00_small.html"><span [^>]*>itself</span>', plan)


def test_a_broken_link_picture_or_heading_stops_the_build_with_its_place(small_course, tmp_path):
    course, path = small_course
    lesson = nbformat.read(path, 4)
    lesson.cells.append(new_markdown_cell("[next](01_missing.ipynb) ![](img/missing.png)\n\n#### one level skipped"))
    nbformat.write(lesson, path)
    status, printed = build(course, tmp_path / "book")
    assert status != 0
    places = [line for line in printed.splitlines() if "notebooks/00_small.ipynb" in line]
    for mistake in "01_missing", "img/missing.png", "Non-consecutive header":
        assert any(mistake in line for line in places), printed


def test_an_address_of_the_repository_adds_the_links_to_launch(small_course, tmp_path, monkeypatch):
    course, _ = small_course
    monkeypatch.setenv("REPOSITORY", "https://github.com/someone/some-course")
    assert build(course, tmp_path / "book") == (0, "")
    html = (tmp_path / "book" / "notebooks" / "00_small.html").read_text(encoding="utf-8")
    assert "https://mybinder.org/v2/gh/someone/some-course/main?urlpath=lab/tree/notebooks/00_small.ipynb" in html
    assert "https://github.com/someone/some-course/blob/main/notebooks/00_small.ipynb" in html
