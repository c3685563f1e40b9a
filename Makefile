# Every command a person needs. `make export` and `make test` do all set-up themselves.
.DEFAULT_GOAL := help
.PHONY: help setup export export-all teach classify runtimes benchmark compare report explain proof arm64 devices doctor \
    virtual phone-report phone-clean apk install try test test-all test-setup lint perf stress lock clean

PYTHON := .venv/bin/python
# `make export DATA=mnist.npz` and the like: a variable that is set becomes its option.
option = $(if $($(1)),$(2) '$($(1))')

help: ## show this list
	@echo "Handset: a Keras image classifier on an Android phone, with numbers that it still works there."
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "examples:"
	@echo "  make export RECIPES=digits_cnn"
	@echo "  make export RECIPES=efficientnet_lite0 EVAL_DIR=photos/    photos/<class>/<picture>"
	@echo "  make teach IMAGES=photos/ NAME=my_pets                     photos/<class>/<picture>"
	@echo "  make classify IMAGES=photos/ MODEL=efficientnet_lite0 ARGS='--door --contact-sheet sheet.png'"

setup: .venv/.ready-export ## install the locked environment into .venv; the other commands do it by themselves

# Each set of packages is installed by the first command that needs it, and again when its file changes.
.venv/.ready-%: requirements/%.lock setup.sh
	@sh setup.sh $*
.venv/.ready-apk .venv/.ready-test .venv/.ready-lint: .venv/.ready-export
apk test-all: .venv/.ready-apk
test test-all lint perf stress: .venv/.ready-test
lint: .venv/.ready-lint

export: setup ## train or load the models, convert, check, and put them into the app (RECIPES= EVAL_DIR= DATA= WEIGHTS= FULL=1)
	@$(PYTHON) -m export $(RECIPES) $(call option,EVAL_DIR,--eval-dir) $(call option,DATA,--data) \
	    $(call option,WEIGHTS,--weights) $(call option,TRAINED_WITH,--trained-with) $(if $(FULL),--full) $(ARGS)

export-all: RECIPES := --all
export-all: export ## export every recipe; what this machine cannot have is named at the end, with the reason

teach: setup ## teach a classifier your own classes, into the app (IMAGES=photos/ NAME=my_pets BACKBONE= WEIGHTS= ARGS=)
	@$(PYTHON) -m export.teach $(call option,IMAGES,) $(call option,NAME,--name) $(call option,BACKBONE,--backbone) \
	    $(call option,WEIGHTS,--weights) $(ARGS)

classify: setup ## name what is on pictures, with a packed model (IMAGES= MODEL= ARGS='--keras --device all')
	@$(PYTHON) -m benchmarks classify $(call option,IMAGES,) $(call option,MODEL,--models) $(ARGS)

runtimes: setup ## load and run every exported model in the app's own runtime version
	@$(PYTHON) -m export.runtimes

benchmark: setup ## prove the exported models on every attached phone (DEVICE=virtual RUNNER=kotlin SERIAL= MODELS= ARGS=)
	@$(PYTHON) -m benchmarks run $(call option,DEVICE,--device) $(call option,SERIAL,--serial) $(call option,RUNNER,--runner) \
	    $(call option,MODELS,--models) $(call option,VARIANTS,--variants) $(ARGS)

compare: setup ## what a run means, or an older and a newer one (RUN= OLD= ARGS=)
	@$(PYTHON) -m benchmarks compare $(OLD) $(RUN) $(ARGS)

report: setup ## write the report of a run again: HTML, JSON, CSV, JUnit, Markdown (RUN= ARGS=)
	@$(PYTHON) -m benchmarks report $(RUN) $(ARGS)

proof: export apk ## the whole way: export, APK, install, the app's own job runner, comparison, explanation, report
	@$(PYTHON) -m benchmarks run --device virtual --runner kotlin --install --explain $(ARGS)

