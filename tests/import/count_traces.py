#!/usr/bin/env python3
"""Counts what a recording holds, on its own: kernels, copies and memory sets with their number and total time in
microseconds, and the set of kernel names. Prints JSON. Used to check `ridgeline import` against.

    count_traces.py FILE
"""

import gzip
import json
import sqlite3
import sys
from fractions import Fraction

CATEGORIES = {"kernel": "kernel", "gpu_memcpy": "copy", "memcpy": "copy", "gpu_memset": "set", "memset": "set"}


def exact(number):
    return Fraction(str(number))


def from_events(events):
    found = {kind: [0, Fraction(0)] for kind in ("kernel", "copy", "set")}
    names, moved = set(), 0
    for event in events:
        kind = CATEGORIES.get(str(event.get("cat", "")).lower())
        if event.get("ph") != "X" or kind is None:
            continue
        found[kind][0] += 1
        found[kind][1] += exact(event["dur"])
        if kind == "kernel":
            names.add(event["name"])
        elif kind == "copy":
            moved += int(event.get("args", {}).get("bytes", 0))
    return found, names, moved


def from_database(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found, names, moved = {}, set(), 0
    for kind, table in (("kernel", "KERNEL"), ("copy", "MEMCPY"), ("set", "MEMSET")):
        table = "CUPTI_ACTIVITY_KIND_" + table
        rows = db.execute(f'SELECT COUNT(*), TOTAL("end" - start) FROM {table}').fetchone() if table in tables else (0, 0)
        found[kind] = [rows[0], Fraction(int(rows[1]), 1000)]
    if "CUPTI_ACTIVITY_KIND_KERNEL" in tables:
        names = {row[0] for row in db.execute(
            "SELECT DISTINCT s.value FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN StringIds s ON s.id = k.demangledName")}
    if "CUPTI_ACTIVITY_KIND_MEMCPY" in tables:
        moved = int(db.execute("SELECT TOTAL(bytes) FROM CUPTI_ACTIVITY_KIND_MEMCPY").fetchone()[0])
    return found, names, moved


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        found, names, moved = from_database(path)
    else:
        opened = gzip.open(path, "rt", encoding="utf-8") if head[:2] == b"\x1f\x8b" else open(path, encoding="utf-8")
        with opened:
            document = json.load(opened)
        found, names, moved = from_events(document["traceEvents"] if isinstance(document, dict) else document)
    result = {kind: {"count": n, "ns": round(us * 1000)} for kind, (n, us) in found.items()}
    print(json.dumps({**result, "names": sorted(names), "copied_bytes": moved}))


main()
