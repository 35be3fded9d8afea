"""The server over HTTP: its routes, its limits, and what it counts."""

import io
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image


class Held:
    """A predictor that answers once it is let go on."""

    def __init__(self, predictor):
        self.metadata, self._predictor = predictor.metadata, predictor
        self.entered, self.go_on = threading.Event(), threading.Event()

    def predict_batch(self, raw):
        self.entered.set()
        self.go_on.wait()
        return self._predictor.predict_batch(raw)


def png(bright, size=(3, 2), **options):
    content = io.BytesIO()
    Image.new("L", size, bright).save(content, "PNG", **options)
    return content.getvalue()


def metric(client, name):
    """The value of a metric, named with its labels."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("metrics").content.decode(), re.M)
    return float(found[1]) if found else None


def test_status_and_health(serve, known):
    client = serve(known.image(), "two words")
    status = {
        "version": "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    for path in ("v1/models/two%20words", "v1/models/two%20words/versions/1"):
        assert client.get(path).json == {"model_version_status": [status]}
    assert client.get("healthz").json == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "v1/models/other", 404, "no model 'other' here. There is 'known'"),
        ("GET", "v1/models/other/metadata", 404, "no model 'other'"),
        ("POST", "v1/models/other:predict", 404, "no model 'other'"),
        ("POST", "v1/models/known/versions/2:predict", 404, "no version '2' of 'known'"),
        ("GET", "v1/models/known/versions/2", 404, "no version '2'"),
        ("GET", "nowhere", 404, "nothing at /nowhere"),
        ("GET", "predict", 405, "GET is not for /predict. Expected POST; http://127"),
        ("GET", "v1/models/known:predict", 405, "answers a POST with examples, no GET"),
        ("POST", "v1/models/known:predict", 400, "is no JSON"),
        ("POST", "v1/models/known:classify", 405, "POST is not for"),
    ],
)
def test_errors_are_sentences_in_json(serve, known, method, path, status, message):
    answer = serve(known.image()).request(method, path, b"" if method == "POST" else None)
    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert message in answer.json["error"]


@pytest.mark.parametrize(
    ("headers", "option"),
    [
        ({"Host": "evil.example"}, "--allow-host evil.example"),
        ({"Host": "evil.example:8501"}, "'evil.example:8501', which is none of its names"),
        ({"Origin": "http://evil.example"}, "--allow-host evil.example"),
        ({"Origin": "http://127.0.0.1:1"}, "a page of 'http://127.0.0.1:1'"),
        ({"Origin": "null"}, "--allow-host NAME"),
    ],
)
def test_pages_of_strangers_are_refused(serve, known, headers, option):
    client = serve(known.text())
    answer = client.post("predict", {"texts": ["x"]}, **headers)
    assert answer.status == 403
    assert option in answer.json["error"]
    assert client.request("GET", "", **headers).status == 403


def test_the_own_page_and_names_that_are_allowed_are_answered(serve, known):
    client = serve(known.text())
    port = urlsplit(client.url).port
    for host in (
        "localhost",
        "LOCALHOST.",
        "models.localhost",
        "10.1.2.3",
        "[::1]",
        "proxy.example",
    ):
        called = f"{host}:{port}"
        headers = {"Host": called, "Origin": f"http://{called}"}
        assert client.post("predict", {"texts": ["x"]}, **headers).status == 200, host
    behind = {"Host": "127.0.0.1", "Origin": "https://proxy.example"}
    assert client.post("predict", {"texts": ["x"]}, **behind).status == 200


@pytest.mark.parametrize("given", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_has_to_be_sent_as_json(serve, known, given):
    client = serve(known.text())
    for path in ("predict", "v1/models/known:predict", "generate"):
        answer = client.post(path, {"texts": ["x"]}, **{"Content-Type": given})
        assert answer.status == 415
        assert "Content-Type: application/json" in answer.json["error"]
    right = {"Content-Type": "application/json; charset=utf-8"}
    assert client.post("predict", {"texts": ["x"]}, **right).status == 200


def test_rows_with_a_key_each_are_refused_before_there_is_a_table(serve, known, monkeypatch):
    from dlcli import prediction

    monkeypatch.setattr(prediction, "predict_inputs", lambda *_: pytest.fail("a table was built"))
    rows = [{f"key {place}": 1} for place in range(5000)]
    answer = serve(known.table()).post("predict", {"rows": rows})
    assert answer.status == 400
    assert "'rows' has 5,000 different keys in 5,000 rows" in answer.json["error"]


def test_work_ends_when_the_client_has_gone(serve, known):
    letters = known.corpus()
    step, calls, started = letters.step, [], threading.Event()

    def slow(token_ids, state):
        calls.append(token_ids)
        started.set()
        threading.Event().wait(0.02)
        return step(token_ids, state)

    letters.step = slow
    client = serve(letters)
    address = urlsplit(client.url)
    body = json.dumps({"prompt": "a", "length": 10_000}).encode()
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(
            b"POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        started.wait()
    name = 'dlcli_requests_total{endpoint="generate",outcome="disconnected"}'
    while not metric(client, name):
        threading.Event().wait(0.01)
    threading.Event().wait(1)  # the step that was under way may take its time
    num_calls = len(calls)
    threading.Event().wait(0.2)
    assert len(calls) == num_calls


def test_headers_that_do_not_come_end_the_connection(serve, known, monkeypatch):
    from dlcli.serving import server

    monkeypatch.setattr(server, "_HEADERS_SECONDS", 0.2)
    address = urlsplit(serve(known.text()).url)
    for start in (b"", b"GET /healthz HTTP/1.1\r\nHost: local"):
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(start)
            assert connection.recv(1) == b""


def test_a_file_that_is_no_form_is_answered_with_the_command(serve, known):
    client = serve(known.image())
    for path in ("predict", "v1/models/known:predict"):
        answer = client.post(path, png(51))
        assert answer.status == 400
        assert answer.json["error"] == (
            "the request is no JSON: it is no text. Expected JSON, or a file as a form: "
            f"curl -F file=@photo.jpg {client.url}predict"
        )


def test_an_encoded_picture_is_answered_as_its_pixels(serve, known):
    import base64

    client = serve(known.image())
    file = {"b64": base64.b64encode(png(51)).decode()}
    encoded = {"signature_name": "encoded", "instances": [{"image_bytes": file}]}
    arrays = {"instances": [[[[51]] * 3] * 2]}
    answers = [client.post("v1/models/known:predict", each).json for each in (encoded, arrays)]
    assert answers[0] == answers[1]
    assert answers[0]["predictions"] == [{"probabilities": [0.8, 0.2], "class_name": "dark"}]


def test_files_texts_and_rows_are_predicted_as_on_the_command_line(serve, known):
    pictures = serve(known.image())
    answer = pictures.form(
        ("file", "a/dark.png", png(0)),
        ("file", "bright.png", png(255)),
        ("file", "not.png", b"no picture"),
        ("top_k", "", "1"),
    )
    assert answer.json == {
        "schema": "dlcli.predict/1",
        "predictions": [
            {"input": "dark.png", "classes": [{"class": "dark", "probability": 1.0}]},
            {"input": "bright.png", "classes": [{"class": "bright", "probability": 1.0}]},
            {
                "input": "not.png",
                "error": "not.png cannot be read as an image: it is a text file, which dlcli "
                "does not read.",
            },
        ],
        "warnings": ["some images are of a single colour."],
    }
    texts = serve(known.text()).post("predict", {"texts": ["AB", "Abcd"]})
    assert [each["classes"][0] for each in texts.json["predictions"]] == [
        {"class": "loud", "probability": 1.0},
        {"class": "quiet", "probability": 0.75},
    ]
    rows = [{"Age": "8", "home town": "city"}, {"Age": 4, "more": 1, "home town": None}]
    table = serve(known.table()).post("predict", {"rows": rows})
    assert [each["prediction"] for each in table.json["predictions"]] == [1004, 2]
    csv = "Age,home town\n8,city\nold,city\n"
    found = serve(known.table()).form(("file", "rows.csv", csv)).json["predictions"]
    assert found[0]["prediction"] == 1004
    assert found[1]["error"] == "'Age' is 'old', which is no number"


@pytest.mark.parametrize("name", ["\N{SLIGHTLY SMILING FACE}" * 90, "x" * 300, "é" * 255])
def test_a_file_with_a_long_name_is_predicted(serve, known, name):
    answer = serve(known.table()).form(("file", f"{name}.csv", "Age,home town\n8,city\n"))
    assert answer.json["predictions"][0]["prediction"] == 1004
    assert answer.json["predictions"][0]["input"].endswith(f"{name[-20:]}.csv row 1")


def test_half_a_character_in_a_text_is_read_as_what_is_unknown(serve, known):
    answer = serve(known.text()).post("predict", {"texts": ["A\ud800"]})
    assert answer.json["predictions"][0]["input"] == "A\ufffd"


def test_a_picture_is_turned_as_its_camera_was(serve, known):
    upright, turned = Image.new("L", (3, 2)), io.BytesIO()
    upright.putpixel((0, 0), 255)
    seen = []
    predictor = known.image()
    answer = predictor.predict_batch
    predictor.predict_batch = lambda raw: seen.append(raw) or answer(raw)
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    upright.transpose(Image.Transpose.ROTATE_180).save(turned, "PNG", exif=exif)
    assert serve(predictor).form(("file", "a.png", turned.getvalue())).status == 200
    assert np.array_equal(seen[-1][0, :, :, 0], np.asarray(upright))


def test_a_forecast_comes_with_the_end_of_its_history(serve, known):
    csv = "day,sold\n2026-01-01,5\n2026-01-02,6\n2026-01-03,7\n"
    answer = serve(known.series()).form(("file", "sales.csv", csv)).json
    assert answer["history"] == {"times": ["2026-01-02", "2026-01-03"], "values": {"sold": [6, 7]}}
    assert [(each["input"], each["prediction"]) for each in answer["predictions"]] == [
        ("2026-01-04", {"sold": 8}),
        ("2026-01-05", {"sold": 9}),
        ("2026-01-06", {"sold": 10}),
    ]


@pytest.mark.parametrize("values", [[5, 6, 7], [[5], [6], [7]], [None, 6, 7]])
def test_a_history_is_numbers_alone(serve, known, values):
    answer = serve(known.series()).post("predict", {"values": values}).json
    assert answer["history"] == {"label": "row", "times": ["2", "3"], "values": {"sold": [6, 7]}}
    assert [(each["columns"], each["prediction"]) for each in answer["predictions"]] == [
        ({"row": "4"}, {"sold": 8}),
        ({"row": "5"}, {"sold": 9}),
        ({"row": "6"}, {"sold": 10}),
    ]


@pytest.mark.parametrize(
    ("channels", "values", "classes", "warnings"),
    [
        (1, [1, 2, 3, 4], ["rises"], []),
        (1, [[4, 3, 2, 1], [1, None, 5, 8]], ["falls", "rises"], []),
        (1, [[4, 3], [1, 2, 3, 4, 5]], ["falls", "rises"], ["1 series of 'values' are longer"]),
        (1, [1, 2], ["rises"], ["the longest series of 'values' has 2 steps"]),
        (2, [[4, 0], [3, 9], [2, 9], [1, 9]], ["falls"], []),
    ],
)
def test_whole_series_are_numbers_alone(serve, known, channels, values, classes, warnings):
    answer = serve(known.sequence(channels)).post("predict", {"values": values}).json
    found = [each["classes"][0]["class"] for each in answer["predictions"]]
    assert found == classes
    said = answer.get("warnings", [])
    assert len(said) == len(warnings)
    assert all(start in each for start, each in zip(warnings, said, strict=True))


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("table", {"values": [1]}, "this model takes no values"),
        ("series", {"values": [1]}, "'values' has 1 rows; the model forecasts from 2."),
        ("series", {"values": [[1, 2], [3, 4]]}, "2 numbers in step 1; the model has 1 columns"),
        ("series", {"values": [1e31, 1]}, "'values' has 1e+31 in step 1; the largest number"),
        ("series", {"values": ["x", 1]}, "'values"),
        ("series", {"values": [1, 2], "rows": [{"day": "2026-01-01"}]}, "more than 'values'"),
        ("sequence", {"values": [[]]}, "'values' has a series without values."),
        ("image", {}, "nothing to predict. Expected files in a form's 'file' fields."),
        ("image", {"texts": ["x"]}, "takes no texts"),
        ("text", {"texts": "x"}, "'texts' does not fit: input should be a valid list"),
        ("text", {"text": ["x"]}, "'text' is not understood. Expected: texts, rows, values, top_k"),
        ("text", {"texts": ["x"], "top_k": 0}, "'top_k' does not fit"),
        ("table", {"rows": [{"Age": 1, "home town": "x"}, {"Age": ""}]}, "row 2 has no values"),
        ("table", {"rows": [{"age": 1}]}, "has no column 'Age'. Did you mean 'age'"),
        ("table", {"rows": [{"Age": [1]}]}, "'rows.0.Age"),
        ("series", {"rows": [{"day": "2026-01-01", "sold": 1}]}, "has 1 rows; the model forecasts"),
        ("pictures", {"rows": [{"a": 1}]}, "makes pictures of noise"),
    ],
)
def test_what_cannot_be_predicted_is_said(serve, known, kind, body, message):
    answer = serve(getattr(known, kind)()).post("predict", body)
    assert answer.status == 400
    assert message in answer.json["error"]
    assert "/tmp" not in answer.json["error"]


def test_what_unpacks_to_any_size_is_refused(serve, known):
    import gzip

    packed = serve(known.table()).form(("file", "rows.csv.gz", gzip.compress(b"Age\n1\n")))
    assert (packed.status, packed.json["error"]) == (
        400,
        "rows.csv.gz is gzipped. Send it unpacked, tables as CSV.",
    )
    # A header of 40,000 x 40,000 pixels, and nothing behind it.
    bomb = bytearray(png(0))
    bomb[16:24] = (40_000).to_bytes(4, "big") * 2
    answer = serve(known.image()).form(("file", "bomb.png", bytes(bomb)))
    assert answer.status == 400


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_request_that_is_too_large_is_not_read(serve, known, is_chunked):
    client = serve(known.text(), max_request_mb=0.01)
    body = json.dumps({"texts": ["x" * 5_000_000]}).encode()
    chunks = iter([body]) if is_chunked else body
    answer = client.post("predict", chunks)
    assert answer.status == 413
    assert "larger than 0.01 MB" in answer.json["error"]
    assert client.post("predict", {"texts": ["x" * 9000]}).status == 200
    assert metric(client, 'dlcli_requests_total{endpoint="predict",outcome="too_large"}') == 1


def test_who_asks_for_leave_to_send_too_much_is_answered_before(serve, known):
    client = serve(known.text(), max_request_mb=0.01)
    address = urlsplit(client.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
            b"Content-Type: application/json\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_concurrent_requests_are_answered_together_and_counted(serve, known):
    predictor = known.text()
    held = Held(predictor)
    client = serve(held)
    texts = ["A" * (place + 1) + "b" for place in range(9)]
    with ThreadPoolExecutor(9) as pool:
        futures = [pool.submit(client.post, "predict", {"texts": [texts[0]]})]
        held.entered.wait()
        futures += [pool.submit(client.post, "predict", {"texts": [each]}) for each in texts[1:]]
        while client.model.depth < 8:
            threading.Event().wait(0.001)
        assert metric(client, "dlcli_queue_depth") == 8
        assert metric(client, "dlcli_requests_under_way") == 9
        held.go_on.set()
        for text, future in zip(texts, futures, strict=True):
            [prediction] = future.result().json["predictions"]
            assert prediction["input"] == text
            loud = {each["class"]: each["probability"] for each in prediction["classes"]}["loud"]
            assert loud == pytest.approx((len(text) - 1) / len(text))
    assert predictor.calls == [1, 8]
    assert metric(client, 'dlcli_batch_examples_bucket{le="1.0"}') == 1
    assert metric(client, "dlcli_batch_examples_sum") == 9
    assert metric(client, 'dlcli_requests_total{endpoint="predict",outcome="ok"}') == 9
    assert metric(client, 'dlcli_request_seconds_count{endpoint="predict"}') == 9
    assert metric(client, "dlcli_queue_depth") == 0
    assert metric(client, 'dlcli_model_info{model="known",task="text-classification"}') == 1


def test_one_more_than_the_queue_holds_is_turned_away(serve, known):
    held = Held(known.text())
    client = serve(held, max_queue=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "v1/models/known:predict", {"instances": ["a"]})
        held.entered.wait()
        busy = client.post("v1/models/known:predict", {"instances": ["b"]})
        held.go_on.set()
        assert first.result().status == 200
    assert (busy.status, busy.headers["retry-after"]) == (503, "1")
    assert "busy with 1 requests" in busy.json["error"]
    name = 'dlcli_requests_total{endpoint="tensorflow_serving",outcome="busy"}'
    assert metric(client, name) == 1


def test_an_answer_that_comes_too_late_is_not_waited_for(serve, known):
    held = Held(known.text())
    client = serve(held, timeout=0.2)
    late = client.post("v1/models/known:predict", {"instances": ["a"]})
    held.go_on.set()
    assert late.status == 503
    assert "no answer within 0.2 seconds" in late.json["error"]
    name = 'dlcli_requests_total{endpoint="tensorflow_serving",outcome="timeout"}'
    assert metric(client, name) == 1


def test_a_fault_of_one_request_is_told_and_survived(serve, known, caplog):
    predictor = known.text()
    answer = predictor.predict_batch

    def faulty(raw):
        if raw[0] == "bad":
            raise ValueError("out of order")
        return answer(raw)

    predictor.predict_batch = faulty
    client = serve(predictor)
    bad = client.post("v1/models/known:predict", {"instances": ["bad"]})
    assert bad.status == 500
    assert "unexpected ValueError: out of order" in bad.json["error"]
    assert "unexpected ValueError at /v1/models/known:predict: out of order" in caplog.text
    assert client.post("v1/models/known:predict", {"instances": ["good"]}).status == 200


def test_what_is_under_way_is_finished_when_the_server_ends(serve, known):
    held = Held(known.text())
    client = serve(held)
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(client.post, "predict", {"texts": ["a"]})
        held.entered.wait()
        end = pool.submit(client.stop)
        held.go_on.set()
        assert answer.result().status == 200
        end.result()
    with pytest.raises(ConnectionRefusedError):
        client.get("healthz")


def test_text_is_generated_at_once_or_as_it_is_written(serve, known):
    client = serve(known.corpus())
    wanted = {"prompt": "ab?", "length": 4, "temperature": 0}
    client.post("generate", wanted)
    answer = client.post("generate", {**wanted, "prompt": "ab", "seed": 3}).json
    assert answer == {
        "schema": "dlcli.generate/1",
        "prompt": "ab",
        "text": "cdef",
        "temperature": 0,
        "top_k": None,
        "seed": 3,
        "unknown_in_prompt": [],
    }
    assert client.post("generate", wanted).json["unknown_in_prompt"] == ["?"]
    stream = client.post("generate", {**wanted, "prompt": "y", "stream": True, "seed": 5})
    assert stream.headers["content-type"] == "text/plain; charset=utf-8"
    assert (stream.content, stream.headers["dlcli-seed"]) == (b"zabc", "5")


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("corpus", {"length": 0}, "'length' does not fit: input should be greater"),
        ("corpus", {"temperature": float("nan")}, "'temperature' does not fit"),
        ("corpus", {"promt": "x"}, "'promt' is not understood. Expected: prompt, length"),
        ("pictures", {"count": 1000}, "'count' does not fit"),
        ("pictures", {"prompt": "x"}, "'prompt' is not understood. Expected: count, seed"),
        ("image", {}, "'known' is a model of image-classification; it generates nothing"),
    ],
)
def test_what_cannot_be_generated_is_said(serve, known, kind, body, message):
    answer = serve(getattr(known, kind)()).post("generate", body)
    assert answer.status == 400
    assert message in answer.json["error"]


def test_pictures_are_one_sheet_the_same_for_a_seed(serve, known):
    client = serve(known.pictures())
    sheets = [client.post("generate", {"count": 4, "seed": seed}) for seed in (1, 1, 2)]
    assert sheets[0].headers["content-type"] == "image/png"
    assert sheets[0].headers["dlcli-seed"] == "1"
    with Image.open(io.BytesIO(sheets[0].content)) as sheet:
        assert sheet.size[0] == sheet.size[1]
    assert sheets[0].content == sheets[1].content != sheets[2].content


def test_a_text_that_takes_too_long_breaks_off(serve, known):
    import http.client

    letters = known.corpus()
    step, calls = letters.step, []

    def slow(token_ids, state):
        calls.append(token_ids)
        threading.Event().wait(0.02)
        return step(token_ids, state)

    letters.step = slow
    client = serve(letters, timeout=1.0)
    wanted = {"prompt": "a", "length": 10_000}
    assert client.post("generate", wanted).status == 503
    with pytest.raises(http.client.IncompleteRead):
        client.post("generate", {**wanted, "stream": True})
    assert len(calls) < 200
