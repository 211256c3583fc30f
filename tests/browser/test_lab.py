"""What a learner does in JupyterLab, done in a browser."""
import nbformat

from ..notebooks import ROOT
from . import skip_without_browser

skip_without_browser()
IMPORT = ("code", "import d2lcnn\nfrom mxnet import np")
EXPLORER = [IMPORT, ("code", "d2lcnn.explore_kernels(np.arange(36).reshape(6, 6) ** 2, {'sum': np.ones((2, 2))})")]


def said(cell):
    """What a cell printed or showed as text."""
    return "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_make_lab_opens_00_and_its_first_cell_finds_the_environment_sound(new_page, lab):
    page = new_page()
    page.goto(lab)
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus"
                           " === 'connected'")
    assert page.evaluate("jupyterapp.shell.currentWidget.context.path") == "notebooks/00_start_here.ipynb"
    first = page.locator(".jp-CodeCell").first
    first.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    first.get_by_text("[OK]").first.wait_for()
    assert "[FAIL]" not in first.inner_text()


def test_a_whole_lesson_runs_and_only_cells_that_are_meant_to_fail_do(new_page, open_notebook):
    notebook = open_notebook(new_page(), "04_channels.ipynb")
    stored = nbformat.read(ROOT / "notebooks" / "04_channels.ipynb", 4).cells
    cells = notebook.run_all()
    assert len(cells) == len(stored)
    for cell, before in zip(cells, stored, strict=True):
        kinds = [output.output_type for output in cell.get("outputs", [])]
        assert ("error" in kinds) == ("raises-exception" in before.metadata.get("tags", [])), cell
        assert bool(kinds) == bool(before.get("outputs")), cell


def test_a_slider_of_the_kernel_explorer_changes_the_numbers(new_page, open_notebook):
    page = new_page()
    notebook = open_notebook(page, "02_convolutions.ipynb")
    explorer = notebook.find("d2lcnn.explore_kernels(")
    notebook.run_above(explorer)
    notebook.press_shift_enter(explorer)
    output = notebook.cell(explorer).locator(".jp-OutputArea")
    sliders, picture = output.get_by_role("slider"), output.locator("img.widget-image, .widget-image img")
    picture.wait_for()
    before, pictures = output.locator(".widget-readout").all_inner_texts(), [picture.get_attribute("src")]
    for index in range(2):  # row, column
        sliders.nth(index).focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("([image, before]) => image.src !== before",
                               arg=[picture.element_handle(), pictures[-1]])
        pictures.append(picture.get_attribute("src"))
    assert output.locator(".widget-readout").all_inner_texts() == [str(int(number) + 1) for number in before]


def test_the_stop_button_ends_a_training_and_keeps_its_history(new_page, open_notebook):
    page = new_page()
    training = ("data = d2lcnn.load_data_fashion_mnist(64, examples=60_000)\nfrom d2lcnn.models.lenet import lenet\n"
                "history = d2lcnn.fit(lenet(), data, num_epochs=10, lr=0.1)")
    notebook = open_notebook(page, [IMPORT, ("code", training), ("code", "0 < len(history.batch_loss) < 9_000")])
    for index in range(2):
        notebook.press_shift_enter(index)
    notebook.cell(1).locator(".jp-OutputArea img").wait_for()
    page.locator('[data-jp-item-name="interrupt"]').click()
    notebook.wait_for_output(1, "interrupted in epoch")
    notebook.press_shift_enter(2)
    notebook.wait_for_output(2, "True")
    outputs = notebook.cells()[1].outputs
    assert not [output for output in outputs if output.output_type == "error"]
    assert [output for output in outputs if "image/png" in output.get("data", {})], "the curve is gone"


def test_a_solution_opens_and_closes_by_a_click_with_its_formula_and_code(new_page, open_notebook):
    page = new_page()
    fold = ("<details><summary>Solution</summary>\n\nThe sum of $k^2$ products:\n\n"
            "```python\n(X * K).sum()\n```\n\n</details>")
    notebook = open_notebook(page, [("markdown", "# Exercise"), ("markdown", fold)])
    cell = notebook.cell(1)
    summary, code, formula = cell.locator("summary"), cell.locator("pre code"), cell.locator("mjx-container")
    for visible in (False, True, False):
        code.wait_for(state="visible" if visible else "hidden")
        assert formula.is_visible() == visible
        summary.click()
    assert code.text_content().strip() == "(X * K).sum()" and code.locator("span").count() > 0, "no colors"


