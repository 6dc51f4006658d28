"""The parts, each by itself: runs Benchmarks/BitimParts and reads what its tables say."""

import os
import re
import subprocess

from running import Failed, progress

COMMAND = ["swift", "package", "--scratch-path", ".build-parts", "benchmark", "--target", "BitimParts", "--no-progress"]
BLOCK = re.compile(
    r"^(?P<name>[^\n│]+)\n╒.*?Time \(wall clock\) \((?P<unit>\w+)\)[^│]*│(?P<columns>[^\n]+)", re.DOTALL | re.MULTILINE)


def parts(data):
    run = subprocess.run(
        COMMAND, cwd=data.root, env={**os.environ, "BITIM_BENCHMARKS": "parts"}, capture_output=True, text=True)
    found = [match for match in BLOCK.finditer(run.stdout)]
    if run.returncode != 0 or not found:
        raise Failed(f"status {run.returncode}: {' '.join(COMMAND)}\n{(run.stderr or run.stdout)[-2000:]}")
    rows = []
    for match in found:
        columns = [column.strip() for column in match["columns"].split("│")]
        # p0, p25, p50, p75, p90, p99, p100, samples
        rows.append({"part": match["name"].strip(), "median": f"{columns[2]} {match['unit']}",
                     "p90": f"{columns[4]} {match['unit']}", "samples": int(columns[7])})
        progress(f"  {rows[-1]['part']}: {rows[-1]['median']}")
    return rows


def table(rows):
    lines = ["| part | median | 90 of 100 within |", "|---|---|---|"]
    return "\n".join(lines + [f"| {row['part']} | {row['median']} | {row['p90']} |" for row in rows])
