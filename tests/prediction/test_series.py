"""What follows a history has its times, and what is odd about the history is told."""

from typing import Any

import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.prediction import forecast_csv, series


class Last:
    """Answers the last value of y, three steps ahead."""

    def __init__(self, time: Any, time_format: Any, frequency: dict[str, Any]) -> None:
        column = {"name": "y", "mean": 0.0, "std": 1.0}
        self.metadata: dict[str, Any] = {
            "task": "series-forecasting",
            "input": {"shape": [2, 1], "missing": "interpolate",
                      "reading": {"missing_values": ["", "NA"]}},
            "forecast": {
                "columns": [column], "targets": [column], "horizon": 3, "time": time,
                "time_format": time_format, **frequency,
            },
        }  # fmt: skip

    def predict_batch(self, raw: np.ndarray) -> np.ndarray:
        return np.repeat(raw[:, -1:, :], 3, axis=1)


DAYS = {"frequency": {"unit": "day", "count": 1, "days": [], "nth": 0}}


def predict(predictor, path, text):
    path.write_text(text, encoding="utf-8")
    notes: list[str] = []
    found = list(series.predict(predictor, [str(path)], lambda event: notes.append(event.message)))
    return [item.cells for item in found], [item.values["y"] for item in found], notes


def test_the_rows_that_wait_for_a_forecast_get_it(tmp_path):
    predictor = Last(["date"], ["%Y-%m-%d"], DAYS)
    text = "date,y\n2024-02-27,1\n2024-02-28,2\n2024-02-29,\n2024-03-01,\n"
    cells, values, notes = predict(predictor, tmp_path / "h.csv", text)
    assert [cell["date"] for cell in cells] == ["2024-02-29", "2024-03-01", "2024-03-02"]
    assert values == [2, 2, 2]
    (note,) = notes
    assert "no value of y in the last 2 rows of " in note


def test_every_column_of_a_time_is_written(tmp_path):
    predictor = Last(["year", "month"], ["%Y", "%-m"], {
        "frequency": {"unit": "month", "count": 1, "days": [], "nth": 0}
    })  # fmt: skip
    path = tmp_path / "h.csv"
    cells, _, notes = predict(predictor, path, "year,month,y\n2023,11,1\n2023,12,2\n")
    assert cells == [{"year": "2024", "month": month} for month in "123"]
    assert notes == []
    with (tmp_path / "f.csv").open("w") as file:
        forecast_csv.write(series.predict(predictor, [str(path)]), file)
    assert (tmp_path / "f.csv").read_text().splitlines()[:2] == [
        "year,month,predicted_y,error", "2024,1,2.0,",
    ]  # fmt: skip


def test_a_model_of_0_1_goes_on_as_it_did(tmp_path):
    step = {"months": 0, "size": 86_400_000_000.0, "last_days": False}
    predictor = Last("date", "%d.%m.%Y", {"step": step})
    cells, _, notes = predict(predictor, tmp_path / "h.csv", "date,y\n30.12.2023,1\n31.12.2023,2\n")
    assert (cells[0], notes) == ({"date": "01.01.2024"}, [])
    without = Last("", "number", {"step": {"months": 0, "size": 1.0, "last_days": False}})
    cells, _, notes = predict(without, tmp_path / "h.csv", "y\n1\n\n3\n")
    assert (cells, notes) == ([{"row": "4"}, {"row": "5"}, {"row": "6"}], [])


def test_a_short_history_is_refused(tmp_path):
    predictor = Last(["date"], ["%Y-%m-%d"], DAYS)
    with pytest.raises(DataError, match=r"has 1 rows; the model forecasts from 2"):
        predict(predictor, tmp_path / "h.csv", "date,y\n2024-02-27,1\n2024-02-28,\n")
