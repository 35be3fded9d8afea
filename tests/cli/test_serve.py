"""dlcli serve as a user starts and ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli.errors import UsageError

pytest.importorskip("starlette", reason="the extra serve is not installed")

# The command where TensorFlow, Keras and Matplotlib cannot be imported.
WITHOUT_TENSORFLOW = """
import sys
sys.modules.update(tensorflow=None, keras=None, matplotlib=None)
from dlcli.__main__ import run
run()
"""


@pytest.fixture(scope="module")
def artifact(trained_run, tmp_path_factory):
    """The trained run as a TFLite file."""
    from dlcli.artifacts import keras_file
    from dlcli.export import tflite

    path = tmp_path_factory.mktemp("served") / "model.tflite"
    predictor = keras_file.load(trained_run.model)
    tflite.write(predictor.model, predictor.metadata, path)
    return path


def post_file(url, path):
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"'
    body = f"{head}\r\n\r\n".encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(url, body, kind), timeout=120) as answer:
        return json.load(answer)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_tflite_file_is_served_without_tensorflow(artifact, run_cli, tmp_path, number, code):
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, "serve", artifact, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    lines = []
    while not lines or lines[-1] not in {"}\n", ""}:
        lines.append(process.stdout.readline())
    assert lines[-1], process.stderr.read()
    document = json.loads("".join(lines))
    assert document == {
        "schema": "dlcli.serve/1",
        "url": document["url"],
        "name": "digits-cnn",
        "artifact": str(artifact),
        "task": "image-classification",
        "predict_url": f"{document['url']}v1/models/digits-cnn:predict",
    }
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+/", document["url"])

    picture = tmp_path / "noise.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    Image.fromarray(pixels).save(picture)
    served = post_file(f"{document['url']}predict", picture)
    predicted = json.loads(run_cli("predict", artifact, picture, "--json").stdout)
    predicted["predictions"][0]["input"] = picture.name
    assert served == predicted

    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stdout) == (code, "")
    assert stderr == ""


def test_what_it_needs_and_is_not_installed_is_said(run_process):
    code = "import sys; sys.modules['uvicorn'] = None\nfrom dlcli.__main__ import run\nrun()"
    result = run_process("serve", "latest", python=("-c", code))
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: dlcli serve needs the package uvicorn, which is not installed.\n"
        "Install what it needs: pip install 'dlcli[serve]'\n"
    )


def test_a_port_that_is_taken_is_said_before_the_model_is_loaded(run_cli, make_run):
    make_run("mine").model.write_bytes(b"no model")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run_cli("serve", "mine", "--port", port)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: port {port} of 127.0.0.1 cannot be used: Address already in use.\n"
        "Choose another one with --port; --port 0 takes one that is free.\n"
    )


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1", "a" * 64 + ".invalid"])
def test_an_address_of_another_computer_is_said(run_cli, make_run, host):
    make_run("mine")
    result = run_cli("serve", "mine", "--host", host)
    assert result.code == 2
    assert f"'{host}' is no address of this computer" in result.stderr
    assert "127.0.0.1 serves this computer only" in result.stderr


def test_a_port_for_root_is_said(monkeypatch):
    from dlcli.serving import server

    class Refusing(socket.socket):
        def bind(self, address):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket", Refusing)
    with pytest.raises(UsageError, match=r"port 80 of .* denied\. Ports below 1024 are for root"):
        server.bind("127.0.0.1", 80)


@pytest.mark.parametrize("name", ["", "a/b", "a\n"])
def test_a_name_that_no_address_can_have_is_refused(run_cli, make_run, name):
    make_run("mine")
    result = run_cli("serve", "mine", "--name", name)
    assert result.code == 2
    assert "cannot name a model" in result.stderr


def test_a_run_and_what_is_exported_of_it_have_one_name(make_run, tmp_path):
    from dlcli.serving import model

    document = {"recipe_name": "digits-cnn"}
    for run_name, expected in (
        ("mine", "mine"),
        ("digits-cnn-20261121-101500", "digits-cnn"),
        ("digits-cnn-20261121-101500-2", "digits-cnn"),
    ):
        run = make_run(run_name)
        run.exports.mkdir()
        for path in (run.path, run.model, run.exports / "model.tflite"):
            assert model.name_of(path, document) == expected
    assert model.name_of(tmp_path / "model.tflite", document) == "digits-cnn"
