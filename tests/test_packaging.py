"""What is shipped, and what `make` does before anything is installed."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import dlcli

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAMED_PYTHON = "Programming Language :: Python :: "
SUPPORTED = [
    name.removeprefix(NAMED_PYTHON) for name in PROJECT["classifiers"] if NAMED_PYTHON in name
]


# ---------------------------------------------------------------- constraints.txt


def _pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


@pytest.mark.parametrize(
    "requirement",
    [
        Requirement(text)
        for text in sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
        if not text.startswith("dlcli")
    ],
    ids=str,
)
def test_constraints_pin_what_the_project_asks_for(requirement: Requirement) -> None:
    assert _pins()[canonicalize_name(requirement.name)] in requirement.specifier


# ---------------------------------------------------------------- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_wheel_holds_the_package_and_the_recipes_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    folders = {name.split("/")[0] for name in names}
    assert folders == {"dlcli", f"dlcli-{dlcli.__version__}.dist-info"}
    recipes = {f"dlcli/recipes/{path.name}" for path in (ROOT / "recipes").glob("*.yaml")}
    assert {name for name in names if "/recipes/" in name} == recipes
    sources = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("dlcli/**/*.py")}
    assert {name for name in names if name.endswith(".py")} == sources


@pytest.mark.slow
def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"dlcli-{dlcli.__version__}.dist-info"
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in archive.namelist()
    assert metadata["Version"] == dlcli.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_payload() == (ROOT / "README.md").read_text()
    assert entry_points.split() == ["[console_scripts]", "dlcli", "=", "dlcli.__main__:run"]


@pytest.mark.slow
def test_an_installed_wheel_finds_its_recipes(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", site, wheel], check=True)
    code = "from dlcli import catalog; print(*catalog.recipe_names(), catalog.recipe_folder())"
    shown = subprocess.run(
        [sys.executable, "-P", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    names = sorted(path.stem for path in (ROOT / "recipes").glob("*.yaml"))
    assert shown.stdout.split() == [*names, str(site / "dlcli" / "recipes")]


# ---------------------------------------------------------------- make, before it installs

# Stands in for an interpreter and for the one in its virtual environments; notes what pip
# is asked to install, and fails at it where a file named `offline` lies.
STAND_IN = """#!/bin/sh
case "$*" in
  "-c import sys; print("*) echo {version} ;;
  "-c import ensurepip, venv") exit {no_venv} ;;
  "-m venv --clear .venv")
    rm -rf .venv
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    echo "VIRTUAL_ENV='$(pwd -P)/.venv'" > .venv/bin/activate ;;
  "-m pip install "*) shift 3; echo "$*" >> pip.log; [ ! -e offline ] ;;
esac
"""
INSTALLED = "--quiet --disable-pip-version-check -c constraints.txt -e ."
INSTALLING = "Installing dlcli and TensorFlow into .venv (a few minutes) ...\n"


class Checkout:
    """A folder with the files that make reads, and a PATH that holds no Python but stand-ins."""

    def __init__(self, path: Path) -> None:
        self.path = path / "a folder, Überprüfung"
        self.tools = path / "bin"
        self.path.mkdir(parents=True)
        self.tools.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.path)
        for tool in ("sh", "cat", "cksum", "cp", "grep", "mkdir", "rm", "touch"):
            (self.tools / tool).symlink_to(shutil.which(tool) or f"{tool} is missing")

    def add_python(self, name: str, version: str, no_venv: int = 0) -> None:
        python = self.tools / name
        python.write_text(STAND_IN.format(version=version, no_venv=no_venv))
        python.chmod(0o755)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("make") or "make", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.path,
            env={"PATH": str(self.tools)},
        )

    def pip_calls(self) -> list[str]:
        log = self.path / "pip.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr before make's own."""
    assert result.returncode == 2
    assert result.stdout == ""
    line, last = result.stderr.splitlines()
    assert last.startswith("make: *** [")
    return line


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.10", "3.14"])
def test_make_refuses_an_unsupported_python(checkout: Checkout, version: str) -> None:
    assert version not in SUPPORTED
    checkout.add_python("python3", version)
    assert _refusal(checkout.make("demo")) == (
        f"dlcli needs Python 3.11, 3.12 or 3.13, and python3 is Python {version}: install one "
        "('apt install python3.12 python3.12-venv' or 'brew install python@3.12') "
        "and run 'make demo PYTHON=python3.12'."
    )
    assert not (checkout.path / ".venv").exists()


