"""dlcli report."""

import json
import webbrowser


def test_a_report_is_written_into_the_run(run_cli, trained_run):
    before = trained_run.report.read_bytes()
    result = run_cli("report", trained_run.path)
    assert (result.code, result.stdout, result.stderr) == (0, f"{trained_run.report}\n", "")
    assert trained_run.report.read_bytes() == before


def test_a_card_is_written_to_a_file_and_told_as_json(run_cli, trained_run, tmp_path):
    path = tmp_path / "card.md"
    result = run_cli("report", trained_run.path, "--format", "markdown", "--output", path, "--json")
    assert result.code == 0
    document = json.loads(result.stdout)
    assert (document["schema"], document["output"]) == ("dlcli.report/1", str(path))
    assert document["metrics"] == json.loads(trained_run.metrics.read_text())
    assert path.read_text(encoding="utf-8") == trained_run.model_card.read_text(encoding="utf-8")


def test_a_browser_is_asked_to_open_the_page(run_cli, trained_run, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(opened.append(url)))
    result = run_cli("report", trained_run.path, "--open")
    assert opened == [trained_run.report.as_uri()]
    assert result.code == 0
    assert "no browser could be opened" in result.stderr


def test_a_place_that_cannot_be_is_refused(run_cli, trained_run, tmp_path):
    result = run_cli("report", trained_run.path, "--output", tmp_path)
    assert result.code == 2
    assert "names a folder" in result.stderr
    result = run_cli("report", trained_run.path, "--output", tmp_path / "no" / "x.html")
    assert result.code == 2
    assert "there is no folder" in result.stderr


def test_a_run_that_is_not_completed_says_how_to_go_on(run_cli, make_run):
    make_run("mine", metrics=None)
    result = run_cli("report", "mine")
    assert result.code == 2
    assert "not completed" in result.stderr
    assert "dlcli train --resume mine" in result.stderr