arm64: setup ## the same jobs on arm64 kernels without a phone, emulated on other processors, 20 inputs a set (MODELS= LIMIT=500)
	@$(PYTHON) -m benchmarks run --device virtual --runner arm64 --limit $(or $(LIMIT),20) $(call option,MODELS,--models) \
	    $(call option,VARIANTS,--variants) $(ARGS)

explain: setup ## say why a phone does not answer as Keras does; layer by layer on the phone (RUN= MODEL= LAYERS=1 DEVICE=)
	@$(PYTHON) -m benchmarks explain $(RUN) $(call option,MODEL,--models) $(if $(LAYERS),--layers) \
	    $(call option,DEVICE,--device) $(call option,SERIAL,--serial) $(call option,RUNNER,--runner) $(ARGS)

devices: setup ## list the phones that are attached
	@$(PYTHON) -m benchmarks devices $(ARGS)

doctor: setup ## check this computer, the export and the phones, and say what to do
	@$(PYTHON) -m benchmarks doctor $(ARGS)

virtual: setup ## start virtual phones, until Ctrl-C (ARGS='--persona hyperos')
	@$(PYTHON) -m benchmarks virtual $(call option,RUNNER,--runner) $(ARGS)

phone-report: setup ## write what a phone answers to the kit into build/phone_report.zip, for an issue (SERIAL=)
	@$(PYTHON) -m benchmarks phone-report $(call option,SERIAL,--serial) $(ARGS)

phone-clean: setup ## delete what the kit keeps on the attached phones (SERIAL=)
	@$(PYTHON) -m benchmarks clean $(call option,SERIAL,--serial) $(ARGS)

apk: setup ## compile, package and check build/handset-debug.apk; needs a JDK 17, Maven and aapt2, no Android SDK
	@$(PYTHON) -m android_app.desktop.apk

install: setup ## put the APK onto an attached phone (SERIAL=)
	@$(PYTHON) -m android_app.desktop.apk.install $(call option,SERIAL,--serial) $(ARGS)

try: setup ## open a model in the app on a phone, without a build (MODEL=x.tflite SERIAL=)
	@$(PYTHON) -m benchmarks try $(call option,MODEL,) $(call option,SERIAL,--serial) $(ARGS)

# Two processes; the tests of a file stay together in one. Bytecode is written even where the environment forbids that,
# as images of containers often do: else every process that is started compiles all that it imports.
test test-all perf: export PYTHONDONTWRITEBYTECODE :=
PYTEST := $(PYTHON) -m pytest -n 2 --dist loadfile

test: setup ## run the tests, all but the thorough ones (ARGS=)
	@$(PYTEST) -m 'not thorough' $(ARGS)

test-all: setup ## run every test: real exports, kill points, broken files, the browser, the APK, the JVM, arm64 too (ARGS=)
	@$(PYTEST) -m 'not java' $(ARGS)
	@$(PYTHON) -m pytest -m java $(ARGS)

test-setup: setup ## set up fresh clones: with each uv or none, a mirror, a Korean folder, a read-only home (ARGS=)
	@$(PYTHON) -m tests.setup $(ARGS)

lint: setup ## ruff, mypy --strict, import contracts; ktlint and detekt where Java 17 and Maven are
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-cache
	@sh android_app/lint.sh

perf: setup ## measure the kit's own speed, as ratios
	@$(PYTHON) -m tests.perf

stress: setup ## 20,000 broken files, and 500 jobs on four virtual phones under faults (SEED=)
	@$(PYTHON) -m tests.stress fuzz $(call option,SEED,--seed)
	@$(PYTHON) -m tests.stress soak $(call option,SEED,--seed)

lock: setup ## resolve pyproject.toml anew into requirements/, and check every platform (ARGS=--upgrade)
	@$(PYTHON) -m requirements.resolve $(ARGS)

clean: ## remove what was exported and measured; the environment (.venv, build/tools) and the cache stay
	[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name tools -exec rm -rf {} +
	rm -rf android_app/app/src/main/assets/models .mypy_cache .ruff_cache .pytest_cache
