"""What all tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dlcli.runs.run_dir import RunDir

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


SLOW_TIMEOUT = 1800  # seconds for a test marked `slow`; for others `timeout` of pyproject.toml


class _WithoutTensorFlow:
    """A finder of modules that skips the test, or the file of tests, that imports TensorFlow."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in ("tensorflow", "keras"):
            pytest.skip("--quick: needs TensorFlow", allow_module_level=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="skip every test that imports TensorFlow, and so all that train, or opens a browser",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        sys.meta_path.insert(0, _WithoutTensorFlow())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT))


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets; a test that asks for it is skipped where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DLCLI_SHARED_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}; set DLCLI_SHARED_DATA")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sign exports with a key of the tests': one for all, as fixtures share what is exported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's folders and what his terminal can do out of the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    for name in ("DLCLI_RUNS_DIR", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def run_cli(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Finished]:
    """Run a command in this process."""
    from dlcli.cli.app import main
    from dlcli.cli.screens import output

    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: object) -> Finished:
        output.error_console.cache_clear()
        code = main([str(argument) for argument in arguments])
        return Finished(code, *capsys.readouterr())

    return run


@pytest.fixture
def run_process() -> Callable[..., Finished]:
    """Run a command, or other arguments of Python, in a fresh process without standard input."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])

    def run(
        *arguments: object, python: tuple[str, ...] = ("-m", "dlcli"), **environment: str
    ) -> Finished:
        done = subprocess.run(
            [sys.executable, *python, *map(str, arguments)],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "120", "PYTHONPATH": path, **environment},
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Headless Chromium by playwright; a test that asks for it is skipped where there is none."""
    if request.config.getoption("--quick"):
        pytest.skip("--quick: needs a browser")
    executable = shutil.which("chromium")
    if not executable:
        pytest.skip("there is no chromium; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A completed run of digits-cnn, trained for two epochs. Tests must not change it."""
    from dlcli.recipe import schema
    from dlcli.training import run

    result = run.train(
        schema.load("digits-cnn", ["training.epochs=2"]),
        "digits-cnn",
        tmp_path_factory.mktemp("runs"),
        name="trained",
        events=lambda event: None,
        stop=lambda: False,
    )
    return result.run


@pytest.fixture(scope="session")
def _tflite_file(trained_run: RunDir, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of `trained_run` as a TFLite file."""
    from dlcli.artifacts import keras_file
    from dlcli.export import tflite

    path = tmp_path_factory.mktemp("tflite") / "model.tflite"
    loaded = keras_file.load(trained_run.model)
    tflite.write(loaded.model, loaded.metadata, path)
    return path


@pytest.fixture
def tflite_run(trained_run: RunDir, _tflite_file: Path, tmp_path: Path) -> RunDir:
    """A copy of `trained_run` with a TFLite file in its exports; a test may change it."""
    run = RunDir(tmp_path / "trained")
    shutil.copytree(trained_run.path, run.path)
    run.exports.mkdir(exist_ok=True)
    shutil.copy(_tflite_file, run.exports / "model.tflite")
    return run
