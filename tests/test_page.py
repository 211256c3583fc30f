"""A page of `make run` is one file that shows formulas, pictures and folded cells without a network."""
import re
import subprocess
import sys

import nbformat

from .notebooks import LESSONS, ROOT
from .pages import PNG, Page, between, small_lesson


def test_a_page_carries_its_mathjax_and_its_pictures_and_asks_for_nothing(tmp_path):
    nbformat.write(small_lesson(), tmp_path / "page.ipynb")
    (tmp_path / "img").symlink_to(ROOT / "notebooks" / "img")
    subprocess.run([sys.executable, "-m", "nbconvert", f"--config={ROOT / 'book' / 'nbconvert_config.py'}", "--to=html",
                    "page.ipynb"], cwd=tmp_path, check=True, timeout=120)
    page = Page(tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    fetched = [address for tag, address in page.links if tag != "a" and not address.startswith("data:")]
    assert not fetched and "cdnjs" not in html and "unpkg" not in html
    assert (ROOT / "book" / "mathjax" / "tex-svg-full.js").read_text(encoding="utf-8") in html
    assert [address for tag, address in page.links if tag == "img"] == 3 * [f"data:image/png;base64,{PNG}"]
    answer = between("<summary>Answer</summary>", "</details>", html)
    assert "$a^2$" in answer and "highlight" in answer
    assert "hidden" in between("<summary>Code of this cell</summary>", "</details>", html)
    assert html.count("<details>") == 2 and "visible" in html


def test_the_instructors_page_speaks_of_every_lesson():
    marks = re.findall(r"<!-- (\d\w+) -->", (ROOT / "book" / "instructors.md").read_text(encoding="utf-8"))
    assert marks == [path.stem for path in LESSONS]
