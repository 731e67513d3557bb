"""What the programs of bench/ share: the rows that scripts/bench.py wants, percentiles, memory.

A program builds rows with `row` and ends with `show(rows)`: JSON when called with --json, else a line each.
"""
import json
import pathlib
import sys


def row(name, unit, value, better="lower", target=None, peers=None, limit=None, digits=3):
    """One result. `peers` are other programs measured in the same run, `limit` what no program can beat."""
    met = None if target is None else (value >= target if better == "higher" else value <= target)
    return {"name": name, "unit": unit, "value": round(value, digits), "better": better, "target": target, "met": met,
            "peers": {k: round(v, digits) for k, v in (peers or {}).items()}, "limit": limit}


def percentile(values, share):
    """The nearest-rank percentile: percentile(v, 0.99) is exceeded by at most one value in a hundred."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def show(rows):
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=2))
        return
    for each in rows:
        wanted = "" if each["target"] is None else f"  target {each['target']:g} {'met' if each['met'] else 'MISSED'}"
        peers = "".join(f"  {name} {value:g}" for name, value in each["peers"].items())
        print(f"{each['name']:<55} {each['value']:>10g} {each['unit']:<12}{wanted}{peers}")


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"process {pid} has no resident size")
