"""Plots of a training and of its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from rich.cells import cell_len

from dlcli import shown
from dlcli.evaluation.plot_style import BLUE, GRAY, ORANGE, PALETTE, fonts_for
from dlcli.evaluation.plot_style import figure as _figure
from dlcli.runs.results import lowest_f1_first

_TICK_CHARACTERS = 100  # below an axis of ten inches
_CHARACTER = 0.09  # inches, of the width of a terminal's character
_MOST_CLASSES = 40  # in a plot with a line for each
_LONGEST_NAME = 41  # characters, beside a matrix
_LONGEST_OF_PANEL = 21  # characters, beside a panel of two inches


def training_curves(rows: Sequence[dict[str, float]], best_epoch: int, path: Path) -> None:
    """Draw each metric of both splits over the epochs; the best one, from 1, is marked."""
    names = [name.removeprefix("val_") for name in rows[0] if name.startswith("val_")]
    epochs = [row["epoch"] for row in rows]
    with _figure(1, len(names), (5.2 * len(names), 3.8)) as (figure, axes):
        for axis, name in zip(axes, names, strict=True):
            marker = "o" if len(rows) < 3 else None
            if name in rows[0]:
                train = [row[name] for row in rows]
                axis.plot(epochs, train, color=BLUE, label="train", marker=marker)
            validation = [row[f"val_{name}"] for row in rows]
            axis.plot(epochs, validation, "--", color=ORANGE, label="validation", marker=marker)
            best = validation[best_epoch - 1]
            axis.plot(
                best_epoch,
                best,
                "o",
                color="black",
                fillstyle="none",
                markersize=9,
                label=f"best epoch ({best_epoch}): {best:.4g}",
            )
            axis.set(xlabel="epoch", ylabel=name)
            if len(epochs) == 1:
                axis.set_xticks(epochs)
            else:
                axis.xaxis.get_major_locator().set_params(integer=True)
            axis.legend(frameon=False)
        figure.savefig(path, dpi=150)


def learning_rates(
    rates: np.ndarray, losses: np.ndarray, smoothed: np.ndarray, chosen: float | None, path: Path
) -> None:
    """Draw the loss over the learning rate.

    Args:
        rates, losses, smoothed: float (num_rates,), the rates rising.
        chosen: the rate to mark, or None.
    """
    with _figure(1, 1, (6.4, 4.2)) as (figure, axes):
        axis = axes[0]
        axis.plot(rates, losses, color=BLUE, alpha=0.3, linewidth=1, label="loss of the step")
        axis.plot(rates, smoothed, color=BLUE, label="smoothed")
        if chosen is not None:
            loss = np.interp(np.log(chosen), np.log(rates), smoothed)
            axis.plot(chosen, loss, "o", color=ORANGE, label=f"suggested: {chosen:.1e}")
        low, high = smoothed.min(), smoothed.max()
        margin = 0.05 * (high - low) or 1.0
        axis.set(xlabel="learning rate", ylabel="loss", xscale="log")
        axis.set_ylim(low - margin, high + margin)
        axis.legend(frameon=False)
        figure.savefig(path, dpi=150)


def confusion_matrix(confusion: np.ndarray, class_names: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix, each row as shares of its true class.

    Args:
        confusion: int (num_classes, num_classes); rows: true, columns: predicted.
    """
    count = len(class_names)
    names = [_shortened(name) for name in class_names]
    side = min(max(2.8, 0.5 * count), 14)  # of the matrix, inches
    longest = _CHARACTER * max(map(cell_len, names))
    crowded = longest > 0.85 * side / count
    below = longest * 0.71 if crowded else 0.2  # at 45 degrees
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    size = (side + longest + 0.7, side + below + 0.7)
    with _figure(1, 1, size, names) as (figure, axes):
        axis = axes[0]
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        ticks = range(count)
        axis.set(xlabel="predicted", ylabel="true")
        fontsize = min(10.0, 50 * side / count)
        turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if crowded else {}
        axis.set_xticks(ticks, names, fontsize=fontsize, **turned)
        axis.set_yticks(ticks, names, fontsize=fontsize)
        axis.grid(False)
        if count <= 25:
            for row, column in np.ndindex(count, count):
                if confusion[row, column]:
                    color = "white" if shares[row, column] > 0.5 else "black"
                    axis.text(
                        column,
                        row,
                        confusion[row, column],
                        ha="center",
                        va="center",
                        color=color,
                        fontsize=8,
                    )
        figure.savefig(path, dpi=150)


