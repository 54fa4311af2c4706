# Each target sets up what it needs (packaging/environment.py) on its first run.
PYTHON ?= python3
APP = @$(PYTHON) packaging/environment.py app
DEV = @$(PYTHON) packaging/environment.py dev

.PHONY: demo run test format lint lock bench

demo: ## the window on the sample photos, with a stand-in for Spotify
	$(APP) python -m fer_desktop --demo

run: ## the window on the camera, with Spotify
	$(APP) python -m fer_desktop

test: lint ## everything that must hold before a change goes in
	$(DEV) python -m pytest

lint:
	$(DEV) ruff format --check
	$(DEV) ruff check
	$(DEV) mypy
	$(DEV) lint-imports

bench: ## stage times of a frame, cold start and memory
	$(APP) python -m tests.benchmarks.bench_pipeline
	$(APP) python -m tests.benchmarks.bench_start

format:
	$(DEV) ruff check --fix
	$(DEV) ruff format

lock: ## packaging/constraints.txt anew, from what pyproject.toml allows
	@$(PYTHON) packaging/environment.py lock
