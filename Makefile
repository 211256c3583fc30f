# lab: open the course · test: run every test · unit: those that are no notebook, or TESTS=tests/test_data.py alone
# run NB=06_lenet: execute one notebook, say where its page lies
# bench: how fast training is, beside d2l and PyTorch (tests/benchmarks/README.md)
# book: a site that reads without installing; REPOSITORY=https://github.com/owner/name adds links to it and to Binder
# browser: the tests of JupyterLab and of the book in Chromium
# gpu: compute on an Nvidia GPU from now on · cpu: on the CPU again
# horovod: train by several processes, on this machine or many (notebook 18)
# handout: the lessons and labs without solutions, in handout/
# for authors: export the networks, store NB=06_lenet (execute and keep the outputs), clean,
# lock the packages that pyproject.toml names (UPGRADE=--upgrade takes newer ones)
PY := .venv/bin/python
# JupyterLab answers this machine alone; IP=0.0.0.0 lets others in, as a container must
IP := 127.0.0.1
# without a screen no browser is opened
NO_DISPLAY = $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser)
# other users of this machine could read what passes between JupyterLab and its kernels, which use local ports
ENCRYPTED := --KernelManager.transport_encryption=auto
# Jupyter takes the kernel and the settings of .venv before those in the user's home
export JUPYTER_PREFER_ENV_PATH := 1
# set for another Python, these would give ours the packages of that one
unexport PYTHONHOME PYTHONPATH
TESTS := tests
PYTEST := $(PY) -m pytest -rs --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder
.PHONY: lab test unit run gpu cpu horovod book browser bench handout export store lock clean

lab: .venv/ready
	@$(PY) -m jupyterlab --ip=$(IP) --allow-root $(NO_DISPLAY) $(ENCRYPTED) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: .venv/ready
	@$(PYTEST)

unit: .venv/ready
	@$(PYTEST) $(TESTS)

run: .venv/ready
	@test -f "notebooks/$(NB).ipynb" || { echo "no notebooks/$(NB).ipynb: name one of" notebooks/*.ipynb "as in: make run NB=06_lenet"; exit 2; }
	@$(PY) -m nbconvert --config=book/nbconvert_config.py $(ENCRYPTED) --execute --to html --output-dir=pages "notebooks/$(NB).ipynb" && echo "executed page: $(CURDIR)/pages/$(notdir $(NB)).html"

gpu cpu:
	@sh setup.sh $@
	@$(PY) -m d2lcnn || true  # says what it found, and a remedy for what is missing

horovod: .venv/horovod

book: .venv-book/ready
	@rm -rf pages/book
	@.venv-book/bin/python book/build.py pages/book && echo "the book: $(CURDIR)/pages/book/index.html"

browser: .venv/ready .venv-browser/ready
	@PYTHONPATH=.venv-browser $(PY) -m pytest tests/browser

bench: .venv/ready
	@$(PY) -m tests.benchmarks

handout: .venv/ready
	@$(PY) -m tests.notebooks handout && echo "without solutions: $(CURDIR)/handout"

export: .venv/ready
	@$(PY) -m tests.notebooks export

store: .venv/ready
	@test -n "$(NB)" || { echo "say which notebook: make store NB=06_lenet"; exit 2; }
	@$(PY) -m tests.notebooks store $(NB)

lock: .venv/ready
	@.venv/bin/uv pip compile -q $(UPGRADE) --universal --python-version=3.10 --all-extras --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	@$(PY) -m tests.tools.wheels
	@.venv/bin/uv pip compile -q $(UPGRADE) --no-deps --python-version=3.10 --python-platform=x86_64-manylinux_2_28 --generate-hashes --no-header --no-annotate --group=gpu -o requirements-gpu.lock
	@.venv/bin/uv pip compile -q $(UPGRADE) --no-deps --python-version=3.10 --python-platform=x86_64-manylinux_2_28 --generate-hashes --no-header --no-annotate --group=horovod -o requirements-horovod.lock
	@.venv/bin/uv pip compile -q $(UPGRADE) --universal --python-version=3.11 --generate-hashes --no-header --no-annotate book/requirements.in -o book/requirements.lock
	@.venv/bin/uv pip compile -q $(UPGRADE) --universal --python-version=3.10 --generate-hashes --no-header --no-annotate tests/browser/requirements.in -o tests/browser/requirements.lock

clean:
	rm -rf .venv .venv-book .venv-browser pages handout

# the Python of .venv may be gone, upgraded or left in a folder of another name: then it is set up anew
ifeq ($(shell $(PY) -I -c "" 2> /dev/null || echo gone),gone)
.PHONY: .venv/ready
endif
.venv/ready: setup.sh requirements.lock requirements-gpu.lock pyproject.toml
	@sh setup.sh

# Horovod's last release is compiled, in a minute or two, against the MXNet of .venv
.venv/horovod: requirements-horovod.lock .venv/ready
	@command -v g++ > /dev/null || { echo "Horovod is compiled here: install g++ first, as in apt-get install g++"; exit 2; }
	@sed '/^horovod==/,/[^\\]$$/d' requirements-horovod.lock > .venv/horovod-tools.lock
	@env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 $(PY) -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/horovod-tools.lock
	@env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 PATH="$(CURDIR)/.venv/bin:$$PATH" HOROVOD_WITH_MXNET=1 HOROVOD_WITH_GLOO=1 HOROVOD_WITHOUT_MPI=1 HOROVOD_WITHOUT_PYTORCH=1 HOROVOD_WITHOUT_TENSORFLOW=1 $(PY) -m pip install -q --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r requirements-horovod.lock
	@touch $@

.venv-book/ready: book/requirements.lock | .venv/ready
	@$(PY) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'the packages of the book need Python 3.11: install it, then make clean book')"
	@$(PY) -m venv --clear .venv-book
	@env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 .venv-book/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r book/requirements.lock
	@touch $@

.venv-browser/ready: tests/browser/requirements.lock | .venv/ready
	@rm -rf .venv-browser
	@env -u PIP_PREFIX PIP_USER=0 $(PY) -m pip install -q --disable-pip-version-check --require-hashes --target=.venv-browser -r tests/browser/requirements.lock
	@touch $@
