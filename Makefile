# Needs Python 3.11 or newer and nothing else: the first target that runs makes .venv and installs what is locked.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
FOUND = $(or $(PYTHON),$(error Rekey needs Python 3.11 or newer, and looked on PATH for python3, python3.14, python3.13, python3.12 and python3.11; another is named by make PYTHON=/path/to/python3.11))
WITH = @exec $(FOUND) -m config.first_run

# The environment, not only make, has to know.
export DIRECTORY

.PHONY: help demo test lint bench lock messages
help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile
demo: ## serve sample organizations at http://localhost:8000 (PORT=8001 moves it, DIRECTORY=1 adds a domain, Ctrl-C ends it)
	$(WITH) $(if $(DIRECTORY),dev,base) python -m config.demo.launcher
test: ## run the tests (ARGS="tests/tenants -k host" picks some)
	$(WITH) dev python -m pytest $(ARGS)
lint: ## check style, types, imports, templates and migrations
	$(WITH) dev .ci/lint
bench: ## measure; each benchmark prints its figure
	$(WITH) dev python -m benchmarks $(ARGS)
lock: ## write requirements/ anew from pyproject.toml, by uv
	@.ci/lock
messages: ## bring locale/ up to date with the source, and list what is to be translated
	$(WITH) base python -m config.catalogues update
