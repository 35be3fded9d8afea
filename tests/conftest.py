"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlcli.run_dir import RunDir

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets; a test that asks for it is skipped where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DLCLI_SHARED_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}; set DLCLI_SHARED_DATA")
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's cache folder out of the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A completed run of digits-cnn, trained for two epochs. Tests must not change it."""
    from dlcli import recipe
    from dlcli.training import run

    result = run.train(
        recipe.load("digits-cnn", ["training.epochs=2"]),
        "digits-cnn",
        tmp_path_factory.mktemp("runs"),
        name="trained",
        report=lambda event: None,
        stop=lambda: False,
    )
    return result.run
