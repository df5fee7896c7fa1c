"""Draws the figures of docs/PERFORMANCE.md: `python bench/plot.py DOCUMENT PICTURE.svg`.

The table is what is drawn, so that the picture never says what the page does not.
"""

import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "polarway", "font.size": 9})
from matplotlib import pyplot  # noqa: E402  (after the choice of how to draw)

from into import marks  # noqa: E402

COLORS = {"polarway": "#0b6e99", "polars": "#c9c9c9", "duckdb": "#b0b0b0", "pyarrow": "#979797"}


def tasks_of(document: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Of each task and whom it compares: seconds and megabytes."""
    begin, end = marks("figures")
    table = document.partition(begin)[2].partition(end)[0]
    tasks: dict[str, dict[str, tuple[float, float]]] = {}
    task = ""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 10 or cells[0] in ("task", "---"):
            continue
        task = cells[0].replace("`", "") or task
        who = cells[1].removesuffix(" (fastest)")
        if who in COLORS:
            tasks.setdefault(task, {})[who] = (float(cells[2]), float(cells[5]))
    return {task: bars for task, bars in tasks.items() if len(bars) > 1}


def draw(tasks: dict[str, dict[str, tuple[float, float]]], picture: pathlib.Path) -> None:
    figure, rows = pyplot.subplots(
        len(tasks), 2, figsize=(8.5, 1.02 * len(tasks) + 0.5), layout="constrained", squeeze=False
    )
    for row, (task, bars) in zip(rows, tasks.items(), strict=True):
        for axes, value, unit in zip(row, range(2), ("s", "MB"), strict=True):
            values = [bar[value] for bar in bars.values()]
            drawn = axes.barh(list(bars), values, color=[COLORS[who] for who in bars], height=0.8)
            axes.bar_label(drawn, fmt=f"{{:,.{2 if unit == 's' else 0}f}} {unit}", padding=3)
            axes.set_xlim(0, max(values) * 1.25)
            axes.invert_yaxis()
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, labelbottom=False, labelleft=value == 0)
        row[0].set_title(task, loc="left", fontweight="bold", fontsize=9)
    rows[0][1].set_title("memory: anonymous, at most", loc="left", fontsize=9)
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    draw(tasks_of(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]))