def test_an_exercise_says_not_yet_names_a_mistake_and_ticks_the_solution_of_its_fold(new_page, open_notebook):
    page = new_page()
    notebook = open_notebook(page, "02_convolutions.ipynb")
    task = notebook.find('d2lcnn.check("convolutions.corr2d"')
    check = notebook.cells()[task].source.splitlines()[-1]
    notebook.run_above(task)
    notebook.press_shift_enter(task)
    notebook.wait_for_output(task, "not yet")
    notebook.cell(task + 1).get_by_text("Solution", exact=True).click()
    solution = notebook.cell(task + 1).locator("pre code").last.inner_text()
    notebook.fill_in(task, solution.replace("* K)", "* K[::-1, ::-1])") + "\n" + check)
    notebook.wait_for_output(task, "✗ convolutions.corr2d")
    assert "The kernel is flipped" in said(notebook.cells()[task])
    notebook.fill_in(task, solution + "\n" + check)
    notebook.wait_for_output(task, "✓ convolutions.corr2d")


def pictures(notebook):
    """The place of the first picture of each cell that has one, as the page shows it."""
    for index, cell in enumerate(notebook.cells()):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            picture = notebook.cell(index).locator(".jp-OutputArea img").first
            picture.wait_for()
            yield picture


def test_a_lesson_shows_the_stored_pictures_before_anything_runs(new_page, open_notebook):
    notebook = open_notebook(new_page(), "02_convolutions.ipynb")
    widths = [picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
              for picture in pictures(notebook)]
    assert len(widths) > 5 and min(widths) > 50


def test_the_kernel_explorer_keeps_its_picture_when_its_kernel_is_gone(new_page, open_notebook):
    page = new_page()
    notebook = open_notebook(page, EXPLORER)
    notebook.run_all()
    notebook.cell(1).get_by_role("slider").first.wait_for()
    notebook.command("docmanager:save")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    page.close()
    reopened = open_notebook(new_page(), notebook.path)
    assert [picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
            for picture in pictures(reopened)] == [True]


def test_both_themes_keep_every_output_readable(new_page, open_notebook):
    """Text of outputs has the contrast of WCAG AA, 4.5, to what lies behind it; pictures bring their own ground."""
    page = new_page()
    notebook = open_notebook(page, "04_channels.ipynb")
    for theme in "JupyterLab Dark", "JupyterLab Light":
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        seen = 0
        for index, cell in enumerate(notebook.cells()):
            if cell.get("outputs"):
                for contrast, text in notebook.cell(index).evaluate(CONTRASTS):
                    assert contrast >= 4.5, f"{theme}, cell {index}: {text!r} has a contrast of {contrast:.1f}"
                    seen += 1
                for picture in notebook.cell(index).locator(".jp-OutputArea img").all():
                    assert picture.evaluate(CORNER_ALPHA) == 255, f"cell {index}: a picture on the page's own ground"
        assert seen > 20


CONTRASTS = """cell => {
  const luminance = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(cell.querySelector('.jp-OutputArea'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest('.jp-OutputPrompt')) continue;
    const [a, b] = [numbers(getComputedStyle(element).color), ground(element)].map(luminance).sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), text]);
  }
  return found;
}"""

CORNER_ALPHA = """async image => {
  await image.decode();
  const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, 1, 1).data[3];
}"""


def test_a_narrow_window_cuts_nothing_off(new_page, open_notebook):
    page = new_page(width=700, height=900)
    notebook = open_notebook(page, "04_channels.ipynb")
    notebook.command("application:toggle-left-area")
    for index, cell in enumerate(notebook.cells()):
        place = notebook.cell(index)
        for picture in place.locator("img").all():
            assert picture.evaluate("image => image.decode().then(() => image.getBoundingClientRect().right)") <= 700
        if cell.cell_type == "markdown":
            assert place.evaluate("cell => cell.scrollWidth - cell.clientWidth") <= 1, cell.source
