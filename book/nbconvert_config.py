"""nbconvert's settings for `make run`: one file, which shows its formulas and pictures without a network."""
import base64
import mimetypes
import re
from pathlib import Path

BOOK = Path(__file__).resolve().parent


def embed_pictures(notebook, resources):
    """Put the pictures that Markdown cells name into the cells. (With nbconvert's own option folds lose their text.)"""
    def embed(found):
        path = Path(resources["metadata"]["path"], found[2])
        return f"{found[1]}data:{mimetypes.guess_type(path)[0]};base64,{base64.b64encode(path.read_bytes()).decode()}"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r'(!\[[^]]*\]\(|<img [^>]*?src=")(?!\w+:)([^)"\s]+)', embed, cell.source)
    return notebook, resources


c = get_config()  # noqa: F821, nbconvert defines it
c.NbConvertApp.log_level = "ERROR"
c.TemplateExporter.extra_template_basedirs = [str(BOOK)]
c.TemplateExporter.extra_template_paths = [str(BOOK / "mathjax")]
c.HTMLExporter.template_name = "page"
c.HTMLExporter.preprocessors = [embed_pictures]
c.ExecutePreprocessor.store_widget_state = False  # a widget needs a kernel: its picture is shown
