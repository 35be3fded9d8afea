"""Series are cut by time; no window sees what it must not, and what does not fit is named."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dlcli import data
from dlcli.errors import DataError
from dlcli.recipe import schema


@pytest.fixture
def table(tmp_path):
    """A hundred hours; `load` counts them."""
    hours = pl.datetime_range(
        pl.datetime(2020, 1, 1), pl.datetime(2020, 1, 5, 3), "1h", eager=True
    ).dt.strftime("%Y-%m-%d %H:%M:%S")
    frame = pl.DataFrame(
        {"date": hours, "load": range(100), "wind": [n % 7 for n in range(100)], "site": "Ulm"}
    )
    path = tmp_path / "hours.csv"
    frame.write_csv(path)
    return path


def load(path, *overrides):
    return data.load(
        schema.load("series-lstm", [f'data.source="{path}"', "preprocessing.steps=4", *overrides])
    )


def test_what_is_forecast_lies_in_its_split_and_what_from_may_reach_back(table):
    options = ("data.target=load", "preprocessing.horizon=3", "data.split_rows=[60, 20, 15]")
    splits = load(table, *options).splits
    borders = {"train": (0, 60), "validation": (60, 80), "test": (80, 95)}
    for name, (begin, end) in borders.items():
        split = getattr(splits, name)
        windows, targets = split.gather(np.arange(len(split)))
        assert targets.shape == (len(split), 3, 1)
        first = max(begin, 4)
        assert targets[0, :, 0].tolist() == [first, first + 1, first + 2]
        assert targets[-1, -1, 0] == end - 1
        # The last step of a window is the one before its forecast.
        assert np.array_equal(windows[:, -1, 0], targets[:, 0, 0] - 1)
        assert len(split) == end - first - 2
    assert splits.train.name(0) == "2020-01-01 04:00:00"


def test_fractions_are_of_rows_and_the_end_is_the_test(table):
    splits = load(table, "data.test_fraction=0.2", "data.validation_fraction=0.25").splits
    assert [len(split) for split in vars(splits).values()] == [60 - 4, 20, 20]
    assert splits.test.gather(np.array([0]))[1][0, 0, 0] == 80


def test_training_windows_may_be_thinned_and_others_are_not(table):
    splits = load(table, "preprocessing.stride=5").splits
    assert np.diff(splits.train.rows).tolist() == [5] * (len(splits.train) - 1)
    assert set(np.diff(splits.test.rows)) == {1}


def test_the_scale_is_that_of_the_train_rows(table):
    spec = load(table, "data.split_rows=[60, 20, 20]").spec
    column = spec.forecast.columns[0]
    assert (column.name, column.mean) == ("load", pytest.approx(29.5))
    assert column.std == pytest.approx(np.arange(60).std())
    assert [target.name for target in spec.forecast.targets] == ["load", "wind"]
    assert spec.warnings == (
        "the column 'site' is left out: it holds no numbers.",
        "the column 'load' grows evenly from row to row and is taken for a quantity like the "
        "others; if it is none, leave it out: 'data.exclude=[load]'",
    )
    assert load(table, "data.target=load", "data.exclude=[site]").spec.warnings == ()
    assert spec.forecast.frequency.words() == "1 hour"
    assert spec.inferred["time"] == "date"
    assert spec.inferred["time_format"] == "%Y-%m-%d %H:%M:%S"
    assert spec.inferred["frequency"] == "1 hour"


def test_a_column_that_may_be_the_time_is_named(tmp_path):
    path = tmp_path / "log.csv"
    seconds = [f"{number / 10}" for number in range(100)]
    pl.DataFrame({"t [s]": seconds, "volts": [n % 7 for n in range(100)]}).write_csv(path)
    warning, _ = load(path).spec.warnings
    assert "leave it out: 'data.exclude=[\"t [s]\"]' or name it as the time: " in warning
    assert load(path, 'data.time="t [s]"').spec.warnings == ()


def test_other_times_and_what_is_not_understood_are_left_out_with_their_reason(table):
    frame = pl.read_csv(table).with_columns(
        until=pl.col("date").str.replace("2020", "2021"),
        span=pl.col("date") + " - " + pl.col("date"),
    )
    frame.write_csv(table)
    warnings = load(table, "data.exclude=[site]", "data.target=load").spec.warnings
    assert warnings == (
        "the column 'until' is left out: it holds times, and others are those of the rows.",
        "the column 'span' is left out: its cells, such as '2020-01-01 00:00:00 - 2020-01-01 "
        "00:00:00', are no numbers and no times that are understood.",
    )


def test_targets_and_features_are_chosen(table):
    spec = load(table, "data.target=wind", "data.features=[load]").spec
    assert spec.forecast.channels == (None,)
    assert spec.input_shape == (4, 1)
    assert load(table, "data.target=[wind, load]").spec.forecast.channels == (1, 0)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.target=sun"], "has no column 'sun'"),
        (["data.target=date"], "'date' is a column of the times"),
        (["data.target=site"], "hours.csv row 1: 'site' is 'Ulm', which is no number"),
        (["data.time=load", "data.features=[date]"], "'date' is '2020-01-01 00:00:00', which is n"),
        (["data.split_rows=[60, 30, 20]"], "data.split_rows asks for 110 rows; .* has 100"),
        (["preprocessing.horizon=30"], "there are 8 rows to forecast|there are 20 rows to fore"),
        (["preprocessing.steps=200"], "too few rows: a window takes 200 steps"),
        (["data.target=wind", "data.features=[load]", "preprocessing.relative_to=last"],
         "data.features lacks the target 'wind'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(table, overrides, message):
    with pytest.raises(DataError, match=message):
        load(table, *overrides)


def test_a_missing_value_is_counted_or_refused(table):
    text = table.read_text().splitlines()
    text[5] = "2020-01-01 04:00:00,,3,Ulm"
    table.write_text("\n".join(text), encoding="utf-8")
    loaded = load(table)
    assert "values are missing ('load' 1)" in loaded.spec.warnings[1]
    assert np.isnan(loaded.splits.train.gather(np.array([0]))[1][0, 0, 0])
    with pytest.raises(DataError, match=r"row 5: 'load' is missing, and preprocessing\.missing is"):
        load(table, "preprocessing.missing=fail")


def test_a_recipe_with_what_was_inferred_gives_the_same_data(tmp_path):
    days = pl.date_range(pl.date(2023, 12, 1), pl.date(2024, 2, 1), "1d", eager=True).alias("d")
    frame = pl.DataFrame(days).select(
        year=pl.col("d").dt.year(), month=pl.col("d").dt.month(), day=pl.col("d").dt.day()
    )
    path = tmp_path / "parts.csv"
    frame.with_row_index("sold").write_csv(path)
    loaded = load(path)
    assert loaded.spec.forecast.time == ("year", "month", "day")
    assert [column.name for column in loaded.spec.forecast.columns] == ["sold"]
    assert loaded.splits.train.gather(np.array([0]))[1].tolist() == [[[4.0]]]
    assert loaded.splits.train.name(0) == "2023 12 5"
    again = load(path, "data.time=[year, month, day]", "data.time_format=['%Y', '%-m', '%-d']",
                 "data.frequency='1 day'")  # fmt: skip
    assert again.spec.fingerprint == loaded.spec.fingerprint
    assert dict(again.spec.inferred) == dict(loaded.spec.inferred)
    assert len(again.spec.warnings) == 0 < len(loaded.spec.warnings)
    rows = load(path, "data.time=[]")
    assert [column.name for column in rows.spec.forecast.columns] == [
        "sold",
        "year",
        "month",
        "day",
    ]
    assert rows.spec.inferred["time"] == ()


def test_months_written_as_one_number_go_on_by_the_calendar(tmp_path):
    months = [f"{year}{month:02}" for year in range(2015, 2020) for month in range(1, 13)]
    path = tmp_path / "months.csv"
    pl.DataFrame({"month": months, "y": range(60)}).write_csv(path)
    forecast = load(path).spec.forecast
    assert (forecast.time_format, forecast.frequency.words()) == (("%Y%m",), "1 month")


def test_rows_without_a_value_count_and_those_at_the_end_are_left_out(tmp_path):
    path = tmp_path / "one.csv"
    values = ["" if row in {9, 20} else str(row) for row in range(40)]
    path.write_text("y\n" + "\n".join(values) + "\n\n\n", encoding="utf-8")
    loaded = load(path)
    train = loaded.splits.train
    assert np.isnan(train.gather(np.array([5]))[1][0, 0, 0])
    assert train.gather(np.array([6]))[1][0, 0, 0] == 10
    assert "values are missing ('y' 2)" in loaded.spec.warnings[1]
    times = [f"2024-01-{row:02},{'' if row > 28 else row}" for row in range(1, 32)]
    path.write_text("time,y\n" + "\n".join(times) + "\n,\n", encoding="utf-8")
    spec = load(path).spec
    assert "no values in the last 3 rows of " in spec.warnings[0]
    assert len(spec.warnings) == 1


def test_several_series_are_refused(table):
    frame = pl.read_csv(table)
    pl.concat([frame, frame.with_columns(site=pl.lit("Bonn"))]).write_csv(table)
    for overrides in ((), ("data.time=date",)):
        with pytest.raises(DataError, match=r"200 of 200 rows .* told apart by 'site'") as raised:
            load(table, *overrides)
        assert "data.time=COLUMN" in raised.value.hint


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match=r"is a folder\. Expected one table"):
        load(tmp_path)


@pytest.mark.shared_data
def test_etth1_has_its_published_borders(shared_data):
    loaded = load(
        shared_data / "series" / "ETTh1.csv", "data.split_rows=[8640, 2880, 2880]",
        "preprocessing.steps=336", "preprocessing.horizon=96",
    )  # fmt: skip
    assert [len(split) for split in vars(loaded.splits).values()] == [8209, 2785, 2785]
    assert loaded.splits.test.name(0) == "2017-10-24 00:00:00"


def test_a_channel_with_a_large_offset_keeps_its_digits(tmp_path):
    wave = np.sin(np.arange(100) / 3)
    path = tmp_path / "table.csv"
    pl.DataFrame({"x": wave, "y": 1e9 + wave}).write_csv(path)
    spec = (dataset := load(path)).spec
    assert [(each.name, each.key) for each in spec.affines.inputs] == [("y", 1)]
    assert spec.affines.outputs == spec.affines.inputs
    assert any("the column 'y' apart" in warning for warning in spec.warnings)
    column = spec.forecast.targets[1]
    assert column.mean == pytest.approx(1e9 + wave[:72].mean(), abs=1e-6)
    assert column.std == pytest.approx(wave[:72].std())
    windows, targets = dataset.splits.test.gather(np.array([0]))
    assert windows[0, :, 1].tolist() == (1e9 + wave)[76:80].tolist()
    assert targets[0, 0].tolist() == [wave[80], 1e9 + wave[80]]
    windows, targets = dataset.splits.test.gather_for_model(np.array([0]))
    scores = (wave[76:81] - wave[:72].mean()) / wave[:72].std()
    assert windows[0, :, 0].tolist() == wave[76:80].astype(np.float32).tolist()
    assert windows[0, :, 1] == pytest.approx(scores[:4], abs=1e-6)
    assert targets[0, 0] == pytest.approx([wave[80], scores[4]], abs=1e-6)


def test_other_series_are_float32_windows_and_the_truth_is_that_of_the_file(tmp_path):
    path = tmp_path / "table.csv"
    values = np.arange(100) / 10
    pl.DataFrame({"x": values}).write_csv(path)
    split = load(path).splits.test
    windows, targets = split.gather(np.array([0]))
    assert (windows.dtype, targets.dtype) == (np.float32, np.float64)
    assert targets[0, 0, 0] == values[80]
    assert split.gather_for_model(np.array([0]))[1].dtype == np.float32
