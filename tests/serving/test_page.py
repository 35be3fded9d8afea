"""The page in a browser: what one gives, what one sees, and that nobody else is asked."""

import ast
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from dlcli import serving
from dlcli.serving.forms import image as image_form


@pytest.fixture
def visit(browser, serve):
    """Open the page of a predictor; what goes wrong in the browser fails the test."""
    faults = []

    def open_page(predictor, name="known", **options):
        client = serve(predictor, name)
        context = browser.new_context(**{"locale": "en-US", **options})
        page = context.new_page()
        page.set_default_timeout(60_000)
        # The browser itself tells of an answer that is an error.
        page.on(
            "console",
            lambda message: (
                message.text.startswith("Failed to load resource") or faults.append(message.text)
            ),
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        allowed = (client.url, "data:", "blob:")
        page.on(
            "request",
            lambda request: request.url.startswith(allowed) or faults.append(request.url),
        )
        page.goto(client.url)
        return page

    yield open_page
    assert faults == []


def answer(page):
    """What the answer says, once there is one."""
    shown = page.locator("#answer:not([aria-busy]) .took")
    shown.wait_for()
    return [line for line in page.locator("#answer").inner_text().splitlines() if line]


def png(bright):
    content = io.BytesIO()
    Image.new("L", (30, 20), bright).save(content, "PNG")
    return {"name": "a.png", "mimeType": "image/png", "buffer": content.getvalue()}


def test_all_labels_of_a_picture_are_shown_with_their_thresholds(visit, known):
    page = visit(known.image(task="image-multilabel", thresholds=[0.5, 0.125]))
    assert "any of dark, bright" in page.inner_text("body")
    page.set_input_files("#file", png(51))
    assert answer(page)[:6] == [
        "Labels", "dark, bright",
        "dark", "80.0% (threshold 50.0%)", "bright", "20.0% (threshold 12.5%)",
    ]  # fmt: skip
    page.set_input_files("#file", png(0))
    # The first answer, "dark, bright", stands there until the second comes.
    page.locator(".result", has_text=re.compile("^dark$")).wait_for()


def test_every_form_that_a_kind_names_is_in_the_page():
    script = (Path(serving.__file__).parent / "page.js").read_text()
    found = re.findall(r"(\w+): (\w+Form)\b", script)
    assert {function for _, function in found} == set(re.findall(r"function (\w+Form)\(", script))
    named = set()
    for path in (Path(serving.__file__).parent / "forms").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                chosen = [value for key, value in pairs if getattr(key, "value", "") == "form"]
                named |= {
                    each.value
                    for value in chosen
                    for each in ast.walk(value)
                    if isinstance(each, ast.Constant)
                }
    assert named | {"file"} == {name for name, _ in found}


def test_a_kind_without_a_form_of_its_own_takes_a_file(visit, known, monkeypatch):
    described = {"form": "file", "does": "", "examples": [], "label": "A scan", "accept": "image/*"}
    monkeypatch.setattr(image_form, "page", lambda *given: described)
    page = visit(known.image())
    assert page.inner_text("label[for=file]") == "A scan"
    assert page.get_attribute("#file", "accept") == "image/*"
    page.set_input_files("#file", png(51))
    assert answer(page)[:3] == ["Likeliest", "dark", "dark"]


def test_a_picture_is_chosen_or_dropped_and_its_classes_are_shown(visit, known):
    page = visit(known.image())
    assert page.title() == "known · dlcli"
    page.set_input_files("#file", png(51))
    assert answer(page)[:6] == ["Likeliest", "dark", "dark", "80.0%", "bright", "20.0%"]
    bars = page.eval_on_selector_all(".fill", "all => all.map(one => one.style.width)")
    assert [float(width.removesuffix("%")) for width in bars] == pytest.approx([80, 20], abs=0.1)
    decoded = "one => one.decode().then(() => one.naturalWidth)"
    assert page.get_by_alt_text("Your picture a.png").evaluate(decoded) == 30
    # Another one takes its place; what is no picture is said beside it.
    page.set_input_files("#file", png(255))
    page.locator(".result", has_text="bright").wait_for()
    page.set_input_files("#file", {**png(0), "buffer": b"none", "name": "b.png"})
    assert page.get_by_role("alert").inner_text().startswith("b.png cannot be read as an image")
    page.reload()
    data = page.evaluate_handle(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
          return data;
        }""",
        list(png(255)["buffer"]),
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": data})
    assert answer(page)[1] == "bright"


def test_a_row_is_filled_in(visit, known):
    page = visit(known.table())
    # A category that would end the script, were it not escaped.
    assert page.get_by_label("home town").locator("option").all_inner_texts() == [
        "unknown",
        "city",
        "</script>",
        "another",
    ]
    page.get_by_role("button", name="Predict").click()
    assert page.get_by_role("alert").inner_text() == "Nothing is filled in yet."
    page.get_by_label("Age").fill("30")
    page.get_by_label("home town").select_option("city")
    page.get_by_label("home town").press("Enter")
    page.get_by_role("button", name="Predict").click()
    assert answer(page)[:2] == ["rent", "1,015"]
    assert page.get_by_role("alert").count() == 0
    rows = {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"Age,home town\n2,x\n4,y\n"}
    page.set_input_files("#file", rows)
    page.locator("tbody tr").nth(1).wait_for()
    assert page.locator("tbody tr").all_inner_texts() == ["1\t1", "2\t2"]


def test_a_text_is_typed_and_sent_by_key(visit, known):
    page = visit(known.text())
    page.get_by_role("button", name="Predict").click()
    assert page.get_by_role("alert").inner_text() == "There is no text yet."
    page.get_by_label("Text", exact=True).fill("ABc\u00a0d")
    page.keyboard.press("Control+Enter")
    assert answer(page)[:3] == ["tone", "quiet", "quiet"]


def test_a_history_is_pasted_and_its_forecast_drawn(visit, known):
    page = visit(known.series(), viewport={"width": 390, "height": 844})
    page.get_by_label("History").fill("day,sold\n2026-01-01,5\n2026-01-02,6\n")
    page.get_by_role("button", name="Forecast").click()
    answer(page)
    chart = page.get_by_role("img")
    assert chart.get_attribute("aria-label") == (
        "sold: forecast from 7 at 2026-01-03 to 9 at 2026-01-05"
    )
    # Drawn when the browser next lays out the page.
    page.locator(".dot").nth(2).wait_for()
    assert page.locator(".dot").count() == 3
    assert page.locator("tbody tr").all_inner_texts()[0] == "2026-01-03\t7.0000"
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width)


@pytest.mark.parametrize(
    ("pasted", "first"),
    [
        ("4, 5,\n6", "4\t7.0000"),
        ("5\n\n6\n", "3\t7.0000"),
        ("5,5\t6,5", "3\t7.5000"),
        ("2026-01-01\t5\n2026-01-02\t6", "2026-01-03\t7.0000"),
        ("2026-01-01;5,5\r\n2026-01-02;6,5\r\n", "2026-01-03\t7.5000"),
        ("sold,day\n5,2026-01-01\n6,2026-01-02\n", "2026-01-03\t7.0000"),
    ],
)
def test_numbers_and_rows_are_pasted_as_a_history(visit, known, pasted, first):
    page = visit(known.series())
    page.get_by_label("History").fill(pasted)
    page.get_by_role("button", name="Forecast").click()
    answer(page)
    assert page.locator("tbody tr").all_inner_texts()[0] == first


@pytest.mark.parametrize(
    ("channels", "pasted", "shown"),
    [
        (1, "4 3 2 1", ["falls"]),
        (1, "1\n2\n3\n4", ["rises"]),
        (1, "1,2,3,4\n4,3,?,1\n", ["rises", "falls"]),
        (2, "4\t1\n3\t1\n2\t1\n1\t1", ["falls"]),
    ],
)
def test_numbers_and_rows_are_pasted_as_series(visit, known, channels, pasted, shown):
    page = visit(known.sequence(channels))
    page.get_by_label("Series").fill(pasted)
    page.get_by_role("button", name="Predict").click()
    said = " ".join(answer(page))
    rows = page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[1] for row in rows] == shown if rows else shown[0] in said


def test_text_goes_on_and_pictures_are_made(visit, known):
    page = visit(known.corpus())
    page.get_by_label("Beginning").fill("xyz")
    page.get_by_label("Characters").fill("5")
    page.get_by_label("Temperature").fill("0")
    page.get_by_role("button", name="Write").click()
    # Shown while it is written.
    page.locator(".written", has_text=re.compile("^xyzabcde$")).wait_for()
    page.get_by_label("Characters").fill("0")
    page.get_by_role("button", name="Write").click()
    assert "a whole number from 1 to 10,000" in page.get_by_role("alert").inner_text()

    page = visit(known.pictures())
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Make pictures").click()
    sheet = page.get_by_alt_text("16 pictures made with seed 7")
    sheet.wait_for()
    assert sheet.evaluate("one => one.decode().then(() => one.naturalWidth > 0)")


def test_a_server_that_is_gone_is_said(visit, known, serve, browser):
    client = serve(known.text())
    page = browser.new_page()
    page.goto(client.url)
    client.stop()
    page.get_by_label("Text", exact=True).fill("hello")
    page.get_by_role("button", name="Predict").click()
    alert = page.get_by_role("alert")
    assert alert.inner_text() == "The server does not answer. Is dlcli serve still running?"


def test_all_can_be_reached_and_is_named(visit, known):
    for kind in ("image", "table", "text", "series", "sequence", "corpus", "pictures"):
        page = visit(getattr(known, kind)())
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("input, select, textarea, button")]
              .filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel))
              .map((one) => one.outerHTML)"""
        )
        assert unnamed == []
        assert page.locator("h1").count() == 1
        assert page.locator("html").get_attribute("lang") == "en"


def test_the_commands_of_the_page_work(visit, known, serve):
    """What it offers for copying asks the server that it came from."""
    import shlex

    for kind in ("table", "text", "series", "sequence", "corpus"):
        page = visit(getattr(known, kind)())
        page.get_by_text("Ask from a program").click()
        commands = page.locator(".command pre").all_inner_texts()
        asked = [shlex.split(each) for each in commands if " -d " in each]
        assert asked
        for _, address, _, header, _, body in asked:
            status = page.evaluate(
                """([url, header, body]) => fetch(url, {
                     method: 'POST', body, headers: [header.split(': ')],
                   }).then((one) => one.status)""",
                [address, header, body],
            )
            assert status == 200, body
            assert json.loads(body)