def test_make_names_a_python_that_will_do(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.10")
    checkout.add_python("python3.11", "3.11")
    assert _refusal(checkout.make("test")) == (
        "dlcli needs Python 3.11, 3.12 or 3.13, and python3 is Python 3.10: "
        "run 'make test PYTHON=python3.11'."
    )


def test_make_without_any_python(checkout: Checkout) -> None:
    message = "dlcli needs Python 3.11, 3.12 or 3.13, and python3 does not run here: install one "
    assert _refusal(checkout.make("demo")).startswith(message)


def test_make_without_the_venv_module(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.11", no_venv=1)
    assert _refusal(checkout.make("demo")) == (
        "python3 (Python 3.11) cannot make virtual environments: install its venv and ensurepip "
        "modules, on Debian and Ubuntu with 'apt install python3.11-venv'."
    )


@pytest.mark.parametrize("version", SUPPORTED)
def test_make_installs_once(checkout: Checkout, version: str) -> None:
    checkout.add_python("python3", version)
    first = checkout.make("install-run")
    assert first.stdout == f"Making .venv with Python {version} ...\n{INSTALLING}"
    second = checkout.make("install-run")
    assert (second.stdout, second.stderr) == ("", "")
    assert checkout.pip_calls() == [INSTALLED]


def test_make_needs_no_system_python_once_it_has_installed(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.12")
    checkout.make("install-run")
    (checkout.tools / "python3").unlink()
    (checkout.path / "constraints.txt").write_text("numpy==2.4.6\n")
    assert checkout.make("install-run").stdout == INSTALLING


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_make_installs_again_when_the_dependencies_change(checkout: Checkout, name: str) -> None:
    checkout.add_python("python3", "3.12")
    checkout.make("install-run")
    with (checkout.path / name).open("a") as file:
        file.write("# changed\n")
    assert checkout.make("install-run").stdout == INSTALLING
    assert checkout.pip_calls() == [INSTALLED, INSTALLED]


def test_make_installs_the_tools_that_a_target_needs(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.12")
    checkout.make("install-run")
    checkout.make("install-test")
    checkout.make("install-run")
    checkout.make("install-dev")
    checkout.make("install-test")
    assert checkout.pip_calls() == [INSTALLED, f"{INSTALLED}[test]", f"{INSTALLED}[dev]"]


def test_make_begins_anew_after_an_interrupted_installation(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.12")
    offline = checkout.path / "offline"
    offline.touch()
    assert checkout.make("install-run").returncode == 2
    offline.unlink()
    again = checkout.make("install-run")
    assert again.returncode == 0
    assert again.stdout == f"Making .venv with Python 3.12 ...\n{INSTALLING}"


def test_make_begins_anew_after_an_interrupted_upgrade_that_was_taken_back(
    checkout: Checkout,
) -> None:
    checkout.add_python("python3", "3.12")
    checkout.make("install-run")
    constraints = checkout.path / "constraints.txt"
    before = constraints.read_text()
    constraints.write_text("numpy==2.4.5\n")
    offline = checkout.path / "offline"
    offline.touch()
    assert checkout.make("install-run").returncode == 2
    offline.unlink()
    constraints.write_text(before)
    again = checkout.make("install-run")
    assert again.stdout == f"Making .venv with Python 3.12 ...\n{INSTALLING}"


def test_make_begins_anew_in_a_moved_folder(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.12")
    checkout.make("install-run")
    checkout.path = checkout.path.rename(checkout.path.with_name("moved"))
    again = checkout.make("install-run")
    assert again.stdout == f"Making .venv with Python 3.12 ...\n{INSTALLING}"


def test_make_begins_anew_with_another_python(checkout: Checkout) -> None:
    checkout.add_python("python3", "3.12")
    checkout.add_python("python3.13", "3.13")
    checkout.make("install-run")
    chosen = checkout.make("install-run", "PYTHON=python3.13")
    assert chosen.stdout == f"Making .venv with Python 3.13 ...\n{INSTALLING}"
    assert checkout.make("install-run").stdout == ""
