# The doors of the house: `make` lists them. Every one sets up what it needs first.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build demo wheel checks test test-all fuzz bench bench-docs format lint clean

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
PYTHON := .venv/bin/python
CLANG_FORMAT ?= clang-format-19
RUN_CLANG_TIDY ?= run-clang-tidy-19
# Files that git ignores are not ours to format.
OUR_SOURCES = git ls-files -z --cached --others --exclude-standard '*.h' '*.cc'

# A caller's Python path would put other packages before the pinned ones.
unexport PYTHONPATH
export POLARWAY := $(CURDIR)/build/release/polarway
export UBSAN_OPTIONS := print_stacktrace=1
export ASAN_SYMBOLIZER_PATH = $(shell command -v llvm-symbolizer-19)
# Processes would wait a second at their end.
export TSAN_OPTIONS := atexit_sleep_ms=20 suppressions=$(CURDIR)/tools/tsan.supp

# How release is configured where it is tested.
TESTED := -DPOLARWAY_BUILD_TESTS=ON -DPOLARWAY_BUILD_PYTHON=ON

# $(call compile,PRESET,TARGETS,CONFIGURE OPTIONS)
define compile
cmake --preset $(1) $(3) >/dev/null
cmake --build --preset $(1) --parallel $(JOBS) --target $(2)
endef

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.* ## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install what the build and the demo need
	tools/setup.sh

build: setup ## Build the library and the program: build/release/polarway
	$(call compile,release,polarway_cli)

demo: build ## Stream a data set larger than its memory limit, and report
	build/release/polarway demo

# The tag is what auditwheel finds: the oldest C library whose symbols are used. Arrow is pyarrow's.
wheel: ## Build a wheel that runs on other machines, in build/wheels
	tools/setup.sh --test
	rm -rf build/wheels
	$(PYTHON) -m pip wheel . --no-build-isolation --no-deps --quiet --wheel-dir build/wheels/local
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m auditwheel repair build/wheels/local/*.whl \
	  --wheel-dir build/wheels --exclude 'libarrow*' --exclude 'libparquet*'

checks:
	tools/setup.sh --test
	$(PYTHON) tools/check_layers.py
	mkdir -p build/docs && doxygen
	$(call compile,asan,polarway_unit_tests polarway_fuzzers)
	tools/run_gtests.sh asan $(JOBS) polarway_tests polarway_allocation_tests
	$(call compile,release,polarway_tested_programs polarway_allocation_tests,$(TESTED))
	tools/run_gtests.sh release $(JOBS) polarway_allocation_tests
	$(PYTHON) fuzz/run.py 2000x

# The unit tests run sanitized, what measures memory also as users have it. pytest drives the programs
# as users have them, and comes last: its closing line is the run's.
test: checks ## All that must hold before a change lands
	$(PYTHON) -m pytest

test-all: checks ## The same, the long tests, the thread sanitizer and the tables of docs/MEMORY.md
	$(call compile,release,polarway_unit_tests,$(TESTED))
	tools/run_gtests.sh release $(JOBS) polarway_tests
	$(call compile,tsan,polarway_unit_tests)
	tools/run_gtests.sh tsan $(JOBS) polarway_tests polarway_allocation_tests
	$(PYTHON) bench/policies.py
	$(PYTHON) bench/knobs.py
	$(PYTHON) fuzz/run.py 600
	$(PYTHON) -m pytest -m ''

fuzz: ## Fuzz for FUZZ_SECONDS each
	tools/setup.sh --test
	$(call compile,asan,polarway_fuzzers)
	$(PYTHON) fuzz/run.py $(FUZZ_SECONDS)

# For example: make bench BENCH='--seed 8 --shuffle-columns --quoted 1'
bench: ## Measure against the peers; BENCH has options for bench/run.py
	tools/setup.sh --bench
	$(call compile,release,all,-DPOLARWAY_BUILD_BENCH=ON)
	$(call compile,avx2,polarway_cli)
	$(PYTHON) bench/run.py $(BENCH)

bench-docs: bench ## The same, and write what came out into docs/PERFORMANCE.md
	$(PYTHON) bench/into.py docs/PERFORMANCE.md figures <build/bench/figures.md
	$(PYTHON) bench/plot.py docs/PERFORMANCE.md docs/performance.svg
	$(PYTHON) bench/phases.py people taxi --perf | $(PYTHON) bench/into.py docs/PERFORMANCE.md phases
	build/release/bench/limits build/bench/people-500MB-seed-7.csv | $(PYTHON) bench/into.py docs/PERFORMANCE.md limits

format: ## Lay out the sources as .clang-format says
	tools/setup.sh --test
	$(OUR_SOURCES) | xargs -0 -r $(CLANG_FORMAT) -i

lint: ## Check layout, layers and what clang-tidy knows
	tools/setup.sh --test
	$(OUR_SOURCES) | xargs -0 -r $(CLANG_FORMAT) --dry-run -Werror
	$(PYTHON) tools/check_layers.py
	cmake --preset dev >/dev/null
	$(RUN_CLANG_TIDY) -quiet -p build/dev -j $(JOBS) '/(src|cli|examples)/'

clean: ## Remove what was built; the caches and .venv stay
	rm -rf build
