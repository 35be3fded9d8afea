# Everything happens in .venv beside this file. `make help` lists the targets.

PYTHON ?= python3
PYTEST_ARGS ?=

# In a folder with a non-ASCII name, Python 3.11 and 3.12 cannot read in LC_ALL=C the .pth file
# that leads to it. Without LC_ALL, Python takes UTF-8 in the C locale by itself.
ifneq ($(filter C POSIX,$(LC_ALL)),)
unexport LC_ALL
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo quick test coverage slow lint docs clean install-run install-test install-dev

help:
	@echo 'make demo      train the recipe digits-cnn, evaluate it, predict with it, export it'
	@echo 'make quick     the tests that need no TensorFlow: under a minute, nothing is trained'
	@echo 'make test      the fast tests: these, and those that train'
	@echo 'make slow      the slow tests: whole programs, image builds, installations'
	@echo 'make coverage  the fast tests again, and the lines that none of them runs'
	@echo 'make lint      format, lint rules, import locks, types'
	@echo 'make docs      write the generated pages of docs/ anew'
	@echo 'make clean     remove .venv and what builds and tools leave; runs/ stays'
	@echo
	@echo 'Each installs into .venv what it needs. Another Python: make demo PYTHON=python3.12'

demo: install-run
	@echo '$$ dlcli train digits-cnn'
	@.venv/bin/python -m dlcli train digits-cnn
	@echo '$$ dlcli evaluate latest'
	@.venv/bin/python -m dlcli evaluate latest
	@echo '$$ dlcli predict latest --split test --limit 5'
	@.venv/bin/python -m dlcli predict latest --split test --limit 5
	@echo '$$ dlcli export latest --format keras,saved-model,tflite'
	@.venv/bin/python -m dlcli export latest --format keras,saved-model,tflite

quick: install-test
	@.venv/bin/python -m pytest --quick -m 'not slow' -n 2 -r fE $(PYTEST_ARGS)

# In two processes, as one leaves a core idle half of the time; a file stays in one of them, whose
# fixtures it shares.
test: install-test
	@.venv/bin/python -m pytest -m 'not slow' -n 2 --dist loadfile $(PYTEST_ARGS)

# Apart, because counting lines makes the tests take half as long again.
coverage: install-test
	@.venv/bin/python -m pytest -m 'not slow' --cov $(PYTEST_ARGS)

slow: install-test
	@.venv/bin/python -m pytest -m slow $(PYTEST_ARGS) || \
	  { status=$$?; [ $$status = 5 ] && echo 'There is no slow test.' || exit $$status; }

lint: install-dev
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m ruff check .
	@# What reads inputs and runs artifacts may import NumPy but never TensorFlow: a shorter list.
	.venv/bin/python -m ruff check --select TID253 --config 'lint.per-file-ignores = {}' \
	  --config 'lint.flake8-tidy-imports.banned-module-level-imports = $(WITHOUT_TENSORFLOW)' \
	  dlcli/inputs dlcli/artifacts dlcli/data dlcli/prediction dlcli/serving
	.venv/bin/lint-imports --no-logo
	.venv/bin/python -m mypy
	.venv/bin/python tests/kinds/conformance.py

docs: install-run
	.venv/bin/python docs/generate.py

clean:
	rm -rf .venv build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

WITHOUT_TENSORFLOW = ["tensorflow", "keras", "tensorboard", "dlcli.preprocessing", "dlcli.layers", \
  "dlcli.tasks", "dlcli.baselines", "dlcli.training", "dlcli.generation", "dlcli.evaluation", \
  "dlcli.explanation", "dlcli.export"]

# One after another: the second finds nothing to do when the first has done more.
install-run:
	@extra= $(IN_VENV)
install-test:
	@extra=test $(IN_VENV)
install-dev:
	@extra=dev $(IN_VENV)

IN_VENV = PYTHON="$(PYTHON)" origin="$(origin PYTHON)" goals="$(MAKECMDGOALS)" sh -eu -c "$$PREPARE_VENV"

# Leaves a .venv alone that is complete and up to date; else mends it or makes it anew.
define PREPARE_VENV
folder=$$(pwd -P)
inputs="$$(cat pyproject.toml constraints.txt | cksum) in $$folder"
complete() {
  [ ! -e .venv/.unfinished ] && grep -qxF "$${extra:-run} $$inputs" .venv/.installed 2>/dev/null
}
# Finished (venv writes `activate` last), made here and not elsewhere, and its Python still there.
sound() {
  [ ! -e .venv/.unfinished ] && grep -qF "$$folder/.venv" .venv/bin/activate 2>/dev/null &&
    .venv/bin/python -m pip --version >/dev/null 2>&1
}
version_of() { "$$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true; }
refuse() {
  for other in 3.13 3.12 3.11; do
    if [ "$$(version_of python$$other)" = $$other ]; then
      echo "dlcli needs Python 3.11, 3.12 or 3.13, and $$1: run 'make $$goals PYTHON=python$$other'." >&2
      exit 1
    fi
  done
  echo "dlcli needs Python 3.11, 3.12 or 3.13, and $$1: install one ('apt install python3.12" \
    "python3.12-venv' or 'brew install python@3.12') and run 'make $$goals PYTHON=python3.12'." >&2
  exit 1
}

python=$$PYTHON
if [ "$$origin" = file ]; then
  if complete && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi
  if sound; then python=.venv/bin/python; fi
fi
version=$$(version_of "$$python")
case $$version in
  3.11 | 3.12 | 3.13) ;;
  '') refuse "$$python does not run here" ;;
  *) refuse "$$python is Python $$version" ;;
esac
if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$$python (Python $$version) cannot make virtual environments:" \
    "install its venv and ensurepip modules, on Debian and Ubuntu with 'apt install python$$version-venv'." >&2
  exit 1
fi
if ! sound || [ "$$(version_of .venv/bin/python)" != $$version ]; then
  echo "Making .venv with Python $$version ..."
  "$$python" -m venv --clear .venv
elif complete; then
  exit 0
fi
echo "Installing dlcli$${extra:+[$$extra]} and TensorFlow into .venv (a few minutes) ..."
touch .venv/.unfinished
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  -c constraints.txt -e ".$${extra:+[$$extra]}"
case $$extra in
  '') holds='run' ;;
  test) holds='run test' ;;
  dev) holds='run test dev' ;;
esac
for extra in $$holds; do printf '%s\n' "$$extra $$inputs"; done > .venv/.installed
rm .venv/.unfinished
endef
export PREPARE_VENV
