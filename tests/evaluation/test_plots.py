"""Plots are written, also for a single epoch and for names in any script."""

import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from PIL import Image

from dlcli.evaluation import plot_style, plots

ROWS = [
    {
        "epoch": epoch,
        "learning_rate": 0.1,
        "loss": 1 / epoch,
        "accuracy": 1 - 0.5 / epoch,
        "val_loss": 1.1 / epoch,
        "val_accuracy": 0.95 - 0.5 / epoch,
    }
    for epoch in range(1, 6)
]


def colours(path):
    with Image.open(path) as image:
        return {color for _, color in image.convert("RGB").getcolors(2**24)}


def test_training_curves_draw_train_and_validation(tmp_path):
    for rows in (ROWS, ROWS[:1]):
        path = tmp_path / f"{len(rows)}.png"
        plots.training_curves(rows, 1, path)
        assert {(0, 114, 178), (213, 94, 0)} <= colours(path)  # both lines of the palette


def test_confusion_matrix_takes_names_in_any_script(tmp_path):
    path = tmp_path / "confusion.png"
    plots.confusion_matrix(np.array([[5, 1], [0, 9]]), ["猫", "собака"], path)
    assert len(colours(path)) > 10


@pytest.fixture
def own_fonts(monkeypatch):
    """Those that come with matplotlib, its boxes for what no font has among them."""
    own = [font for font in font_manager.fontManager.ttflist if "mpl-data" in font.fname]
    assert any(font.name.startswith("Last Resort") for font in own)
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    plot_style.fonts_for.cache_clear()
    yield
    plot_style.fonts_for.cache_clear()


@pytest.mark.parametrize("text", ["猫", "ब", "🐈", "ท"])
def test_characters_that_no_font_has_are_named(own_fonts, text):
    assert plots.undrawable(["cat", f"собака قط\n{text}"]) == text


def test_a_font_that_leaves_a_character_blank_does_not_have_it():
    own = font_manager.findfont("DejaVu Sans")
    assert plot_style._drawn_by(own, frozenset("a \u2800猫")) == set("a ")  # U+2800: no dots


def test_a_font_that_was_installed_since_is_found(own_fonts, monkeypatch):
    added = []
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["new.ttf"])
    monkeypatch.setattr(font_manager.fontManager, "addfont", added.append)
    plots.undrawable(["cat"])
    assert added == []
    plots.undrawable(["猫"])
    assert added == ["new.ttf"]


LONG = ["benign keratosis-like lesions", "squamous cell carcinoma in situ", "melanocytic naevi"]


@pytest.mark.parametrize("names", [["no", "yes"], LONG[:2], LONG, [*LONG, "n" * 100]])
def test_names_of_classes_do_not_overlap(tmp_path, monkeypatch, names):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    plots.confusion_matrix(np.eye(len(names), dtype=int), names, tmp_path / "a.png")
    (figure,) = drawn
    figure.draw_without_rendering()
    (axis,) = figure.axes
    labels = axis.get_xticklabels()
    cell = axis.get_window_extent().width / len(names)
    for label in labels:
        angle = np.radians(label.get_rotation())
        label.set_rotation(0)
        box = label.get_window_extent()
        # Between two parallel lines of text there is this much room.
        assert box.height < cell * np.sin(angle) if angle else box.width < cell
    tight = figure.get_tightbbox()
    assert tight.width <= figure.get_figwidth()
    assert tight.height <= figure.get_figheight()


def test_image_grid_takes_gray_and_colour(tmp_path):
    for channels in (1, 3):
        images = np.full((3, 8, 8, channels), 200, np.uint8)
        path = tmp_path / f"{channels}.png"
        plots.image_grid(images, ["a", "b", "c"], path)
        assert (200, 200, 200) in colours(path)


def test_truth_and_prediction_are_drawn_with_the_diagonal(tmp_path):
    path = tmp_path / "scatter.png"
    targets = np.linspace(0, 1e5, 50)
    plots.truth_and_prediction(targets, targets[:, None] + 10, "价格", path)
    assert (102, 102, 102) in colours(path)  # the diagonal, in grey
    assert len(colours(path)) > 10


def test_dollar_signs_in_a_name_are_no_formula(tmp_path):
    path = tmp_path / "confusion.png"
    plots.confusion_matrix(np.array([[5, 1], [0, 9]]), ["$\\bad{$", "b"], path)
    assert path.stat().st_size > 5000


def test_a_name_is_one_line_and_no_longer_than_its_axis(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    names = ["two\nlines\tand a tab", "n" * 100]
    plots.confusion_matrix(np.eye(2, dtype=int), names, tmp_path / "a.png")
    answers = np.zeros((2, 3, 2))
    plots.forecasts(np.zeros((6, 2)), answers, names, tmp_path / "b.png", times=["0"], label="t\nt")
    matrix, series = drawn
    assert matrix.axes[0].get_xticklabels()[0].get_text() == r"two\nlines\tand a tab"
    assert series.axes[0].get_ylabel() == r"two\nlines\tand a tab"
    assert series.axes[1].get_xlabel() == r"t\nt"
    series.draw_without_rendering()
    for axis in series.axes:
        label = axis.yaxis.label.get_window_extent()
        assert label.height < axis.get_window_extent().height


def test_curves_of_runs_and_the_reliability_are_drawn(tmp_path):
    path = tmp_path / "curves.png"
    runs = [(f"猫 {number}", [1.0, 1 / (number + 1)]) for number in range(9)]
    plots.overlaid_curves({"loss": runs, "accuracy": runs[:1]}, path)
    assert path.stat().st_size > 5000
    plots.reliability([0.55, 0.95], [0.5, 1.0], [3, 30], path)
    assert path.stat().st_size > 5000
