#!/usr/bin/env python3
"""Runs the executables bench/*/run and shows what they measured.

Each prints, with --json, a list of {"name", "unit", "value", "better": "higher"|"lower", "target",
"met", "peers": {...}, "limit"}. A missed target is shown, not an error: the exit status is 1 only
when something could not be measured.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYS = {"name", "unit", "value", "better", "target", "met", "peers", "limit"}


def programs(name):
    found = sorted(p for p in (ROOT / "bench").glob("*/run") if os.access(p, os.X_OK))
    return [p for p in found if name in (None, p.parent.name)]


def check_rows(rows):
    """An error text when the rows do not keep the contract, else ""."""
    if not isinstance(rows, list) or not rows:
        return "printed no list of results"
    for row in rows:
        missing = KEYS - set(row)
        if missing:
            return f"left out {', '.join(sorted(missing))}"
        if row["better"] not in ("higher", "lower"):
            return f"better is {row['better']!r}, not higher or lower"
        if not isinstance(row["value"], (int, float)):
            return f"measured no value for {row['name']}"
    return ""


def measure(program):
    """(rows, error text)."""
    ended = subprocess.run([program, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode != 0:
        return [], f"ended with status {ended.returncode}"
    try:
        rows = json.loads(ended.stdout)
    except ValueError:
        return [], "did not print JSON"
    error = check_rows(rows)
    return ([], error) if error else (rows, "")


def table(rows):
    head = ("name", "value", "unit", "target", "met", "peers", "limit")
    cells = [head] + [
        (r["name"], f"{r['value']:g}", r["unit"],
         "-" if r["target"] is None else f"{'>=' if r['better'] == 'higher' else '<='} {r['target']:g}",
         {True: "yes", False: "NO", None: "-"}[r["met"]],
         ", ".join(f"{k} {v}" for k, v in (r["peers"] or {}).items()) or "-", str(r["limit"] or "-"))
        for r in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in cells)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", metavar="NAME",
                        help="only this one: " + " ".join(p.parent.name for p in programs(None)))
    parser.add_argument("-o", dest="format", choices=("table", "json"), default="table",
                        help="a table (default) or JSON")
    options = parser.parse_args()
    chosen = programs(options.name)
    if not chosen:
        have = " ".join(p.parent.name for p in programs(None)) or "none yet"
        sys.exit(f"bench: nothing called {options.name or 'anything'}; there are: {have}")
    rows, failed = [], False
    for program in chosen:
        measured, error = measure(program)
        rows += measured
        if error:
            failed = True
            print(f"bench: {program.parent.name} {error}", file=sys.stderr)
    print(json.dumps(rows, indent=2) if options.format == "json" else table(rows))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
