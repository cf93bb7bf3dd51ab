"""A chart as SVG that stands within HTML: the places are reckoned here, the template draws and escapes."""

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from django.template.loader import render_to_string

from backend.modules.scheduling.findings import Chart
from backend.modules.scheduling.formats import Reader

COLOURS = ("#23527c", "#a9bccf")
WIDTH = 680.0
TOP, BOTTOM = 10.0, 24.0  # place above the bars, and for the labels below them
STANDING_HEIGHT = 210.0
LEFT = 74.0  # place for the amounts beside standing bars
NAMES = 200.0  # place for the names beside lying bars
LONGEST_NAME = 30  # characters that fit there
LABEL_WIDTH = 52.0  # what the label below a standing bar needs
BAR, BETWEEN = 15.0, 9.0  # a lying bar, and the gap between two groups
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` is written beside it, if there is place."""

    x: str
    y: str
    width: str
    height: str
    colour: str
    value: str = ""
    value_x: str = ""
    value_y: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis, with where its line through the chart runs, if it has one."""

    text: str
    x: str
    y: str
    line: str = ""


def svg(chart: Chart, reader: Reader) -> str:
    """The chart, as safe HTML. It needs one label and one value at least."""
    drawing = _standing(chart, reader) if chart.is_over_time else _lying(chart, reader)
    facts = {"title": reader.say(chart.title), "width": _n(WIDTH)}
    return render_to_string("scheduling/chart.svg", facts | drawing)


def keys(chart: Chart, reader: Reader) -> list[dict[str, str]]:
    """What each colour stands for; nothing for one alone."""
    found = [{"name": reader.say(each.name), "colour": COLOURS[number]} for number, each in enumerate(chart.series)]
    return found if len(found) > 1 else []


def _standing(chart: Chart, reader: Reader) -> dict[str, Any]:
    top, step = _scale(chart)
    inner = STANDING_HEIGHT - TOP - BOTTOM
    ground, place = TOP + inner, (WIDTH - LEFT) / len(chart.labels)
    (series,) = chart.series
    bars = [
        Bar(
            _n(LEFT + number * place + place * 0.14), _n(ground - inner * float(value) / top),
            _n(place * 0.72), _n(inner * float(value) / top), COLOURS[0],
        )
        for number, value in enumerate(series.values)
    ]  # fmt: skip
    each = ceil(LABEL_WIDTH / place)
    below = [
        Mark(reader.short(label, chart.label_kind), _n(LEFT + (number + 0.5) * place), _n(ground + 16))
        for number, label in enumerate(chart.labels)
        if number % each == 0
    ]
    beside = [
        Mark(_amount(tick, step, reader), _n(LEFT - 8), _n(y + 3.5), line=_n(y))
        for tick, y in ((tick, ground - inner * tick / top) for tick in _ticks(top, step))
    ]
    return {
        "height": _n(STANDING_HEIGHT), "left": _n(LEFT), "ground": _n(ground), "bars": bars, "below": below,
        "beside": beside, "is_standing": True,
    }  # fmt: skip


def _lying(chart: Chart, reader: Reader) -> dict[str, Any]:
    top, step = _scale(chart)
    group = BAR * len(chart.series) + BETWEEN
    inner, ground = WIDTH - NAMES - 76, TOP + group * len(chart.labels)
    bars = [
        Bar(
            _n(NAMES), _n(y), _n(inner * float(value) / top), _n(BAR - 2), COLOURS[which],
            reader.show(value, chart.kind), _n(NAMES + inner * float(value) / top + 6), _n(y + BAR - 5),
        )
        for which, series in enumerate(chart.series)
        for y, value in (
            (TOP + number * group + BETWEEN / 2 + which * BAR, value) for number, value in enumerate(series.values)
        )
    ]  # fmt: skip
    beside = [
        Mark(_short(reader.short(label, chart.label_kind)), _n(NAMES - 10), _n(TOP + (number + 0.5) * group + 3.5))
        for number, label in enumerate(chart.labels)
    ]
    below = [
        Mark(_amount(tick, step, reader), _n(x), _n(ground + 18), line=_n(x))
        for tick, x in ((tick, NAMES + inner * tick / top) for tick in _ticks(top, step))
    ]
    return {
        "height": _n(ground + BOTTOM), "left": _n(NAMES), "top": _n(TOP), "ground": _n(ground), "bars": bars,
        "below": below, "beside": beside, "is_standing": False,
    }  # fmt: skip


def _scale(chart: Chart) -> tuple[float, float]:
    """Where the axis ends, and how far one tick is from the next: 1, 2 or 5 times a power of ten."""
    largest = max((float(value) for series in chart.series for value in series.values), default=0.0)
    least_step = 1.0 if chart.kind == "count" else 0.01
    rough = max(largest / TICKS, least_step)
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return max(ceil(largest / step - 1e-9), 1) * step, step


def _ticks(top: float, step: float) -> list[float]:
    return [number * step for number in range(round(top / step) + 1)]


def _amount(tick: float, step: float, reader: Reader) -> str:
    return reader.show(round(tick, 2) if step < 1 else round(tick), "number")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _n(place: float) -> str:
    """A coordinate as SVG has it, whatever the language of the reader."""
    return f"{place:.1f}"
