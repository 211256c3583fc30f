#!/bin/sh
# Make .venv: CPython 3.11 (else 3.10), the packages of requirements.lock, and d2lcnn itself.
# `make lab` and `make test` call it; nothing is installed outside .venv.
# `setup.sh gpu` (make gpu) takes MXNet's GPU build, from requirements-gpu.lock; later calls keep it (the file .venv/gpu)
# until `setup.sh cpu` (make cpu).
set -eu
cd "$(dirname "$0")"
unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX || true
export PIP_USER=0

say() { echo "setup: $*" >&2; }

case "$(uname -s) $(uname -m)" in
    "Linux x86_64" | "Linux aarch64" | "Darwin x86_64") ;;
    *) say "MXNet 1.9.1 has no package for $(uname -s) on $(uname -m): see \"What it runs on\" in README.md"; exit 1 ;;
esac

build=${1:-$([ -e .venv/gpu ] && echo gpu || echo cpu)}
case "$build $(uname -s) $(uname -m)" in
    cpu* | "gpu Linux x86_64") ;;
    *) say "MXNet's GPU build is for Linux on x86_64, not for $(uname -s) on $(uname -m): the course takes the CPU"; exit 1 ;;
esac

is_cpython() {  # is_cpython PYTHON 3.11: does it run, is it CPython of that version, can it make an environment?
    "$1" -c "import ensurepip, platform, ssl, sys, venv
sys.exit(platform.python_implementation() != 'CPython' or '%d.%d' % sys.version_info[:2] != '$2')" 2>/dev/null
}

find_cpython() (  # print the first CPython of the version $1 on PATH
    IFS=:
    for dir in $PATH; do
        for name in "python$1" python3 python; do
            if [ -x "$dir/$name" ] && is_cpython "$dir/$name" "$1"; then
                echo "$dir/$name"; exit 0
            fi
        done
    done
    exit 1
)

fetch_cpython() {  # uv, itself installed below .venv where it is missing, fetches CPython 3.11 into .venv/python
    export UV_PYTHON_INSTALL_DIR="$PWD/.venv/python"
    uv=$(command -v uv) || {
        python3 -m venv .venv/bootstrap || return 1
        sed -n '/^uv==/,/[^\\]$/p' requirements.lock > .venv/bootstrap/uv.txt  # its lines of the lock
        .venv/bootstrap/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
            -r .venv/bootstrap/uv.txt || return 1
        uv=.venv/bootstrap/bin/uv
    }
    "$uv" python install --no-bin 3.11 >&2 && "$uv" python find --managed-python 3.11
}

if ! is_cpython .venv/bin/python 3.11 && ! is_cpython .venv/bin/python 3.10; then
    rm -rf .venv
    python=$(find_cpython 3.11 || find_cpython 3.10) || {
        say "no CPython 3.11 or 3.10 on this machine: uv fetches 3.11 into .venv"
        python=$(fetch_cpython) || {
            say "could not fetch it. Install Python 3.11 (with its venv module) from https://www.python.org/downloads/ or your system's packages, and run the command again."
            exit 1
        }
    }
    say "using $python"
    "$python" -m venv .venv
fi

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

if [ "$build" = gpu ]; then
    touch .venv/gpu
    other=mxnet
else
    rm -f .venv/gpu
    other=$(sed -n 's/==.*//p' requirements-gpu.lock)
fi
if pip show -q $other 2> /dev/null; then  # the two builds are made of the same files: the other one goes first
    rm -f .venv/ready
    pip uninstall -qq -y mxnet -r requirements-gpu.lock
fi

say "installing the packages of requirements.lock into .venv (a minute or two, once)"
if [ "$build" = gpu ]; then
    sed '/^mxnet==/,/[^\\]$/d' requirements.lock > .venv/without-mxnet.lock
    pip install -q --require-hashes -r .venv/without-mxnet.lock
    say "and of requirements-gpu.lock: MXNet's GPU build and CUDA's libraries (2.4 GB to fetch, 4 GB on the disk, once)"
    pip install --require-hashes --no-deps -r requirements-gpu.lock || {
        say "could not install them: run make gpu again, or make cpu for the CPU build"; exit 1
    }
else
    pip install -q --require-hashes -r requirements.lock
fi
.venv/bin/python - "$(uname -m)" <<'END'
import pathlib, sys, sysconfig
packages = pathlib.Path(sysconfig.get_path("purelib"))
# A path relative to the packages finds the library: a copied, moved or linked folder imports its own d2lcnn, and a name
# beyond ASCII does no harm in any locale. (pip install -e would write down the folder's full path.)
(packages / "d2lcnn.pth").write_text("../../../..\n")
# For aarch64 MXNet's wheel was linked to Arm's Performance Libraries, which are neither in it nor on the package index.
# OpenBLAS, which SciPy's wheel carries, has all the functions that it calls: it takes their names, and its Fortran's.
if sys.argv[1] == "aarch64":
    [openblas] = packages.glob("scipy.libs/libopenblasp-*.so")
    [fortran] = packages.glob("scipy.libs/libgfortran-*.so*")
    for name in ("libarmpl_lp64_mp.so", "libamath.so", "libastring.so", fortran.name):
        link = packages / "mxnet" / name
        link.unlink(missing_ok=True)
        link.symlink_to(f"../scipy.libs/{(fortran if name == fortran.name else openblas).name}")
END
# JupyterLab would ask at its first start whether to fetch its news: this course needs no network.
.venv/bin/python -m jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements 2>/dev/null || true
# A saved notebook keeps the kernel explorer as it was; without this it would say "model not found" when opened again.
mkdir -p .venv/share/jupyter/lab/settings
echo '{"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": true}}' > .venv/share/jupyter/lab/settings/overrides.json
touch .venv/ready
say "done"
