"""Sphinx's settings for the book; `build.py` calls it."""
import json
import os

project = html_title = "d2lcnn"
extensions = ["myst_nb"]
include_patterns = ["*.md", "api/*.md", "data/README.md", "notebooks/**.ipynb"]
exclude_patterns = ["**.ipynb_checkpoints"]

nb_execution_mode = "off"  # the notebooks are stored executed
nb_merge_streams = True
nb_mime_priority_overrides = [("*", "application/vnd.jupyter.widget-view+json", None)]  # a widget's picture instead
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
mathjax_path = "tex-svg-full.js"  # one file, which needs no fonts and no network
mathjax3_config = {"options": {"enableMenu": False}}  # as in JupyterLab
html_static_path = ["mathjax/tex-svg-full.js", "book.css"]
html_css_files = ["book.css"]

html_theme = "sphinx_book_theme"
html_theme_options = {"home_page_in_toc": True, "show_toc_level": 2, "navbar_persistent": []}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system
html_show_search_summary = False  # from disk, a page cannot fetch another to quote it
html_copy_source = True
html_sourcelink_suffix = ""

# REPOSITORY=https://github.com/owner/name adds the links to the repository and to Binder.
repository = os.environ.get("REPOSITORY", "").rstrip("/")
if repository:
    html_theme_options |= {
        "repository_url": repository, "repository_branch": os.environ.get("BRANCH", "main"),
        "use_repository_button": True, "use_source_button": True, "use_issues_button": True,
        "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}}


def fold_hidden_sources(app, docname, source):
    """Let a code cell whose source JupyterLab hides be folded in the book too: myst-nb knows the tag only."""
    if app.env.doc2path(docname).suffix == ".ipynb":
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            if cell["metadata"].get("jupyter", {}).get("source_hidden"):
                cell["metadata"].setdefault("tags", []).append("hide-input")
        source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", fold_hidden_sources)
