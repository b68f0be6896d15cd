# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots as SVG, without a library: bars with a label each, and curves over a logarithmic axis."""
import html
import math

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 34, 44
COLOURS = ("#1f5fa8", "#c4511c", "#3b8a3e", "#7d4ba0", "#8a6d1d", "#555555")


def text(x, y, words, size=11, anchor="middle", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {more}>'
            f'{html.escape(str(words))}</text>')


def short(value):
    """A number in few characters: 0.35, 12, 4.0k, 1M."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


class Scale:
    """Maps values onto pixels, by their logarithm or straight."""

    def __init__(self, low, high, start, end, logarithmic):
        self.logarithmic = logarithmic
        self.low, self.high = (math.log10(low), math.log10(high)) if logarithmic else (low, high)
        if self.high == self.low:
            self.high = self.low + 1
        self.start, self.end = start, end

    def __call__(self, value):
        place = math.log10(value) if self.logarithmic else value
        return self.start + (place - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        if self.logarithmic:
            return [10.0 ** power for power in range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 2 or 1))
        step *= 2 if (self.high - self.low) / step > 8 else 1
        return [step * n for n in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def curves(title, x_words, y_words, lines, log_y=True):
    """One plot: lines is {name: [(x, y), ...]}."""
    points = [point for line in lines.values() for point in line if point[0] > 0 and (point[1] > 0 or not log_y)]
    if not points:
        return ""
    lowest = min(y for _, y in points)
    highest = max(y for _, y in points)
    low = 10 ** math.floor(math.log10(lowest)) if log_y else 0
    high = 10 ** math.ceil(math.log10(highest)) if log_y else highest * 1.1
    across = Scale(min(x for x, _ in points), max(x for x, _ in points), LEFT, WIDTH - RIGHT, True)
    up = Scale(low, high if high > low else low * 10, HEIGHT - BOTTOM, TOP, log_y)
    middle = (TOP + HEIGHT - BOTTOM) / 2
    out = [text(WIDTH / 2, 16, title, 13), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_words),
           text(14, middle, y_words, more=f'transform="rotate(-90 14 {middle})"')]
    for value in across.ticks():
        out.append(f'<path d="M{across(value):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(text(across(value), HEIGHT - BOTTOM + 14, short(value)))
    for value in up.ticks():
        out.append(f'<path d="M{LEFT} {up(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(text(LEFT - 5, up(value) + 4, short(value), anchor="end"))
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line if y > 0 or not log_y)
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
        out.append(text(LEFT + 8, TOP + 14 + 14 * number, name, anchor="start", more=f'fill="{colour}"'))
    return "\n".join(out)


def bars(title, unit, values):
    """One plot of horizontal bars: values is [(label, value), ...]."""
    most = max((value for _, value in values), default=0) or 1
    step = (HEIGHT - TOP - 14) / max(len(values), 1)
    out = [text(WIDTH / 2, 16, f"{title} ({unit})", 13)]
    for number, (label, value) in enumerate(values):
        y = TOP + step * number
        width = (WIDTH - 2 * LEFT - 80) * value / most
        out.append(f'<rect x="{LEFT + 60}" y="{y:.1f}" width="{width:.1f}" height="{step * 0.7:.1f}" '
                   f'fill="{COLOURS[1] if label.startswith("postern") else COLOURS[0]}"/>')
        out.append(text(LEFT + 55, y + step * 0.5, label, anchor="end"))
        out.append(text(LEFT + 65 + width, y + step * 0.5, short(value), anchor="start"))
    return "\n".join(out)


def page(plots, columns=2):
    """All plots on one sheet."""
    plots = [plot for plot in plots if plot]
    rows = math.ceil(len(plots) / columns)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * columns}" height="{HEIGHT * rows}" '
           'font-family="sans-serif">', '<rect width="100%" height="100%" fill="white"/>']
    for number, plot in enumerate(plots):
        out.append(f'<g transform="translate({WIDTH * (number % columns)} {HEIGHT * (number // columns)})">{plot}</g>')
    return "\n".join(out + ["</svg>", ""])
