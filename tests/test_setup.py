"""The set-up: lists of packages that agree, folders that can be copied, what CI runs, and the container."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .notebooks import ROOT
from .tools import wheels

try:
    import tomllib
except ModuleNotFoundError:  # CPython 3.10
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CI_STEPS = [  # what .ci/run asks of make, in this order
    "test", "horovod unit TESTS=tests/test_workers.py", "book unit TESTS=tests/test_book.py", "browser"]
EXTRAS = PROJECT["optional-dependencies"]
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
TARGETS = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.M)[1].split()
CONDA, (PIP,) = (lambda entries: ([e for e in entries if isinstance(e, str)],
                                  [e["pip"] for e in entries if isinstance(e, dict)]))(
    yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"])


def named(*lists):
    """Name -> requirement of lists of pyproject.toml."""
    return {canonicalize_name(r.name): r for each in lists for r in map(Requirement, each)}


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
    for name, requirement in named(PROJECT["dependencies"], *EXTRAS.values()).items():
        assert requirement.specifier.contains(versions[name]), (requirement, versions[name])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-horovod.lock"])
def test_every_line_of_a_lock_is_pinned_and_hashed_and_names_no_index(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) >= {"requirements.lock": 100}.get(lock, 5)
    for block in blocks:
        assert re.match(r"[\w.\-]+==\S+", block) and "--hash=sha256:" in block, block


def test_what_builds_horovod_is_locked_and_leaves_the_packages_of_the_course_as_they_are():
    lines = re.findall(r"^(\S+==\S+) ", (ROOT / "requirements-horovod.lock").read_text(), re.M)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    found, wanted = named(lines), named(groups["horovod"])
    assert found.keys() == wanted.keys() and not found.keys() & locked("3.11.7").keys()
    for name, requirement in wanted.items():
        assert requirement.specifier.contains(str(found[name].specifier).removeprefix("=="))


def test_no_package_of_the_lock_must_be_built_from_its_source_on_any_machine_of_the_readme():
    """`make lock` asked the index; the lock has not changed since."""
    seen = (ROOT / "tests" / "tools" / "wheels.sha256").read_text().strip()
    assert seen == hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest(), "run: make lock"


@pytest.mark.parametrize("files, missing", [
    (["a-1-py3-none-any.whl"], ""),
    (["a-1-cp310-abi3-manylinux_2_28_x86_64.whl", "a-1-cp310-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
      "a-1-cp38-abi3-macosx_12_0_universal2.whl"], ""),
    (["a-1-cp310-abi3-manylinux_2_28_x86_64.whl", "a-1-cp39-abi3-macosx_10_9_x86_64.whl"],
     "3.10 3.11 on linux aarch64"),
    (["a-1-cp310-abi3-manylinux1_x86_64.whl", "a-1-cp310-abi3-manylinux_2_39_aarch64.whl",
      "a-1-cp310-abi3-macosx_11_0_arm64.whl"], "3.10 3.11 on linux aarch64 darwin x86_64"),
    (["a-1-cp311-cp311-manylinux2014_x86_64.whl", "a-1-cp311-cp311-manylinux2014_aarch64.whl",
      "a-1-cp311-cp311-macosx_10_9_x86_64.whl"], "3.10 on linux x86_64 linux aarch64 darwin x86_64"),
    ([], "3.10 3.11 on linux x86_64 linux aarch64 darwin x86_64"),
], ids=["pure", "all", "no aarch64", "a newer system", "3.11 alone", "source alone"])
def test_a_package_without_a_wheel_is_named_with_the_machine(files, missing):
    pythons, _, machines = missing.partition(" on ")
    machines = re.findall(r"\w+ \w+", machines)
    assert wheels.without_wheel([("a==1", None, files)]) == [
        f"a==1 for CPython {python} on {machine}" for python in pythons.split() for machine in machines]


def test_conda_gives_what_the_lessons_need_in_the_versions_of_the_lock():
    assert CONDA == ["python=3.11", "pip"]
    *requirements, project = PIP
    assert project == "-e ."
    versions = locked("3.11.7")
    assert requirements == [f"{name}=={versions[name]}" for name in named(PROJECT["dependencies"], EXTRAS["onnx"])]


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the conda route is for Python 3.11")
def test_the_pip_section_resolves(tmp_path):
    (tmp_path / "requirements.txt").write_text("\n".join(PIP))
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--disable-pip-version-check"]
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


@pytest.fixture(scope="session")
def set_up(tmp_path_factory):
    """A course of one file that setup.sh has set up, with a pip that installs nothing, in a folder with an umlaut."""
    folder = tmp_path_factory.mktemp("Kurs für Ann", numbered=False)
    for name in ("setup.sh", "Makefile", "pyproject.toml", "requirements.lock", "requirements-gpu.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "d2lcnn").mkdir()
    (folder / "d2lcnn" / "__init__.py").touch()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    [packages] = (folder / ".venv" / "lib").glob("python3.*/site-packages")
    (packages / "pip.py").write_text("import sys\nsys.exit('show' in sys.argv)\n")
    run = subprocess.run(["make", ".venv/ready"], cwd=folder, capture_output=True, text=True, env=IN_C)
    assert run.returncode == 0, run.stderr
    return folder


IN_C = os.environ | {"LC_ALL": "C"}  # as cron, ssh and clusters have it: no name beyond ASCII can be read


def imports_its_own(folder):
    """Does Python in `folder` import the library that lies there?"""
    code = "import d2lcnn, os; print(os.path.samefile(d2lcnn.__file__, '../d2lcnn/__init__.py'))"
    (folder / "notebooks").mkdir(exist_ok=True)
    run = subprocess.run(["../.venv/bin/python", "-c", code], cwd=folder / "notebooks", env=IN_C,
                         capture_output=True, text=True)
    return run.stdout == "True\n" or run.stderr


def test_a_copied_and_a_moved_folder_and_one_that_links_to_the_packages_import_their_own_library(set_up, tmp_path):
    assert imports_its_own(set_up) is True
    copy, moved, linked = tmp_path / "a copy", tmp_path / "verschoben, größer", tmp_path / "linked"
    subprocess.run(["cp", "-a", set_up, copy], check=True)
    assert imports_its_own(copy) is True
    copy.rename(moved)
    assert imports_its_own(moved) is True
    linked.mkdir()
    shutil.copytree(set_up / "d2lcnn", linked / "d2lcnn")
    (linked / ".venv").symlink_to(set_up / ".venv")
    assert imports_its_own(linked) is True


@pytest.mark.parametrize("machine, names", [
    ("aarch64", ["libamath.so", "libarmpl_lp64_mp.so", "libastring.so", "libgfortran-1.so.5.0.0"]), ("x86_64", [])])
def test_on_aarch64_mxnet_finds_scipys_openblas_under_the_names_of_arms_libraries(set_up, tmp_path, machine, names):
    folder = tmp_path / "course"
    subprocess.run(["cp", "-a", set_up, folder], check=True)
    [packages] = (folder / ".venv" / "lib").glob("python3.*/site-packages")
    for library in ("mxnet/libmxnet.so", "scipy.libs/libopenblasp-r0-2.so", "scipy.libs/libgfortran-1.so.5.0.0"):
        (packages / library).parent.mkdir(exist_ok=True)
        (packages / library).write_text(library)
    (tmp_path / "uname").write_text(f'#!/bin/sh\ncase $1 in -s) echo Linux;; *) echo {machine};; esac\n')
    (tmp_path / "uname").chmod(0o755)
    for _ in range(2):  # a second call mends what the first left
        subprocess.run(["sh", "setup.sh"], cwd=folder, check=True, capture_output=True,
                       env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    links = {link.name: link.read_text() for link in (packages / "mxnet").iterdir() if link.is_symlink()}
    assert links == {name: "scipy.libs/libgfortran-1.so.5.0.0" if "gfortran" in name
                     else "scipy.libs/libopenblasp-r0-2.so" for name in names}


def test_make_sets_up_anew_only_if_the_python_of_the_environment_is_gone(set_up, tmp_path):
    folder = tmp_path / "moved"
    subprocess.run(["cp", "-a", set_up, folder], check=True)

    def planned():
        return subprocess.run(["make", "-n", "lab"], cwd=folder, capture_output=True, text=True)
    assert "setup.sh" not in planned().stdout
    (folder / ".venv/bin/python").unlink()
    assert "sh setup.sh" in planned().stdout and planned().stderr == ""


@pytest.mark.skipif(shutil.which("git") is None, reason="left out: needs git")
def test_a_clone_with_the_line_ends_of_windows_has_every_file_as_committed(tmp_path):
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    for name in (".gitattributes", "Makefile", "setup.sh", "requirements.lock"):
        shutil.copy(ROOT / name, source)
    (source / "data").write_bytes(b"without a zero byte\r\nand with both\n")
    for command in (["init", "-q", source], ["-C", source, "add", "."],
                    ["-C", source, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "all"],
                    ["clone", "-q", source, clone]):
        subprocess.run(["git", "-c", "core.autocrlf=true", *command], check=True)
    files = [path.name for path in source.iterdir() if path.is_file()]
    assert len(files) == 5
    assert [name for name in files if (clone / name).read_bytes() != (source / name).read_bytes()] == []


def ci(tmp_path, make="echo fine"):
    """Run .ci/run of a course whose `make` and apt-get are stand-ins; return the run and what make was asked, where."""
    course, tools = tmp_path / "course", tmp_path / "tools"
    for folder in (course / ".ci", tools):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", course / ".ci")
    make = f'echo "$PWD: $*" >> "{tmp_path}/asked"\n{make}'
    for name, script in {"make": make, "apt-get": "", "chromium": ""}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=course, check=True)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    run = subprocess.run([course / ".ci" / "run"], env=environment, capture_output=True, text=True)
    return run, [line.rpartition(": ") for line in (tmp_path / "asked").read_text().splitlines()]


@pytest.mark.skipif(shutil.which("git") is None, reason="left out: needs git")
def test_ci_runs_every_step_in_a_clone_with_a_space_in_its_path_and_leaves_nothing_behind(tmp_path):
    run, asked = ci(tmp_path)
    assert run.returncode == 0, run.stderr
    assert [step for _, _, step in asked] == CI_STEPS
    assert all(" " in folder and not os.path.exists(folder) for folder, _, _ in asked)


@pytest.mark.skipif(shutil.which("git") is None, reason="left out: needs git")
@pytest.mark.parametrize("step", range(len(CI_STEPS)))
@pytest.mark.parametrize("what", ["exit 3", "echo 12 passed, 3 skipped in 4 s"])
def test_ci_fails_at_the_first_step_that_fails_or_after_the_first_leaves_a_test_out(tmp_path, step, what):
    run, asked = ci(tmp_path, f'[ "$*" != "{CI_STEPS[step]}" ] || {what}')
    if step == 0 and "skipped" in what:  # make test needs only what a learner's machine has
        assert run.returncode == 0 and len(asked) == len(CI_STEPS)
    else:
        assert run.returncode != 0 and len(asked) == step + 1
        assert "lies in" in run.stderr.splitlines()[-1] and os.path.exists(asked[0][0])


def steps(job):
    return "\n".join(step["run"].strip() for step in WORKFLOW["jobs"][job]["steps"] if "run" in step)


def test_the_workflow_may_only_read_runs_once_for_a_pull_request_and_ends_older_runs():
    on = WORKFLOW[True]  # YAML reads `on` as a truth value
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in WORKFLOW["jobs"].values())
    assert on["push"] == {"branches": ["main"]} and "pull_request" in on
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True
    assert {"github.ref", "github.event_name"} <= set(re.findall(r"{{ (\S+) }}", WORKFLOW["concurrency"]["group"]))


def test_the_workflow_tests_each_python_on_each_machine_of_the_readme_to_the_end():
    matrix = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    assert matrix["python"] == [f"3.{minor}" for minor in range(int(low), int(high))]
    assert matrix["runs-on"] == ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15-intel"] and steps("test") == "make test"
    for job in WORKFLOW["jobs"].values():
        assert job["timeout-minutes"] <= 120
        assert job.get("strategy", {"fail-fast": False})["fail-fast"] is False
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/setup-python@"):
                assert step["with"]["cache"] == "pip" and "requirements.lock" in step["with"]["cache-dependency-path"]


def test_the_workflow_calls_only_what_the_makefile_has_and_its_scripts_are_sound():
    for job in WORKFLOW["jobs"]:
        assert set(re.findall(r"\bmake (\w+)", steps(job))) <= set(TARGETS)
        subprocess.run(["bash", "-n", "-c", steps(job)], check=True)
    assert ".ci/run" in steps("everything").split() and os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_container_is_built_and_tested_for_both_machines():
    assert WORKFLOW["jobs"]["container"]["strategy"]["matrix"]["runs-on"] == ["ubuntu-24.04", "ubuntu-24.04-arm"]
    script = steps("container")
    assert script.index("docker build -t d2lcnn .") < script.index("docker run --rm d2lcnn make unit")


def test_once_a_week_all_tests_run_with_pytorch():
    [schedule] = WORKFLOW[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"]), "once a week"
    weekly = [name for name, job in WORKFLOW["jobs"].items() if "== 'schedule'" in job.get("if", "")]
    others = [job["if"] for name, job in WORKFLOW["jobs"].items() if name not in weekly]
    assert weekly == ["torch"] and set(others) == {"github.event_name != 'schedule'"}
    assert re.search(r"TORCH_PYTHON=.*GITHUB_ENV.*\nmake test$", steps("torch"), re.S)


def test_the_container_runs_as_an_ordinary_user_with_a_python_of_the_project():
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    assert [stage.split()[2] for stage in stages] == ["system", "course"] and stages[1].split()[0] == "system"
    assert re.match(r"docker\.io/library/python:3\.11-slim-\w+ AS", stages[0])
    users = re.findall(r"^USER (.*)", DOCKERFILE, re.M)
    assert users[-1] == "learner" and f"useradd --create-home --shell /bin/bash --uid 1000 {users[-1]}" in DOCKERFILE
    _, target, *settings = json.loads(re.search(r"^CMD (.*)", DOCKERFILE, re.M)[1])
    assert target in TARGETS and settings == ["IP=0.0.0.0"]


def test_what_git_ignores_stays_out_of_the_container():
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    assert len(ignored) > 5 and [f"**/{name}" for name in ignored if f"**/{name}" not in patterns] == []
    assert ".git" in patterns


def test_vs_code_and_codespaces_build_the_dockerfiles_first_stage_and_set_the_course_up():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    build = settings["build"]
    assert (ROOT / ".devcontainer" / build["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert f" AS {build['target']}\n" in DOCKERFILE and settings["remoteUser"] == "learner"
    assert settings["postCreateCommand"] == "make .venv/ready"
    assert settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"].endswith(
        "/.venv/bin/python")
    [opened] = settings["customizations"]["codespaces"]["openFiles"]
    assert (ROOT / opened).exists()
