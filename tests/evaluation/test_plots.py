"""Plots are written, also for a single epoch and for names in any script."""

import numpy as np
from matplotlib import font_manager
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


def test_characters_that_no_font_has_are_named(monkeypatch):
    own = [font for font in font_manager.fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    plot_style.fonts_for.cache_clear()
    assert plots.undrawable(["cat", "собака\n猫"]) == "猫"
    plot_style.fonts_for.cache_clear()


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


def test_curves_of_runs_and_the_reliability_are_drawn(tmp_path):
    path = tmp_path / "curves.png"
    runs = [(f"猫 {number}", [1.0, 1 / (number + 1)]) for number in range(9)]
    plots.overlaid_curves({"loss": runs, "accuracy": runs[:1]}, path)
    assert path.stat().st_size > 5000
    plots.reliability([0.55, 0.95], [0.5, 1.0], [3, 30], path)
    assert path.stat().st_size > 5000
