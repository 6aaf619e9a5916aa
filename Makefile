# The verbs of Cascada. They need Python 3.11, git and make; everything else they fetch themselves.
.DEFAULT_GOAL := help
.PHONY: help run demo test bench programme format i18n

BIN := .venv/bin
HARNESS := $(BIN)/python -m tests.harness

help: ## say what can be done here
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## start the site at http://127.0.0.1:8000 (PORT=9000 make run: elsewhere)
	@.ci/prepare
	@exec $(BIN)/python -P lms/starting.py

demo: ## the same with invented people, in a folder of its own (instance/demo), and who can sign in
	@.ci/prepare
	@exec $(BIN)/python -P lms/starting.py demo

test: ## check everything: lint, types, both databases, a real browser
	@.ci/prepare dev
	$(BIN)/python -m pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(HARNESS) $(BIN)/pytest -n logical --dist worksteal --database both

bench: ## measure speed and size, beside an empty page on the same machine
	@.ci/prepare dev
	@$(HARNESS) $(BIN)/python -m tests.bench

programme: ## tell the whole invented programme once and count its figures
	@.ci/prepare dev
	$(HARNESS) $(BIN)/pytest -q tests/site/whole_programme.py

format: ## put code into its usual shape
	@.ci/prepare dev
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

i18n: ## collect new texts, compile the translations, say what is missing
	@.ci/prepare
	@$(BIN)/flask --app wsgi i18n extract
	@$(BIN)/flask --app wsgi i18n update
	@$(BIN)/flask --app wsgi i18n compile
	@$(BIN)/flask --app wsgi i18n check
