# Each target sets up what it needs (packaging/environment.py) on its first run.
PYTHON ?= python3
ENVIRONMENT = @$(PYTHON) packaging/environment.py
APP = $(ENVIRONMENT) app
PACKAGE = $(ENVIRONMENT) package
DEV = $(ENVIRONMENT) dev

.PHONY: help demo run test check lint format bench soak fuzz mutants screenshots translations
.PHONY: package release-check lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the window with sample photos and a stand-in for Spotify
	$(APP) python -m fer_desktop --demo

run: ## the window with your camera and Spotify
	$(APP) python -m fer_desktop

test: lint ## all checks and tests; must pass before a merge
	$(DEV) python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: lint ## the quick part: lint, types and unit tests, in a minute
	$(DEV) python -m pytest --numprocesses 2 -p no:pytest-qt tests/unit

lint: ## ruff, mypy and import-linter
	$(DEV) ruff format --check
	$(DEV) ruff check
	$(DEV) mypy
	$(DEV) lint-imports

format: ## format the code and fix what ruff can fix
	$(DEV) ruff check --fix
	$(DEV) ruff format

bench: ## speed, start and memory of the window, each next to its limit; results in build/benchmarks.json
	@mkdir -p build
	$(APP) python -m tests.benchmarks build/benchmarks.json

soak: ## random use of the window for half an hour (or SECONDS): memory, threads and warnings
	$(APP) python -m tests.soak --seconds $(or $(SECONDS),1800)

fuzz: ## 10,000 damaged pictures, videos, model cards, settings and moods; takes some minutes
	$(DEV) python -m tests.fuzz

mutants: ## how many random changes of the code the tests catch; COUNT and SEED for another sample
	$(DEV) python -m tests.mutants --count $(or $(COUNT),200) --seed $(or $(SEED),1)

screenshots: ## every state of the window in screenshots/, and the pictures of the README
	$(DEV) python -m tests.screenshots

translations: ## update the catalogues in resources/locale; translate what is new, then run it again
	@mkdir -p build
	$(DEV) pybabel --quiet extract --no-location --sort-output --no-wrap --output build/fer-desktop.pot fer_desktop
	$(DEV) pybabel --quiet update --domain fer-desktop --input-file build/fer-desktop.pot --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --output-dir resources/locale
	$(DEV) pybabel --quiet compile --domain fer-desktop --directory resources/locale

package: ## the app with Python inside, and its installers for this system, in dist/
	$(PACKAGE) python packaging/build.py

release-check: ## what must pass before a tag; see docs/release.md
	$(DEV) python packaging/release_check.py
	@$(MAKE) test package

lock: ## bring packaging/constraints.txt in line with pyproject.toml, for all systems
	$(ENVIRONMENT) lock
