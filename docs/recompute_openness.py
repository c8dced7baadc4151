#!/usr/bin/env python3
"""Computes the figures and the input digest of `yiqi export openness --format json` again, from the file alone.
Usage: recompute_openness.py FILE; exit code 1 with a line for each difference."""
import collections, datetime, hashlib, json, sys

EFFECTIVE, DOWN = {"startup", "run", "postprocess"}, {"maintenance", "fault"}


def seconds(instant):
    return int(datetime.datetime.fromisoformat(instant).timestamp())


def covered(spans, first, last):
    """Seconds of the union of spans, clipped to [first, last)."""
    total, end = 0, first
    for a, b in sorted(spans):
        a, b = max(a, end), min(b, last)
        total, end = total + max(b - a, 0), max(end, b)
    return total


def line(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def ratio(part, whole):
    """Six decimals, rounded half up; nothing where the whole is nothing."""
    return (part * 2_000_000 + whole) // (2 * whole) / 1e6 if whole > 0 else None


def main(path):
    with open(path, encoding="utf-8") as file:
        export = json.load(file)
    order = sorted(export["segments"], key=lambda s: (s["institution"], s["instrument"], s["key"]))
    digest = hashlib.sha256(b"".join(map(line, order)) + line(export["scheme"])).hexdigest()
    first, last = seconds(export["starts_at"]), seconds(export["ends_at"])
    spans = collections.defaultdict(list)
    for s in order:
        span, who = (seconds(s["starts_at"]), seconds(s["ends_at"])), (s["institution"], s["instrument"])
        if s["phase"] in EFFECTIVE:
            spans[who, "effective_seconds"].append(span)
            if s["external"]:
                spans[who, "external_seconds"].append(span)
        elif s["phase"] in DOWN:
            spans[who, "down_seconds"].append(span)
    found, sums = [("input_digest", export["input_digest"], digest)], collections.Counter()
    for row in export["instruments"]:
        who = (row["institution"], row["number"])
        got = {key: covered(spans[who, key], first, last) for key in ("effective_seconds", "external_seconds", "down_seconds")}
        sums.update(got)
        got["sharing"] = ratio(got["external_seconds"], got["effective_seconds"]) or 0.0
        found += [(f"{who} {key}", row[key], value) for key, value in got.items()]
    sums["sharing_pooled"] = ratio(sums["external_seconds"], sums["effective_seconds"]) or 0.0
    found += [(f"all {key}", export["figures"][key], value) for key, value in sums.items()]
    wrong = [f"{name}: the file says {told}, its segments give {value}" for name, told, value in found if told != value]
    print("\n".join(wrong) or f"{len(order)} segments, {len(found)} figures: all agree")
    return int(bool(wrong))


sys.exit(main(sys.argv[1]))
