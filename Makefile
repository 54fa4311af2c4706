# Each target sets up what it needs (packaging/environment.py) on its first run.
PYTHON ?= python3
APP = @$(PYTHON) packaging/environment.py app
PACKAGE = @$(PYTHON) packaging/environment.py package
DEV = @$(PYTHON) packaging/environment.py dev

.PHONY: demo run test check mutants format lint lock bench soak package release-check translations screenshots fuzz

demo: ## the window on the sample photos, with a stand-in for Spotify
	$(APP) python -m fer_desktop --demo

run: ## the window on the camera, with Spotify
	$(APP) python -m fer_desktop

test: lint ## everything that must hold before a change goes in
	$(DEV) python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: lint ## what holds without Qt and in a minute: lint, types and unit tests
	$(DEV) python -m pytest --numprocesses 2 -p no:pytest-qt tests/unit

lint:
	$(DEV) ruff format --check
	$(DEV) ruff check
	$(DEV) mypy
	$(DEV) lint-imports

bench: ## the window's speed, start and memory, each beside its bar; all in build/benchmarks.json
	@mkdir -p build
	$(APP) python -m tests.benchmarks build/benchmarks.json

soak: ## the window in use for half an hour: memory, threads and warnings; SECONDS for another time
	$(APP) python -m tests.soak --seconds $(or $(SECONDS),1800)

translations: ## the catalogues in resources/locale, from the words in the code; translate what is new, then again
	@mkdir -p build
	@mkdir -p build
	$(DEV) pybabel --quiet extract --no-location --sort-output --no-wrap --output build/fer-desktop.pot fer_desktop
	$(DEV) pybabel --quiet update --domain fer-desktop --input-file build/fer-desktop.pot --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --output-dir resources/locale
	$(DEV) pybabel --quiet compile --domain fer-desktop --directory resources/locale

screenshots: ## every state of the window in screenshots/, and the README's pictures
	$(DEV) python -m tests.screenshots

mutants: ## how many random changes of the code the tests notice; COUNT and SEED for another sample
	$(DEV) python -m tests.mutants --count $(or $(COUNT),200) --seed $(or $(SEED),1)

fuzz: ## 10,000 damaged pictures, videos, model cards, settings and moods; some minutes
	$(DEV) python -m tests.fuzz

format:
	$(DEV) ruff check --fix
	$(DEV) ruff format

package: ## the app that needs no Python, and its installers for this system, in dist/
	$(PACKAGE) python packaging/build.py

release-check: ## what must hold before a tag; see docs/release.md
	$(DEV) python packaging/release_check.py
	@$(MAKE) test package

lock: ## packaging/constraints.txt anew, from what pyproject.toml allows
	@$(PYTHON) packaging/environment.py lock