def class_figures(per_class: list[dict[str, Any]], path: Path) -> None:
    """Draw the F1 of each class with its precision and recall, the lowest first.

    Args:
        per_class: `class`, `precision`, `recall`, `f1` of each; of many, the lowest are drawn.
        path: a PNG.
    """
    drawn = [per_class[place] for place in lowest_f1_first(per_class)][:_MOST_CLASSES]
    names = [_shortened(str(each["class"])) for each in drawn]
    figures = {
        name: [np.nan if each[name] is None else each[name] for each in drawn]
        for name in ("f1", "precision", "recall")
    }
    longest = _CHARACTER * max(map(cell_len, names))
    size = (5.6 + longest, 1.4 + 0.32 * len(drawn))
    with _figure(1, 1, size, names) as (figure, axes):
        axis, places = axes[0], np.arange(len(drawn))
        axis.barh(places, figures["f1"], color=BLUE, alpha=0.35, label="F1")
        for name, marker, color in (("precision", "o", ORANGE), ("recall", "D", GRAY)):
            axis.plot(figures[name], places, marker, color=color, markersize=5, label=name)
        axis.set_yticks(places, names)
        axis.invert_yaxis()
        axis.grid(False, axis="y")
        axis.set(xlim=(0, 1.02))
        axis.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
        figure.savefig(path, dpi=150)


