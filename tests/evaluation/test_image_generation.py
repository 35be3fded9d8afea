"""Made pictures are measured against real ones, and shown beside them."""

import numpy as np
import pytest
from PIL import Image

from dlcli.evaluation import generated_image, plots

REAL = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), np.uint8)


def test_real_pictures_are_at_no_distance_and_their_halves_at_some():
    measured = generated_image.measure(REAL.astype(np.float32), REAL, {})
    assert measured["examples"] == 20
    assert measured["frechet_distance"] == pytest.approx(0, abs=1e-9)
    assert measured["real_halves_distance"] > 0


def test_the_order_of_the_pictures_means_nothing():
    made = np.random.default_rng(1).uniform(0, 255, REAL.shape).astype(np.float32)
    forward, backward = (generated_image.measure(each, REAL, {}) for each in (made, made[::-1]))
    assert forward["frechet_distance"] == pytest.approx(backward["frechet_distance"])
    assert forward["frechet_distance"] > 0


def test_one_picture_alone_has_no_halves():
    assert np.isnan(generated_image.measure(REAL[:1], REAL[:1], {})["real_halves_distance"])


def test_plots_show_made_and_real_pictures(tmp_path):
    drawn = dict(generated_image.draw({}, REAL[::-1].astype(float), REAL, {}, tmp_path, str))
    assert drawn == {
        "pictures/made": tmp_path / "made.png",
        "pictures/real": tmp_path / "real.png",
    }
    assert drawn["pictures/made"].read_bytes() != drawn["pictures/real"].read_bytes()
    ((tag, path),) = generated_image.draw_progress(REAL[:4], 7, tmp_path)
    assert (tag, path) == ("pictures/learning", tmp_path / "epochs" / "epoch-0007.png")
    assert path.exists()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_shows_each_pixel(tmp_path, channels):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 40, channels), np.uint8)
    path = tmp_path / "sheet.png"
    plots.picture_sheet(pictures.astype(np.float32) + 0.4, path, columns=2)
    with Image.open(path) as opened:
        sheet = np.asarray(opened).reshape(opened.height, opened.width, channels)
    gap, times = 2, 2  # of 32 rows; 64 pixels a picture are wanted
    assert sheet.shape[:2] == (times * (2 * 34 + gap), times * (2 * 42 + gap))
    small = sheet[::times, ::times]
    assert np.array_equal(small[gap : gap + 32, gap : gap + 40], pictures[0])
    assert np.array_equal(small[gap : gap + 32, 2 * gap + 40 : 2 * gap + 80], pictures[1])
    assert np.array_equal(small[2 * gap + 32 : 2 * gap + 64, gap : gap + 40], pictures[2])
    assert (small[2 * gap + 32 :, 2 * gap + 40 :] == 255).all()  # no fourth


def test_values_outside_are_cut_off(tmp_path):
    path = tmp_path / "sheet.png"
    plots.picture_sheet(np.array([-5.0, 260.0]).reshape(2, 1, 1, 1), path)
    with Image.open(path) as opened:
        assert sorted(set(np.asarray(opened).ravel().tolist())) == [0, 255]
