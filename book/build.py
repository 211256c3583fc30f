"""Build the book: `python book/build.py FOLDER` writes it to FOLDER, from the outputs stored in the notebooks.

Nothing is executed and nothing of the course is imported: the pages about d2lcnn are read from its source.
"""
import ast
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
from sphinx.cmd.build import build_main

BOOK = Path(__file__).resolve().parent
ROOT = BOOK.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LABS = sorted((ROOT / "notebooks" / "labs").glob("[0-9][0-9]_*.ipynb"))
APPENDIX = sorted((ROOT / "notebooks").glob("slides_checked.ipynb"))
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "data/README.md")]
MODULES = sorted(p for p in (ROOT / "d2lcnn").rglob("*.py") if p.name != "__main__.py")


def header(path):
    """Return what a notebook says of itself before its first code cell, by names.

    These are its title, question and aims, what is needed before, the minutes of reading and doing, and how long it
    computes. What it does not say is an empty string.
    """
    text = ""
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            break
        text += cell.source + "\n\n"
    text = re.sub(r"\]\((?!\w+:)", f"]({path.parent.relative_to(ROOT)}/", text)  # links as seen from the book's top

    def first(pattern):
        found = re.search(pattern, text, re.M)
        return found[1].strip() if found else ""

    return {"title": first(r"^# (.+)"), "question": first(r"^\*\*(.+\?)\*\*$"),
            "minutes": first(r"^\*\*Time\*\* (.+?) minutes"), "computing": first(r" runs in (.+?) on .*cores"),
            "needs": first(r"^\*\*Before\*\* (.+?)\.?$"), "aims": "\n".join(re.findall(r"^- .+$", text, re.M))}


def table(paths, *columns):
    """Return a Markdown table with a row for each notebook: its title as a link, then these parts of its header."""
    rows = [["title", *columns], ["---"] * (1 + len(columns))]
    for path in paths:
        about = header(path)
        rows.append([f"[{about['title']}]({path.relative_to(ROOT)})", *(about[column] for column in columns)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def plan(path):
    """Return what an instructor wants to know of a lesson, as far as its header says it."""
    about = header(path)
    facts = [("", "question"), ("Minutes to read and do: ", "minutes"), ("Computing: ", "computing"),
             ("Before it: ", "needs"), ("After it, learners can\n\n", "aims")]
    return "\n\n".join([f"### [{about['title']}]({path.relative_to(ROOT)})"]
                       + [words + about[name] for words, name in facts if about[name]])


def toctree(caption, names):
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```", ""])


def read_module(path):
    """Return a module's name, its syntax tree, and its public names: `__all__`, else all without an underscore."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return name, tree, ast.literal_eval(node.value)
    return name, tree, [n.name for n in tree.body if hasattr(n, "name") and not n.name.startswith("_")]


def describe(node, source, homes):
    """Return a function's or class's signature, docstring and folded source, as a directive of Sphinx's Python domain.

    A name in the docstring that is a key of `homes`, and no argument, links to its place.
    """
    called = [n for n in (node, *node.body) if isinstance(n, ast.FunctionDef) and n.name in (node.name, "__init__")]
    signature = ast.unparse(called[0].args).removeprefix("self").removeprefix(", ") if called else ""
    mine = {node.name} | {n.arg for n in ast.walk(called[0].args) if isinstance(n, ast.arg)} if called else {node.name}
    doc = re.sub(r"(?<!`)`(\w+)`(?!`)", lambda found: found[0] if found[1] in mine or found[1] not in homes
                 else f"{{py:obj}}`{found[1]} <{homes[found[1]]}.{found[1]}>`", ast.get_docstring(node) or "")
    kind = "function" if isinstance(node, ast.FunctionDef) else "class"
    return "\n".join([
        f"``````{{py:{kind}}} {node.name}({signature})", "", doc, "", "<details><summary>Source</summary>", "",
        "`````python", ast.get_source_segment(source, node), "`````", "", "</details>", "``````", ""])


def write_api(folder):
    """Write a page for each module of d2lcnn that has something public; a package's page lists what it hands on."""
    modules = {path: read_module(path) for path in MODULES}
    nodes = {(name, node.name): node for name, tree, public in modules.values() for node in tree.body
             if getattr(node, "name", None) in public}
    times = Counter(n for _, n in nodes)
    homes = {n: name for name, n in nodes if times[n] == 1}
    shown = {path: module for path, module in modules.items()
             if path.name == "__init__.py" or any((module[0], n) in nodes for n in module[2])}
    for path, (name, tree, public) in shown.items():
        page = [f"# {name}", "", f"```{{py:module}} {name}", "```", "", ast.get_docstring(tree) or "", ""]
        source = path.read_text(encoding="utf-8")
        page += [describe(nodes[name, n], source, homes) for n in public if (name, n) in nodes]
        if path.name == "__init__.py":
            page += ["| name | what it does |", "|---|---|"]
            page += [f"| {{py:obj}}`{n} <{homes[n]}.{n}>` | {first_sentence(nodes[homes[n], n])} |"
                     for n in public if n in homes]
        if name == "d2lcnn":
            page += ["", toctree("Modules", sorted(n for n, _, _ in shown.values() if n != name))]
        (folder / f"{name}.md").write_text("\n".join(page), encoding="utf-8")


def first_sentence(node):
    return " ".join(re.split(r"(?<=[.])\s|\n\n", ast.get_docstring(node) or "")[0].split())


def stage(folder):
    """Fill Sphinx's source folder: copies of the documents, links to what lies beside them, and pages written here."""
    documents = [*LESSONS, *LABS, *APPENDIX, *PAGES]
    for path in documents:
        (folder / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / path.relative_to(ROOT))
    for beside in {entry for path in documents for entry in path.parent.iterdir()}:
        target = folder / beside.relative_to(ROOT)
        if not target.exists() and not beside.name.startswith(".") and beside.name != "pages":
            target.symlink_to(beside)
    (folder / "api").mkdir()
    write_api(folder / "api")
    trees = [toctree(caption, [str(p.relative_to(ROOT).with_suffix("")) for p in paths])
             for caption, paths in (("Lessons", LESSONS), ("Labs", LABS), ("Appendix", APPENDIX)) if paths]
    trees.append(toctree("More", ["Install, run, find help <README>", "The library d2lcnn <api/d2lcnn>", "data/README",
                                  "instructors", "CONTRIBUTING", "Index <genindex>"]))
    made = {"toctree": "\n".join(trees), **{path.stem: plan(path) for path in LESSONS},
            "lessons": table(LESSONS, "question", "minutes"),
            "labs": "## Labs\n\n" + table(LABS, "question", "minutes") if LABS else ""}
    for path in BOOK.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(re.sub(r"<!-- (\w+) -->", lambda found: made[found[1]], text), encoding="utf-8")


def build(target):
    """Write the book to the folder `target` and return Sphinx's exit status; a warning is an error."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book"
        source.mkdir()
        stage(source)
        return build_main(["-c", str(BOOK), "-d", f"{folder}/doctrees", "-b", "html", "-W", "--keep-going", "-q",
                           str(source), str(target)])


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1])))
