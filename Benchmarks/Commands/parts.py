"""What the page tells beside its table: the parts, each by itself, and bundles read and mapped."""

import os
import re
import statistics
import subprocess

from running import Failed, progress
from serving import serving

COMMAND = ["swift", "package", "--scratch-path", ".build-parts", "benchmark", "--target", "BitimParts", "--no-progress"]
BLOCK = re.compile(
    r"^(?P<name>[^\n│]+)\n╒.*?Time \(wall clock\) \((?P<unit>\w+)\)[^│]*│(?P<columns>[^\n]+)", re.DOTALL | re.MULTILINE)


def parts(data):
    """Runs Benchmarks/BitimParts, and reads what its tables say."""
    run = subprocess.run(
        COMMAND, cwd=data.root, env={**os.environ, "BITIM_BENCHMARKS": "parts"}, capture_output=True, text=True)
    found = [match for match in BLOCK.finditer(run.stdout)]
    if run.returncode != 0 or not found:
        raise Failed(f"status {run.returncode}: {' '.join(COMMAND)}\n{(run.stderr or run.stdout)[-2000:]}")
    rows = []
    for match in found:
        # p0, p25, p50, p75, p90, p99, p100, samples
        columns = [column.strip() for column in match["columns"].split("│")]
        rows.append({"part": match["name"].strip(), "median": f"{columns[2]} {match['unit']}",
                     "p90": f"{columns[4]} {match['unit']}"})
        progress(f"  {rows[-1]['part']}: {rows[-1]['median']}")
    return rows


def bundles(data):
    ratios = [data.bench("bundles", data.ordinary / "registry")["mappedToRead"] for _ in range(5)]
    progress(f"  mapped takes {statistics.median(ratios):.2f} of the time of reading")
    return [{"ratio": statistics.median(ratios)}]


# In the order of the page; a name may be given in PLAN.
ASIDES = {"parts": parts, "bundles": bundles, "serving": serving}


def parts_table(results):
    if "parts" not in results:
        return "Not measured in this run."
    lines = ["| part | median | 90 of 100 within |", "|---|---|---|"]
    return "\n".join(
        lines + [f"| {row['part']} | {row['median']} | {row['p90']} |" for row in results["parts"]["rows"]])


def serving_table(results):
    if "serving" not in results:
        return "Not measured in this run."
    lines = [
        "| what | `bitim serve`, requests a second | nginx | ratio | 99 of 100 within (bitim serve; nginx) |",
        "|---|---|---|---|---|"]
    return "\n".join(
        lines + [
            f"| {row['what']} | {row['bitim']} | {row['nginx']} | **{row['ratio']}** | {row['slow']} |"
            for row in results["serving"]["rows"]])


def bundles_sentence(results):
    if "bundles" not in results:
        return "Not measured in this run."
    return (f"Hashing all leaves of the registry of 100,000 took {results['bundles']['rows'][0]['ratio']:.2f} of the time "
            "with mapped bundles (median of 5; `bitim-bench bundles`).")
