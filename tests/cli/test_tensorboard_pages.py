"""The pages of TensorBoard, opened in a browser on a run of ours."""

import json
import time
import urllib.request

import pytest

from dlcli.tensorboard import server

# page -> what stands on it when it shows the run
PAGES = {
    "timeseries": "accuracy",
    "scalars": "accuracy",
    "custom_scalars": "How it learns",
    "images": "confusion_matrix",
    "graphs": "Main Graph",
    "text": "per_class",
    "pr_curves": "precision_recall",
    "hparams": "best/accuracy",
    "projector": "Points: 359",
}


@pytest.fixture(scope="module")
def url(trained_run):
    port = server.choose_port("127.0.0.1", 0)
    with server.serve([trained_run], "127.0.0.1", port) as served:
        served.wait_until_it_answers()
        for _ in range(120):  # reads the logs on its own time
            with urllib.request.urlopen(f"{served.url}data/plugin/projector/runs") as answer:
                has_projector = json.load(answer)
            with urllib.request.urlopen(f"{served.url}data/plugin/scalars/tags") as answer:
                if has_projector and "trained/result" in json.load(answer):
                    break
            time.sleep(0.5)
        yield served.url


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_run_without_an_error(browser, url, name):
    page = browser.new_page(viewport={"width": 1800, "height": 1100})
    errors, outside = [], []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((url, "data:", "blob:")) else outside.append(request.url)
        ),
    )
    page.goto(f"{url}#{name}")
    end = time.monotonic() + 90
    while not any(_shows(frame, PAGES[name]) for frame in page.frames):
        assert time.monotonic() < end, f"'{PAGES[name]}' is not on the page"
        page.wait_for_timeout(250)
    assert errors == []
    assert outside == []
    page.close()


def _shows(frame, text: str) -> bool:
    """Whether a text is seen in a frame, in the shadow of its elements too."""
    return frame.get_by_text(text).first.is_visible()
