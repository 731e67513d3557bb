"""What the demo shows: lines with a clock, a status line on terminals, the timeline, money."""
import datetime
import os
import shutil
import sys
import time

WIDTH = 92


class Screen:
    """Prints lines that stay and, on a terminal, one status line that does not."""

    def __init__(self, out=sys.stdout):
        self.out, self.began = out, time.monotonic()
        self.is_terminal = out.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = self.is_terminal and not os.environ.get("NO_COLOR")
        self.has_status = False

    def paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def _clear(self):
        if self.has_status:
            self.out.write("\r\033[K")
            self.has_status = False

    def line(self, text=""):
        self._clear()
        self.out.write(text + "\n")
        self.out.flush()

    def heading(self, text):
        self.line()
        self.line(self.paint(text, "1"))

    def at(self, text, code=None):
        """A line with the seconds since the demo began."""
        text = self.paint(text, code) if code else text
        self.line(f"{time.monotonic() - self.began:6.1f} s  {text}")

    def status(self, text):
        if not self.is_terminal:
            return
        width = min(WIDTH, shutil.get_terminal_size().columns) - 1
        self.out.write("\r\033[K" + f"{time.monotonic() - self.began:6.1f} s  {text}"[:width])
        self.out.flush()
        self.has_status = True

    def command(self, words):
        self.line(self.paint("$ " + " ".join(words), "36"))

    def block(self, text):
        for line in text.rstrip().splitlines():
            self.line("  " + line)

    def check(self, holds, title, detail):
        mark = self.paint("ok   ", "32") if holds else self.paint("WRONG", "31;1")
        self.line(f"  {mark}  {title}")
        for line in detail.splitlines():
            self.line(f"         {line}")


def bar(done, total, width=24):
    filled = min(width, width * done // max(1, total))
    return "[" + "#" * filled + "-" * (width - filled) + "]"


def dollars(micros, digits=6):
    return f"${micros / 1e6:.{digits}f}"


def to_micros(text):
    """Exact micro-dollars of a decimal string; fractions of one are refused."""
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > 6:
        raise ValueError(f"more than six decimals: {text}")
    return sign * (int(whole or 0) * 1_000_000 + int(fraction[:6].ljust(6, "0")))


def seconds_of(instant):
    """Seconds since 1970 of an RFC 3339 time."""
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


def _lane(first, attempt, commits, scale, columns):
    """One attempt as text: waiting for the machine, training, checkpoints, its end."""
    def column(instant):
        return max(0, min(columns - 1, int((seconds_of(instant) - first) * scale)))
    lane = [" "] * columns
    begin, end = column(attempt["started_at"]), column(attempt["ended_at"])
    runs = [column(at) for number, at in commits if number == attempt["number"]]
    joined = column(attempt["running_at"]) if attempt.get("running_at") else (runs[0] if runs else end)
    for at in range(begin, end + 1):
        lane[at] = "." if at < joined else "="
    for at in runs:
        lane[at] = "o"
    lane[end] = "*" if attempt["reason"] == "succeeded" else "X"
    return "".join(lane).rstrip()


def timeline(attempts, commits, submitted_at):
    """Lines: a ruler in seconds, then one lane an attempt.

    `commits` holds (attempt number, time) of each committed checkpoint.
    """
    columns = WIDTH - 26
    first = seconds_of(submitted_at)
    length = max(1.0, max(seconds_of(a["ended_at"]) for a in attempts) - first)
    scale = (columns - 1) / length
    step = next(s for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 10**9) if s * scale >= 9)
    ruler, mark = [" "] * (columns + 8), 0
    while mark * scale < columns:
        at = int(mark * scale)
        label = f"{mark} s" if step < 60 else f"{mark // 60} min"
        ruler[at:at + len(label)] = label
        mark += step
    lines = [" " * 24 + "".join(ruler).rstrip()]
    for attempt in attempts:
        name = f"attempt {attempt['number']}, {attempt['contract']}"
        lines.append(f"{name:<22.22}  {_lane(first, attempt, commits, scale, columns)}")
    lines.append(" " * 24 + ". machine starts  = trains  o checkpoint committed  X taken  * done")
    return lines
