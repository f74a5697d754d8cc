"""A progress bar on a terminal, and a plain line now and then where there is none."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """Shows how far a step is: `progress("Deliveries", 1200, 9915)`."""

    WIDTH = 28

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.step = ""
        self.started = self.called = time.monotonic()
        self.shown = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step != self.step:
            # The first call of a step comes when some of it is done.
            self.step, self.started, self.shown = step, self.called, 0.0
        self.called = now
        finished = done >= total
        terminal = self.stream.isatty()
        if not finished and now - self.shown < (0.1 if terminal else 10):
            return
        self.shown = now
        share = done / total if total else 1.0
        filled = round(share * self.WIDTH)
        seconds = now - self.started
        left = f"{seconds / share - seconds:4.0f} s left" if share and not finished else f"{seconds:4.0f} s"
        line = f"{step:<12} [{'#' * filled:<{self.WIDTH}}] {done:,} of {total:,}, {left}"
        end = "\n" if finished or not terminal else ""
        self.stream.write(f"\r{line:<78}{end}" if terminal else f"{line}\n")
        self.stream.flush()