def _shortened(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name on one line, of which both ends stay where it is too long for an axis."""
    name, kept = shown.escaped(name), (longest - 1) // 2
    return name if len(name) <= longest else f"{name[:kept]}…{name[-kept:]}"


def truth_and_prediction(
    targets: np.ndarray, predictions: np.ndarray, name: str, path: Path
) -> None:
    """Draw predictions over true values; on the diagonal they are right.

    Args:
        targets: float (num_examples,), in the target's units.
        predictions: float (num_examples,) or (num_examples, 1), in the same units.
    """
    name = _shortened(name)
    with _figure(1, 1, (5.2, 5.2), [name]) as (figure, axes):
        axis = axes[0]
        size = float(np.clip(4000 / len(targets), 3, 30))
        axis.scatter(targets, predictions, s=size, color=BLUE, alpha=0.4, linewidths=0)
        low, high = min(targets.min(), predictions.min()), max(targets.max(), predictions.max())
        axis.plot([low, high], [low, high], "--", color=GRAY, label="prediction = truth")
        axis.set(xlabel=f"true {name}", ylabel=f"predicted {name}")
        axis.set_aspect("equal", adjustable="box")
        axis.legend(frameon=False)
        figure.savefig(path, dpi=150)


def loss_by_position(losses: np.ndarray, mean: float, path: Path) -> None:
    """Draw the loss after each number of characters that were read.

    Args:
        losses: float (steps,), in nats a character.
    """
    with _figure(1, 1, (5.2, 3.8)) as (figure, axes):
        axis = axes[0]
        axis.plot(np.arange(1, len(losses) + 1), losses, color=BLUE)
        axis.axhline(mean, linestyle="--", color=GRAY, label=f"mean: {mean:.4g}")
        axis.set(xlabel="characters read before", ylabel="loss (nats a character)")
        axis.legend(frameon=False)
        figure.savefig(path, dpi=150)


def forecasts(
    truth: np.ndarray,
    answers: np.ndarray,
    names: Sequence[str],
    path: Path,
    *,
    times: Sequence[str],
    label: str,
) -> None:
    """Draw forecasts over the series that came, a panel a target.

    Args:
        truth: float (num_rows, num_targets), in original units, NaN where it is missing.
        answers: float (num_forecasts, horizon, num_targets); each begins where the one before
            it ends, the first with the first row.
        times: of the first rows, at least one.
        label: what the times are called.
    """
    horizon = answers.shape[1]
    num_ticks = min(max(_TICK_CHARACTERS // (len(times[0]) + 2), 1), 8)
    names, label = [_shortened(name, _LONGEST_OF_PANEL) for name in names], _shortened(label)
    written = [*names, label, times[0]]
    with _figure(len(names), 1, (10, 2.0 + 2.0 * len(names)), written) as (figure, axes):
        for place, (axis, name) in enumerate(zip(axes, names, strict=True)):
            axis.plot(truth[:, place], color=GRAY, label="truth", linewidth=1.5)
            if horizon == 1:
                axis.plot(answers[:, 0, place], "--", color=ORANGE, label="forecast, a step ahead")
            for number, answer in enumerate(answers if horizon > 1 else ()):
                start = number * horizon
                entry = f"forecasts, {horizon} steps each" if number == 0 else None
                steps = np.arange(start, start + horizon)
                axis.plot(steps, answer[:, place], color=ORANGE, label=entry)
                # Where each begins, the series was known up to here.
                axis.plot(start, answer[0, place], "o", color=ORANGE, markersize=4)
            axis.set(ylabel=name)
            if place == 0:
                axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
            axis.xaxis.get_major_locator().set_params(nbins=num_ticks, integer=True)
            axis.xaxis.set_major_formatter(lambda place, _: _at(times, place))
        axes[-1].set(xlabel=label)
        figure.savefig(path, dpi=150)


def _at(times: Sequence[str], place: float) -> str:
    """The time of a row, or nothing beside them."""
    return times[int(place)] if place == int(place) and 0 <= place < len(times) else ""


def error_by_step(errors: Sequence[float | None], path: Path) -> None:
    """Draw how the error grows over the steps of a forecast.

    Args:
        errors: mean squared error of standard scores at each step; None where unknown.
    """
    with _figure(1, 1, (6, 3.8)) as (figure, axes):
        marker = "o" if len(errors) < 30 else None
        values = [np.nan if error is None else error for error in errors]
        axes[0].plot(range(1, len(values) + 1), values, color=BLUE, marker=marker)
        axes[0].set(xlabel="step of the forecast", ylabel="MSE (scaled)")
        axes[0].set_ylim(bottom=0)
        axes[0].xaxis.get_major_locator().set_params(integer=True)
        figure.savefig(path, dpi=150)


def image_grid(images: np.ndarray, titles: Sequence[str], path_or_file: Path | IO[bytes]) -> None:
    """Draw images with a title each, eight a row.

    Args:
        images: uint8 (num_images, height, width, channels).
        titles: of one line or two.
    """
    columns = min(8, len(images))
    rows = -(-len(images) // columns)
    height = images.shape[1] / images.shape[2]  # of an image whose width is 1
    room = 0.18 + 0.16 * max(title.count("\n") + 1 for title in titles)  # for a title
    # On the axes of one plot: laying out many of them takes much longer than drawing them.
    size = (1.5 * columns, 1.5 * rows * (height + room) / 1.1)
    with _figure(1, 1, size, titles) as (figure, [axis]):
        axis.axis("off")
        axis.set(xlim=(-0.05, columns * 1.1 - 0.05), ylim=(rows * (height + room), 0))
        axis.set_aspect("equal")
        for place, (image, title) in enumerate(zip(images, titles, strict=True)):
            left, top = place % columns * 1.1, place // columns * (height + room) + room
            axis.imshow(
                image.squeeze(-1) if image.shape[-1] == 1 else image,
                cmap="gray",
                vmin=0,
                vmax=255,
                # Pixels that can be counted are shown as what they are.
                interpolation="nearest" if image.shape[0] <= 64 else None,
                extent=(left, left + 1, top + height, top),
                aspect="equal",
            )
            _title(axis, left + 0.5, top - 0.04, title)
        axis.set(xlim=(-0.05, columns * 1.1 - 0.05), ylim=(rows * (height + room), 0))
        figure.savefig(path_or_file, dpi=100, format="png")


def sequence_grid(
    sequences: np.ndarray, titles: Sequence[str], path_or_file: Path | IO[bytes]
) -> None:
    """Draw sequences with a title each, four a row.

    Args:
        sequences: float (num_sequences, steps, channels), NaN where there is nothing; the first
            three channels are drawn, each on a scale of its own.
        titles: of one line or two.
    """
    columns = min(4, len(sequences))
    rows = -(-len(sequences) // columns)
    with _figure(1, 1, (2.6 * columns, 1.6 * rows), titles) as (figure, [axis]):
        axis.axis("off")
        for place, (sequence, title) in enumerate(zip(sequences, titles, strict=True)):
            left, top = place % columns * 1.1, -(place // columns) * 1.5
            for channel, color in zip(sequence.T, (BLUE, ORANGE, GRAY), strict=False):
                known = channel[~np.isnan(channel)]
                low, high = (known.min(), known.max()) if len(known) else (0, 0)
                scaled = (channel - low) / ((high - low) or 1)
                axis.plot(
                    left + np.linspace(0, 1, len(channel)), top - 1 + scaled, color=color, lw=1
                )
            _title(axis, left + 0.5, top + 0.04, title)
        axis.set(xlim=(-0.05, columns * 1.1 - 0.05), ylim=(-1.5 * rows + 0.4, 0.5))
        figure.savefig(path_or_file, dpi=100, format="png")


def _title(axis: Any, x: float, y: float, text: str) -> None:
    axis.text(x, y, text, ha="center", va="bottom", fontsize=8, parse_math=False)


def picture_sheet(pictures: np.ndarray, path: Path, columns: int = 8) -> None:
    """Lay pictures side by side on one, as they are: each pixel a pixel, or a square of some.

    Args:
        pictures: (num_pictures, height, width, channels), 0 to 255, one at least.
        columns: pictures a row.
        path: a PNG, or another format that Pillow knows by its suffix.
    """
    from PIL import Image

    count, height, width, channels = pictures.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    gap = max(1, height // 14)
    sheet = np.full(
        (rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 255, np.uint8
    )
    for index, picture in enumerate(np.clip(np.rint(pictures), 0, 255).astype(np.uint8)):
        top = gap + index // columns * (height + gap)
        left = gap + index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    enlarged = max(1, round(64 / height))  # small pictures are hard to see
    sheet = sheet.repeat(enlarged, axis=0).repeat(enlarged, axis=1)
    Image.fromarray(sheet.squeeze(-1) if channels == 1 else sheet).save(path)


def undrawable(texts: Sequence[str]) -> str:
    """The characters that no installed font has; plots show boxes in their place."""
    return "".join(sorted(fonts_for(frozenset("".join(texts)))[1]))


def reliability(
    confidence: Sequence[float], accuracy: Sequence[float], counts: Sequence[int], path: Path
) -> None:
    """Draw how often answers are right over how sure the model was; on the diagonal it is as both.

    Args:
        confidence, accuracy: mean of each bin of answers, 0 to 1.
        counts: answers in each bin.
    """
    with _figure(1, 1, (5.2, 4.6)) as (figure, axes):
        axis = axes[0]
        axis.plot([0, 1], [0, 1], "--", color=GRAY, label="as sure as right")
        axis.plot(confidence, accuracy, color=BLUE, linewidth=1)
        sizes = 12 + 180 * np.asarray(counts) / max(sum(counts), 1)
        axis.scatter(confidence, accuracy, s=sizes, color=BLUE, label="answers (area: how many)")
        axis.set(xlabel="confidence", ylabel="share that is right")
        axis.set_xlim(0, 1.03)
        axis.set_ylim(0, 1.03)
        axis.legend(frameon=False, loc="upper left")
        figure.savefig(path, dpi=150)


def overlaid_curves(
    curves: Mapping[str, Sequence[tuple[str, Sequence[float]]]], path: Path
) -> None:
    """Draw the validation curves of several runs over each other, a panel a metric.

    Args:
        curves: metric -> the name of each run and its values by epoch.
    """
    names = [name for lines in curves.values() for name, _ in lines]
    styles = ("-", "--", "-.", ":")  # which tell apart what colours do not
    with _figure(1, len(curves), (5.6 * len(curves), 4.2), names) as (figure, axes):
        for axis, (metric, lines) in zip(axes, curves.items(), strict=True):
            for number, (name, values) in enumerate(lines):
                epochs = range(1, len(values) + 1)
                axis.plot(
                    epochs,
                    values,
                    styles[number % len(styles)],
                    color=PALETTE[number % len(PALETTE)],
                    marker="o" if len(values) < 3 else None,
                    label=name,
                )
            axis.set(xlabel="epoch", ylabel=f"validation {metric}")
            axis.xaxis.get_major_locator().set_params(integer=True)
        axes[0].legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=1)
        figure.savefig(path, dpi=150)
