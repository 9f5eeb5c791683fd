# Two commands are all a newcomer needs: make demo, make test. Both do their own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check serve bench endurance coverage mutation schemas lock clean

demo: $(STAMP)  ## the whole story of one intervention, recorded, exported, verified
	@$(BIN)/pista demo --to var/demo

test: $(STAMP)  ## the whole suite; what lacks a tool skips by name
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q -n auto -rs

check: test  ## the same, and the largest files and functions, so that they are seen
	@echo "largest files"; git ls-files '*.py' | xargs wc -l | sort -rn | sed -n '2,11p'
	@$(BIN)/python tests/largest_functions.py

serve: $(STAMP)  ## a page and JSON of the demo on http://127.0.0.1:8000
	@test -d var/demo || $(MAKE) demo
	@$(BIN)/pista --ledger var/demo serve

bench: $(STAMP)  ## ratios of PERFORMANCE, measured here
	@$(BIN)/python tests/bench/run.py

endurance: $(STAMP)  ## kills, full disks, racing processes, 200 honest ledgers, 1,000 logs: at full size
	@PISTA_EXHAUSTIVE=1 $(BIN)/python -m pytest -q -rs tests/endurance tests/ledger/fsck/test_honest.py tests/ledger/transparency/test_monitor.py

coverage: $(STAMP)  ## lines and branches of the domain that no test reaches; none is allowed
	@$(BIN)/python -m coverage run -m pytest -q tests/ledger/domain tests/scenarios tests/properties
	@$(BIN)/python -m coverage report

mutation: $(STAMP)  ## changes in the rules that no test notices: at most 15 in 100; PISTA_JOBS=n tries n at once
	@nice -n 19 $(BIN)/python -m tests.mutation.run mutation.toml

schemas: $(STAMP)  ## write the generated schemas anew
	@$(BIN)/python -m exporters.schema_files

lock: $(STAMP)  ## resolve the whole set anew, with hashes
	@$(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	    --extra dev --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml

$(STAMP): requirements.lock pyproject.toml
	@bash .ci/venv "$(PYTHON)" "$(VENV)"

clean:
	rm -rf $(VENV) var build dist
