"""The lists of packages agree: pyproject.toml (what), requirements.lock (exactly what), environment.yml (for conda)."""
import os
import re
import shutil
import subprocess
import sys

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .notebooks import ROOT

try:
    import tomllib
except ModuleNotFoundError:  # CPython 3.10
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = {canonicalize_name(r.name): r for r in map(
    Requirement, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])}
CONDA, (PIP,) = (lambda entries: ([e for e in entries if isinstance(e, str)],
                                  [e["pip"] for e in entries if isinstance(e, dict)]))(
    yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"])


def locked(python):
    """Name -> version of the packages that the lock gives to a CPython on Linux."""
    environment = {"python_version": python[:4], "python_full_version": python, "sys_platform": "linux",
                   "platform_machine": "x86_64", "implementation_name": "cpython", "os_name": "posix",
                   "platform_python_implementation": "CPython", "platform_system": "Linux"}
    lines = re.findall(r"^([a-zA-Z][^\\\n]*?) *\\$", (ROOT / "requirements.lock").read_text(), re.M)
    requirements = [r for r in map(Requirement, lines) if not r.marker or r.marker.evaluate(environment)]
    versions = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements}
    assert len(versions) == len(requirements), "a package has two versions"
    return versions


@pytest.mark.parametrize("python", ["3.10.14", "3.11.7"])
def test_the_lock_holds_every_direct_dependency_in_a_version_that_it_allows(python):
    versions = locked(python)
    for name, requirement in DIRECT.items():
        assert requirement.specifier.contains(versions[name]), (requirement, versions[name])


def test_every_line_of_the_lock_is_pinned_and_hashed_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 100
    for block in blocks:
        assert re.match(r"[\w.\-]+==\S+", block) and "--hash=sha256:" in block, block


def test_conda_provides_python_and_pip_only_in_specs_that_it_reads():
    for spec in CONDA:
        rattler.MatchSpec(spec, strict=True)
    assert CONDA == ["python=3.11", "pip"]


def test_the_pip_section_has_the_same_packages_in_the_same_versions():
    *requirements, project = PIP
    assert project == "-e ."
    pinned = {canonicalize_name(r.name): r for r in map(Requirement, requirements)}
    assert list(pinned) == list(DIRECT)
    versions = locked("3.11.7")
    assert {name: str(r.specifier) for name, r in pinned.items()} == {
        name: f"=={versions[name]}" for name in DIRECT}


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the conda route is for Python 3.11")
def test_the_pip_section_resolves(tmp_path):
    (tmp_path / "requirements.txt").write_text("\n".join(PIP))
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-build-isolation", "--disable-pip-version-check"]
    run = subprocess.run([*pip, "-r", tmp_path / "requirements.txt"], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr


def setup_with(tmp_path, **programs):
    """Run setup.sh in a folder with a space, with nothing but the named programs and a few tools on the PATH."""
    folder, tools = tmp_path / "my course", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    shutil.copy(ROOT / "setup.sh", folder)
    for tool in ("sh", "dirname", "rm", "touch", "sed", "uname"):
        (tools / tool).symlink_to(shutil.which(tool))
    for name, script in programs.items():
        (tools / name).write_text("#!/bin/sh\n" + script)
        (tools / name).chmod(0o755)
    return subprocess.run(["sh", "setup.sh"], cwd=folder, env={"PATH": str(tools), "HOME": str(tmp_path)},
                          capture_output=True, text=True)


def test_without_any_python_one_clear_line_says_what_to_install(tmp_path):
    run = setup_with(tmp_path)
    assert run.returncode == 1
    assert "Install Python 3.11" in run.stderr.splitlines()[-1]


def test_without_a_fitting_python_uv_is_asked_for_3_11(tmp_path):
    uv = 'echo "$@" >> "$HOME/asked"; exit 1'
    run = setup_with(tmp_path, python3="exit 1", uv=uv)
    assert (tmp_path / "asked").read_text().splitlines() == ["python install --no-bin 3.11"]
    assert run.returncode == 1 and "Install Python 3.11" in run.stderr


def test_python_3_11_is_taken_before_3_10_and_a_broken_one_is_passed_over(tmp_path):
    """A stand-in plays the part of each version; it notes that it was asked to make the environment, then stops."""
    script = 'case "$2" in *ensurepip*\'{version}\'*) exit 0;; *ensurepip*) exit 1;; esac; ' \
             'echo {version} > "$HOME/used"; exit 3'
    run = setup_with(tmp_path, **{"python3.10": script.format(version="3.10"), "python3.11": "exit 127",
                                  "python3": script.format(version="3.11")})
    assert run.returncode == 3 and (tmp_path / "used").read_text() == "3.11\n"


def test_code_is_tidy():
    run = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", ROOT], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_the_makefile_names_its_targets_on_top():
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)", text, re.M)[1].split()
    for target in phony:
        assert target in text[:text.index("PY :=")], target
    assert os.access(ROOT / ".ci" / "run", os.R_OK)
