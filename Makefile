# lab: open the course · test: run every test · run NB=06_lenet: execute one notebook, say where its page lies
# bench: how fast training is, beside d2l and PyTorch (tests/benchmarks/README.md)
# for authors: export the networks, store NB=06_lenet (execute and keep the outputs), lock the packages anew, clean
PY := .venv/bin/python
NO_DISPLAY = $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser)
ENCRYPTED := --KernelManager.transport_encryption=auto
export JUPYTER_PREFER_ENV_PATH := 1
unexport PYTHONHOME PYTHONPATH
.PHONY: lab test run bench export store lock clean

lab: .venv/ready
	@$(PY) -m jupyterlab --ip=127.0.0.1 --allow-root $(NO_DISPLAY) $(ENCRYPTED) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: .venv/ready
	@$(PY) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

run: .venv/ready
	@test -f "notebooks/$(NB).ipynb" || { echo "no notebooks/$(NB).ipynb: name one of" notebooks/*.ipynb "as in: make run NB=06_lenet"; exit 2; }
	@$(PY) -m nbconvert --log-level=ERROR $(ENCRYPTED) --execute --to html --embed-images --output-dir=pages "notebooks/$(NB).ipynb" && echo "executed page: $(CURDIR)/pages/$(NB).html"

bench: .venv/ready
	@$(PY) -m tests.benchmarks

export: .venv/ready
	@$(PY) -m tests.notebooks export

store: .venv/ready
	@test -n "$(NB)" || { echo "say which notebook: make store NB=06_lenet"; exit 2; }
	@$(PY) -m tests.notebooks store $(NB)

lock: .venv/ready
	@.venv/bin/uv pip compile -q --upgrade --universal --python-version=3.10 --all-extras --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock

clean:
	rm -rf .venv pages

.venv/ready: setup.sh requirements.lock pyproject.toml
	@sh setup.sh
