"""The figures: SVG that browsers open and git compares, the same bytes for the same numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = "reports/figures"
INK, BLUE, ORANGE, GREY = "#222222", "#0072B2", "#D55E00", "#9A9A9A"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "figure",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.dpi": 100.0,
}
LONGEST = 28


@contextmanager
def figure(root: Path, name: str, width: float, height: float, made: list[str]) -> Iterator[Any]:
    """Axes of a figure, saved as reports/figures/<name>.svg at the block's end; adds its path to `made`."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    path = root / FOLDER / f"{name}.svg"
    with warnings.catch_warnings(), mpl.rc_context(STYLE):
        warnings.simplefilter("ignore")
        drawn = Figure(figsize=(width, height), layout="constrained")
        canvas: Any = FigureCanvasSVG(drawn)
        yield drawn.add_subplot()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not savefig, which draws once more ahead of it: the same bytes in three quarters of the time
        canvas.print_svg(path, metadata={"Date": None, "Creator": None})
    made.append(f"{FOLDER}/{name}.svg")


def short(text: Any, most: int = LONGEST) -> str:
    """The text on one line, cut in the middle where it is long."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[: most - 10]}…{line[-9:]}"


def _dots(axes: Any, places: Any, estimates: list[dict[str, Any]], colours: Any, *, upright: bool) -> None:
    """A dot for each value and a line for its interval, where they are known; side by side or one above another.

    Not `errorbar`, which draws all of a series in one colour and refuses an interval on one side of its value.
    """
    for place, item, colour in zip(places, estimates, colours, strict=True):
        if item["value"] is not None and np.isfinite(item["value"]):
            ends = [item[end] if item[end] is not None else item["value"] for end in ("low", "high")]
            line, dot = (ends, [place, place]), ([item["value"]], [place])
            # Flat ends: an interval is no longer than it is drawn.
            axes.plot(*(line[::-1] if upright else line), color=colour, lw=1.6, solid_capstyle="butt")
            axes.plot(*(dot[::-1] if upright else dot), "o", color=colour, ms=4.5)


def of_interpret(root: Path, results: dict[str, Any]) -> list[str]:
    """Importance, curves and slices."""
    made: list[str] = []
    features = results["importance"]["features"][:15]
    if features:
        with figure(root, "importance", 6.2, 1.1 + 0.24 * len(features), made) as axes:
            _dots(axes, range(len(features)), features, [BLUE] * len(features), upright=False)
            _labels(axes, [short(item["feature"]) for item in features])
            axes.axvline(0, color=GREY, lw=0.8)
            axes.set(
                title="What the model goes by",
                xlabel=f"how much worse {results['metric']} gets when shuffled (95 % interval)",
            )
    if results["dependence"]:
        curves(root, results["dependence"], made)
    rows = [item for item in results["slices"]["rows"] if np.isfinite(item["score"]["value"])][:40]
    if rows:
        _slices(root, results["metric"], rows, made)
    return made


def curves(root: Path, features: list[dict[str, Any]], made: list[str]) -> None:
    """The mean prediction along each top feature (partial dependence), three side by side."""
    lines = -(-len(features) // 3)
    with figure(root, "dependence", 8.4, 0.5 + 2.3 * lines, made) as axes:
        drawn = axes.figure
        axes.remove()
        drawn.suptitle("The mean prediction as one feature changes and all others stay", fontsize=10)
        for cell, item in zip(
            drawn.subplots(lines, 3, squeeze=False, sharey=True).flat, features, strict=False
        ):
            _curve(cell, item)
        for cell in drawn.axes[len(features) :]:
            cell.remove()


def _curve(axes: Any, item: dict[str, Any]) -> None:
    text = np.asarray(item["prediction"], dtype=float).reshape(len(item["at"]), -1)
    numbers = all(isinstance(value, (int, float, np.number)) for value in item["at"])
    at = item["at"] if numbers else range(len(item["at"]))
    for column, colour in zip(text.T, (BLUE, ORANGE, GREY), strict=False):
        axes.plot(at, column, color=colour, marker="o", ms=3, lw=1.2 if numbers else 0)
    if not numbers:
        axes.set_xticks(at, [short(value, 12) for value in item["at"]], rotation=40, ha="right", fontsize=7)
    if "classes" in item:
        axes.legend(axes.lines, [short(name, 12) for name in item["classes"]], fontsize=6)
    axes.set_title(short(item["feature"]), fontsize=9)
    axes.tick_params(labelsize=7)


def _slices(root: Path, metric: str, rows: list[dict[str, Any]], made: list[str]) -> None:
    columns = list(dict.fromkeys(item["column"] for item in rows))
    places = [index + 0.7 * columns.index(item["column"]) for index, item in enumerate(rows)]
    colours = [ORANGE if item["verdict"] == "worse" else GREY if item["small"] else BLUE for item in rows]
    with figure(root, "slices", 6.8, 1.2 + 0.2 * (places[-1] + 1), made) as axes:
        _dots(axes, places, [item["score"] for item in rows], colours, upright=False)
        _labels(
            axes,
            [f"{short(item['column'], 18)} = {short(item['value'], 20)}  ({item['n']})" for item in rows],
            places,
        )
        # The wide intervals of slices with few rows may leave the figure.
        shown = [[item["score"]["value"]] for item in rows]
        shown += [[item["score"]["low"], item["score"]["high"]] for item in rows if not item["small"]]
        low, high = np.nanmin(np.concatenate(shown)), np.nanmax(np.concatenate(shown))
        axes.set_xlim(low - 0.05 * (high - low or 1), high + 0.05 * (high - low or 1))
        legend = "orange: worse than the rest; grey: too few rows to judge"
        axes.set(title=f"{metric} by slice, with rows and 95 % intervals", xlabel=f"{metric}\n{legend}")


def _labels(axes: Any, names: list[str], places: list[float] | None = None) -> None:
    axes.set_yticks(places or range(len(names)), names)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E6E6E6", lw=0.7)
    axes.set_axisbelow(True)


def calibration(root: Path, bins: list[dict[str, Any]], what: str, made: list[str]) -> None:
    """Observed share against predicted probability, by tenth of the rows."""
    with figure(root, "calibration", 4.2, 4.0, made) as axes:
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8)
        observed = [item["observed"] for item in bins]
        _dots(axes, [item["predicted"] for item in bins], observed, [BLUE] * len(bins), upright=True)
        axes.set(
            xlim=(-0.02, 1.02),
            ylim=(-0.05, 1.05),
            xlabel=f"predicted {what}",
            ylabel="observed share (95 % interval)",
        )
        axes.set(title="Does it mean what it says?", aspect="equal")


def residuals(root: Path, blocks: list[dict[str, Any]], unit: str, made: list[str]) -> None:
    """Mean residual with its interval by block, over the middle 80 % of the residuals."""
    with figure(root, "residuals", 6.2, 3.0, made) as axes:
        places = np.arange(len(blocks))
        axes.axhline(0, color=GREY, lw=0.8)
        low, high = ([block[end] for block in blocks] for end in ("p10", "p90"))
        axes.bar(places, np.subtract(high, low), bottom=low, color="#DCE6EF", width=0.8)
        _dots(axes, places, [block["bias"] for block in blocks], [BLUE] * len(blocks), upright=True)
        axes.set_xlabel("dot and line: mean with 95 % interval; band: the middle 80 % of rows")
        axes.set_xticks(places, [short(block["block"], 14) for block in blocks], rotation=40, ha="right")
        axes.set(title="Errors over the validation rows", ylabel=f"prediction less truth, {short(unit)}")


def scores(root: Path, counts: dict[str, Any], positive: str, made: list[str]) -> None:
    """How many rows of each class got which probability."""
    with figure(root, "scores", 5.2, 2.8, made) as axes:
        edges = np.linspace(0, 1, len(counts["yes"]) + 1)
        axes.stairs(counts["no"], edges, color=GREY, fill=True, alpha=0.55, label="all others")
        axes.stairs(counts["yes"], edges, color=BLUE, lw=1.8, label=short(positive))
        axes.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, 1.02))
        axes.set(title="Scores of the validation rows\n", xlabel="predicted probability", ylabel="rows")


def confusion(root: Path, names: list[str], table: list[list[int]], made: list[str]) -> None:
    """Rows of each true class by what was predicted, shaded by the share of the true class."""
    shares = np.array(table) / np.maximum(np.array(table).sum(axis=1, keepdims=True), 1)
    side = 1.9 + 0.42 * len(names)
    with figure(root, "confusion", side + 0.9, side, made) as axes:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), share in np.ndenumerate(shares):
            if table[row][column]:
                style = {"ha": "center", "va": "center", "fontsize": 7}
                axes.text(column, row, table[row][column], color="white" if share > 0.55 else INK, **style)
        axes.set_xticks(range(len(names)), [short(name, 18) for name in names], rotation=45, ha="right")
        axes.set_yticks(range(len(names)), [short(name, 18) for name in names])
        axes.tick_params(length=0)
        axes.set(title="Validation rows", xlabel="predicted", ylabel="true")


def learning_curve(root: Path, points: list[dict[str, Any]], metric: str, made: list[str]) -> None:
    """The validation metric against the number of training rows."""
    with figure(root, "learning_curve", 5.2, 3.2, made) as axes:
        rows, results = [point["rows"] for point in points], [point["score"] for point in points]
        axes.plot(rows, [score["value"] for score in results], color=BLUE, lw=1)
        _dots(axes, rows, results, [BLUE] * len(rows), upright=True)
        axes.set_xscale("log")
        axes.set_xticks(rows, [f"{count:,}" for count in rows])
        axes.minorticks_off()
        axes.set(
            title="Would more data help?",
            xlabel="training rows",
            ylabel=f"{metric} on validation rows (95 % interval)",
        )
