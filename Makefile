# One command each; every target sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out
# Readers of our Markdown, for check-corpus; in node_modules, which Git ignores.
NPM := @mdx-js/mdx@3 ejs@3 liquidjs@10 nunjucks@3

.PHONY: help demo test check coverage check-corpus check-lowest bench install format clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 22

demo: $(BIN)/.run  ## convert the examples, into out/
	@$(BIN)/thicket-convert build examples/thicket-convert.toml --out $(OUT)
	@echo
	@echo "Look in $(OUT)/: open saltmarsh.epub in a reader, saltmarsh.pdf in a viewer, markdown-saltmarsh/index.md in an editor."

test: $(BIN)/.test  ## run the tests
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow and not judge"

check: $(BIN)/.test  ## format, lint, types, imports, the slower judges
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "judge and not slow"

coverage: $(BIN)/.test  ## the tests with their coverage, and its floor
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow" --cov --cov-report=term:skip-covered

check-corpus: $(BIN)/.corpus  ## the long tests over the shared corpus, and other generated inputs
	@$(BIN)/python -m pytest -n auto -m "slow or corpus"
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow and not judge and not corpus" --hypothesis-profile others

check-lowest: $(BIN)/.test  ## the tests with the lowest versions that pyproject.toml allows
	@test -x $(VENV)-lowest/bin/python || $(PYTHON) -m venv $(VENV)-lowest
	@$(VENV)-lowest/bin/python -m pip install -q --upgrade pip uv
	@$(VENV)-lowest/bin/uv pip compile -q --resolution lowest-direct pyproject.toml --group test -o $(VENV)-lowest/constraints.txt
	@$(VENV)-lowest/bin/python -m pip install -q -c $(VENV)-lowest/constraints.txt -e . --group test
	@$(VENV)-lowest/bin/python -m pytest -n auto --dist loadfile -m "not slow"

bench: $(BIN)/.bench  ## measure speed and memory, also of what one would use instead
	@$(BIN)/python benchmarks/bench.py

install: $(BIN)/.run  ## only set up

format: $(BIN)/.test  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:  ## remove what the targets made
	rm -rf $(VENV) $(VENV)-lowest node_modules out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

$(BIN)/.run: pyproject.toml .ci/system-packages .ci/fonts
	@PYTHON=$(PYTHON) .ci/system-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --upgrade pip
	@$(BIN)/python -m pip install -q -e .
	@touch $@

$(BIN)/.test: $(BIN)/.run
	@PYTHON=$(PYTHON) .ci/system-packages test
	@$(BIN)/python -m pip install -q -e . --group dev
	@touch $@

$(BIN)/.corpus: $(BIN)/.test
	@PYTHON=$(PYTHON) .ci/system-packages corpus
	@npm install --silent --prefix . --no-save --no-package-lock $(NPM)
	@touch $@

$(BIN)/.bench: $(BIN)/.test
	@$(BIN)/python -m pip install -q -e . --group bench
	@touch $@
