"""The book and a page of `make run`, opened from disk in a browser."""
import subprocess
import sys

import pytest

from ..notebooks import ROOT
from . import skip_without_browser

skip_without_browser()
TYPESET = """() => {
  const all = [...document.querySelectorAll('.math')];
  return all.length > 0 && all.every(m => m.querySelector('mjx-container')) && !document.querySelector('mjx-merror');
}"""
BROKEN = "() => [...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def book(chromium, tmp_path_factory):
    """The folder of the built book."""
    if not (ROOT / ".venv-book" / "ready").exists():
        pytest.skip("the book was left out: `make book` installs what builds it")
    folder = tmp_path_factory.mktemp("book")
    subprocess.run([ROOT / ".venv-book" / "bin" / "python", ROOT / "book" / "build.py", folder])  # see test_book.py
    return folder


def opened(page, path):
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return page


def test_every_page_of_the_book_shows_its_formulas_and_pictures_and_fits_a_narrow_window(new_page, book):
    page, typeset, sideways = new_page(), 0, []
    for path in sorted(path for path in book.rglob("*.html") if "_static" not in path.parts):
        opened(page, path)
        assert page.evaluate(BROKEN) == [], path
        if page.locator(".math").count():
            page.wait_for_function(TYPESET)
            typeset += 1
        for width in 1280, 390:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate(TOO_WIDE) > 0:
                sideways.append((path.name, width))
    assert not sideways
    assert typeset > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_book_is_light_or_dark_as_the_system_is(new_page, book, scheme):
    page = opened(new_page(scheme=scheme), book / "notebooks" / "04_channels.html")
    page.locator("mjx-container").first.wait_for()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(ground) < 60 if scheme == "dark" else min(ground) > 240


def test_the_book_finds_a_word_and_opens_the_page_at_it(new_page, book):
    page = opened(new_page(), book / "index.html")
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("pooling")
    page.keyboard.press("Enter")
    page.locator(".search li a").first.wait_for()
    assert page.locator(".search li a").filter(has_text="Pooling").count() > 0


def test_a_page_of_make_run_shows_its_formulas_and_pictures(new_page, chromium, tmp_path):
    subprocess.run([sys.executable, "-m", "nbconvert", f"--config={ROOT / 'book' / 'nbconvert_config.py'}", "--to=html",
                    f"--output-dir={tmp_path}", ROOT / "notebooks" / "04_channels.ipynb"], check=True, timeout=300)
    page = opened(new_page(), tmp_path / "04_channels.html")
    page.locator("mjx-container").first.wait_for()
    assert page.evaluate(BROKEN) == []
    assert "$" not in page.locator(".jp-MarkdownCell").first.inner_text()
    assert page.locator("mjx-container").count() > 10 and page.locator("mjx-merror").count() == 0
