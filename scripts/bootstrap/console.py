"""What the set-up says while it works: one line a step, and a sign of life while a step is long."""

import contextlib
import threading
import time

HEARTBEAT = 15  # seconds between two signs of life


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@contextlib.contextmanager
def step(title, detail=lambda: ""):
    """Announce a long step, then every few seconds how long it has been at it, and at the end how long it took.

    :param detail: called for every sign of life; returns what the step is doing just now
    """
    start = time.monotonic()
    over = threading.Event()

    def beat():
        while not over.wait(HEARTBEAT):
            say(f"    {time.monotonic() - start:4.0f} s  {detail()}".rstrip())

    say(f"==> {title}")
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    say(f"    done in {time.monotonic() - start:.1f} s")
