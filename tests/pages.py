"""What the tests of the book and of `make run` share: a page's links, and a lesson that is hard to show."""
import base64
from html.parser import HTMLParser

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .notebooks import KERNEL, ROOT


class Page(HTMLParser):
    """The anchors of a page, its links as (tag, address), and its text."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.text = {""}, [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes.get("id"), attributes.get("name")}
        self.links += [(tag, attributes[name]) for name in ("href", "src", "data", "poster") if attributes.get(name)]
        self.links += [(tag, each.split()[0]) for each in attributes.get("srcset", "").split(",") if each.strip()]

    def handle_data(self, data):
        self.text += data


def between(start, end, html):
    return html.split(start, 1)[1].split(end, 1)[0]


PNG = base64.b64encode((ROOT / "notebooks" / "img" / "plateau.png").read_bytes()).decode()


def small_lesson():
    """A lesson of the parts that are hard to show: a fold, a formula in it, two pictures, a hidden source, a widget."""
    view = {"model_id": "of a kernel that is gone", "version_major": 2, "version_minor": 0}
    picture = new_output("display_data", {"image/png": PNG, "application/vnd.jupyter.widget-view+json": view})
    return new_notebook(metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}, cells=[
        new_markdown_cell("# 0. Small\n\n**Is it small?**\n\n- see it;\n\n**Before** [itself](00_small.ipynb).\n\n"
                          "**Time** 7 minutes to read and do. The whole page runs in about 9 seconds on 2 CPU cores."),
        new_markdown_cell("![](img/plateau.png) and <img src='img/plateau.png' width='90'>".replace("'", '"')),
        new_markdown_cell("<details><summary>Answer</summary>\n\nSince $a^2$:\n\n```python\nf(7)\n```\n\n</details>"),
        new_code_cell("hidden = 1", metadata={"jupyter": {"source_hidden": True}}),
        new_code_cell("visible = 2", outputs=[picture], execution_count=1)])
