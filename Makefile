# lab: open the course · test: run every test · run NB=06_lenet: execute one notebook, say where its page lies
# bench: how fast training is, beside d2l and PyTorch (tests/benchmarks/README.md)
# book: a site that reads without installing; REPOSITORY=https://github.com/owner/name adds links to it and to Binder
# gpu: compute on an Nvidia GPU from now on · cpu: on the CPU again
# for authors: export the networks, store NB=06_lenet (execute and keep the outputs), lock the packages anew, clean
PY := .venv/bin/python
NO_DISPLAY = $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser)
ENCRYPTED := --KernelManager.transport_encryption=auto
export JUPYTER_PREFER_ENV_PATH := 1
unexport PYTHONHOME PYTHONPATH
.PHONY: lab test run gpu cpu book bench export store lock clean

lab: .venv/ready
	@$(PY) -m jupyterlab --ip=127.0.0.1 --allow-root $(NO_DISPLAY) $(ENCRYPTED) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: .venv/ready
	@$(PY) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

run: .venv/ready
	@test -f "notebooks/$(NB).ipynb" || { echo "no notebooks/$(NB).ipynb: name one of" notebooks/*.ipynb "as in: make run NB=06_lenet"; exit 2; }
	@$(PY) -m nbconvert --config=book/nbconvert_config.py $(ENCRYPTED) --execute --to html --output-dir=pages "notebooks/$(NB).ipynb" && echo "executed page: $(CURDIR)/pages/$(notdir $(NB)).html"

gpu cpu:
	@sh setup.sh $@
	@$(PY) -m d2lcnn || true  # says what it found, and a remedy for what is missing

book: .venv-book/ready
	@rm -rf pages/book
	@.venv-book/bin/python book/build.py pages/book && echo "the book: $(CURDIR)/pages/book/index.html"

bench: .venv/ready
	@$(PY) -m tests.benchmarks

export: .venv/ready
	@$(PY) -m tests.notebooks export

store: .venv/ready
	@test -n "$(NB)" || { echo "say which notebook: make store NB=06_lenet"; exit 2; }
	@$(PY) -m tests.notebooks store $(NB)

lock: .venv/ready
	@.venv/bin/uv pip compile -q --upgrade --universal --python-version=3.10 --all-extras --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile -q --upgrade --no-deps --python-version=3.10 --python-platform=x86_64-manylinux_2_28 --generate-hashes --no-header --no-annotate --group=gpu -o requirements-gpu.lock
	@.venv/bin/uv pip compile -q --upgrade --universal --python-version=3.11 --generate-hashes --no-header --no-annotate book/requirements.in -o book/requirements.lock

clean:
	rm -rf .venv .venv-book pages

.venv/ready: setup.sh requirements.lock requirements-gpu.lock pyproject.toml
	@sh setup.sh

.venv-book/ready: book/requirements.lock | .venv/ready
	@$(PY) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'the packages of the book need Python 3.11: install it, then make clean book')"
	@$(PY) -m venv --clear .venv-book
	@env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 .venv-book/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r book/requirements.lock
	@touch $@
