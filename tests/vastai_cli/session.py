"""What the sessions of other clients share: a line for each step, and waiting."""
import time


def show(step, *values):
    """Sets are shown in order, so that two runs print the same."""
    texts = [str(sorted(value)) if isinstance(value, set) else str(value) for value in values]
    print(f"{step}: {' '.join(texts)}", flush=True)


def keep_pace(call):
    """The call, after the longest of the market's intervals (12 s at --time-scale 20)."""
    time.sleep(0.7)
    return call()


def wait_until(what, probe, limit_s=60):
    """Polls a client's call until it is true; its own errors (429, a log that is not there yet) count as not yet."""
    deadline, last = time.monotonic() + limit_s, None
    while time.monotonic() < deadline:
        try:
            last = probe()
            if last:
                return last
        except Exception as error:  # noqa: BLE001 whatever class the client raises
            last = error
        time.sleep(0.3)
    raise SystemExit(f"waited {limit_s} s for {what}; last: {last!r}")
