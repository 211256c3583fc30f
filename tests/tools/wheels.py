"""Has each package of requirements.lock a wheel for every machine that the README names? `make lock` asks it.

uv names the files that the package index has; nothing is downloaded. If no package must be built, wheels.sha256 keeps
the lock's SHA-256: by it tests/test_setup.py sees, without a network, that this lock was looked at.
"""
import hashlib
import itertools
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.tags import compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCK = Path(__file__).resolve().parent.parent.parent / "requirements.lock"
SEEN = Path(__file__).with_name("wheels.sha256")
PYTHONS = [(3, 10), (3, 11)]


def linux(machine):
    """The tags of a system with glibc 2.28 (2018) or later."""
    return [f"manylinux{version}_{machine}" for version in [
        *(f"_2_{minor}" for minor in range(5, 29)), "2014", "2010", "1"]]


MACHINES = {("linux", "x86_64"): linux("x86_64"), ("linux", "aarch64"): linux("aarch64"),
            ("darwin", "x86_64"): list(mac_platforms((13, 0), "x86_64"))}  # ONNX Runtime needs macOS 13


def packages():
    """Yield (name==version, marker or None, names of its wheels) for each package of the lock."""
    uv = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--universal", "--no-deps", "--python-version=3.10"]
    lock = subprocess.run([*uv, "--format=pylock.toml", LOCK], capture_output=True, text=True, check=True).stdout
    for package in tomllib.loads(lock)["packages"]:
        marker = package.get("marker")
        wheels = [unquote(wheel["url"].rpartition("/")[2]) for wheel in package.get("wheels", [])]
        yield f"{package['name']}=={package['version']}", Marker(marker) if marker else None, wheels


def without_wheel(packages):
    """Return lines such as "name==version for CPython 3.11 on linux aarch64": what must be built from its source."""
    lines = []
    for (name, marker, wheels), python, (machine, platforms) in itertools.product(
            packages, PYTHONS, MACHINES.items()):
        version = ".".join(map(str, python))
        environment = {"python_version": version, "python_full_version": version + ".9", "sys_platform": machine[0],
                       "platform_machine": machine[1], "platform_system": machine[0].capitalize()}
        tags = {*cpython_tags(python, platforms=platforms),
                *compatible_tags(python, f"cp{python[0]}{python[1]}", platforms)}
        if (marker is None or marker.evaluate(environment)) and not any(
                parse_wheel_filename(wheel)[3] & tags for wheel in wheels):
            lines.append(f"{name} for CPython {version} on {' '.join(machine)}")
    return lines


if __name__ == "__main__":
    if missing := without_wheel(list(packages())):
        sys.exit("\n".join(["without a wheel (constrain them in pyproject.toml, under tool.uv):", *missing]))
    SEEN.write_text(hashlib.sha256(LOCK.read_bytes()).hexdigest() + "\n")
