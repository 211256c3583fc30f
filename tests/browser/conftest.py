"""A Chromium and the JupyterLab that `make lab` opens, on a copy of the course: what the tests do is not kept."""
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..notebooks import KERNEL, ROOT
from . import CHROMIUM

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # without these Chromium itself asks the network
SCREENSHOTS = Path(__file__).parent / "screenshots"
COPIED = ["Makefile", "setup.sh", "requirements.lock", "requirements-gpu.lock", "pyproject.toml", "notebooks"]


@pytest.fixture(scope="session")
def chromium():
    """The browser, headless."""
    from playwright.sync_api import sync_playwright  # the environment of learners has none
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, request):
    """A function that opens a page of a given size and color scheme.

    At the end of a test the page is photographed. An error in the page or its console, or a request that leaves the
    machine, fails the test.
    """
    pages, troubles = [], []

    def seen(address):
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|file:|data:|blob:|about:|devtools:", address):
            troubles.append(f"it asks {address}")

    def open_page(width=1280, height=900, scheme="light"):
        page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.set_default_timeout(120_000)  # the machine may be busy
        page.on("request", lambda asked: seen(asked.url))
        page.on("websocket", lambda socket: seen(socket.url))
        page.on("requestfailed", lambda asked: troubles.append(f"no answer: {asked.url} ({asked.failure})"))
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("console", lambda said: said.type == "error" and troubles.append(f"console: {said.text}"))
        pages.append(page)
        return page

    open_page.troubles = troubles
    yield open_page
    SCREENSHOTS.mkdir(exist_ok=True)
    for page in pages:
        if not page.is_closed():
            page.screenshot(path=SCREENSHOTS / f"{request.node.name}.png")
            page.close()
    assert not troubles


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A copy of the course in a folder with a space in its name; data, library and environment are links."""
    folder = tmp_path_factory.mktemp("a course", numbered=False)
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for entry in [ROOT / "data", ROOT / "d2lcnn", *(ROOT / ".venv").iterdir()]:
        (folder / entry.relative_to(ROOT)).symlink_to(entry)
    (folder / ".venv" / "ready").unlink()
    (folder / ".venv" / "ready").touch()  # nothing is installed from here
    return folder


@pytest.fixture(scope="session")
def lab(chromium, course):
    """The address that `make lab` prints in the copy of the course."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    for kind in "_CONFIG", "_DATA", "_RUNTIME", "LAB_WORKSPACES", "LAB_SETTINGS":  # apart from the user's own
        environment[f"JUPYTER{kind}_DIR"] = str(course / "jupyter" / kind)
    config = course / "jupyter" / "_CONFIG" / "jupyter_lab_config.py"
    config.parent.mkdir(parents=True)
    config.write_text("c.LabApp.expose_app_in_browser = True  # the tests ask it what is connected and executed\n")
    log = course / "jupyter" / "log"
    with log.open("w") as output:
        server = subprocess.Popen(["make", "lab"], cwd=course, env=environment, stdout=output, stderr=output,
                                  start_new_session=True)
    end = time.monotonic() + 120
    while not (printed := re.findall(r"http://127\.0\.0\.1:\d+/lab\S*", log.read_text())):
        assert server.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.2)
    yield printed[0]
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(60)


class Notebook:
    """A notebook that is open in JupyterLab: what its cells say, and ways to run them."""

    WIDGET = "window.jupyterapp?.shell.currentWidget"

    def __init__(self, page, lab, path):
        """End the kernels of earlier tests, open `path` of the folder of notebooks, and wait for its kernel."""
        self.page, self.path = page, path
        address, _, token = lab.partition("?")
        server = address.partition("/lab")[0]
        for session in page.request.get(f"{server}/api/sessions?{token}").json():
            page.request.delete(f"{server}/api/sessions/{session['id']}?{token}")
        page.goto(f"{server}/lab/tree/notebooks/{path}?reset&{token}")
        # Before it is connected, JupyterLab says "idle" and loses what is run.
        page.wait_for_function(f"{self.WIDGET}?.sessionContext?.session?.kernel?.connectionStatus === 'connected'")

    def command(self, name):
        self.page.evaluate("name => void jupyterapp.commands.execute(name)", name)

    def run_all(self):
        """Run every cell and return the cells."""
        self.command("notebook:clear-all-cell-outputs")
        self.command("notebook:run-all-cells")
        self.wait_until_run(len(self.cells()))
        return self.cells()

    def run_above(self, index):
        """Run the cells above this one."""
        self.cell(index)  # JupyterLab means the active one
        self.command("notebook:clear-all-cell-outputs")
        self.command("notebook:run-all-above")
        self.wait_until_run(index)

    def wait_until_run(self, count):
        """Wait for the first cells. (JupyterLab's own promise ends at the first error, expected or not.)"""
        self.page.wait_for_function(
            f"count => [...{self.WIDGET}.content.model.cells].slice(0, count).every("
            "c => c.type !== 'code' || c.executionCount && c.executionState === 'idle')", arg=count, timeout=300_000)

    def cells(self):
        return nbformat.from_dict(self.page.evaluate(f"{self.WIDGET}.content.model.toJSON()")).cells

    def find(self, text):
        """Return the number of the first code cell with this text, counted from 0."""
        return next(i for i, cell in enumerate(self.cells()) if cell.cell_type == "code" and text in cell.source)

    def cell(self, index):
        """Scroll to a cell, counted from 0, and return its place in the page."""
        self.page.evaluate(f"async i => {{ const n = {self.WIDGET}.content; n.activeCellIndex = i; "
                           "await n.scrollToItem(i); }", index)
        return self.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{index}"]')

    def press_shift_enter(self, index):
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def fill_in(self, index, source):
        """Replace a cell's source as by pasting, and run it."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")

    def wait_for_output(self, index, text):
        self.cell(index).locator(".jp-OutputArea").get_by_text(text).first.wait_for()


@pytest.fixture
def open_notebook(lab, course):
    """A function that opens a notebook of the course, or one made of these cells: (kind, source) pairs."""
    def open_it(page, cells):
        if not isinstance(cells, str):
            made = {"code": new_code_cell, "markdown": new_markdown_cell}
            notebook = new_notebook(cells=[made[kind](source) for kind, source in cells],
                                    metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
            cells = f"made_{time.monotonic_ns()}.ipynb"
            nbformat.write(notebook, course / "notebooks" / cells)
        return Notebook(page, lab, cells)
    return open_it
