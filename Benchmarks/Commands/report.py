"""Writes docs/benchmarks.md from the results and from what a person wrote in template.md."""

import os
import re
import subprocess
import textwrap

from parts import bundles_sentence, parts_table, serving_table
from rows import GROUPS

# Rows that stand elsewhere in the table than where they are measured.
ORDER = [
    "full audit", "the same", "scaling", "integrity-only", "memory", "second audit", "bulk append", "the tree alone",
    "one `add`", "the same on a registry", "disk after", "proof of one entry", "`list --search", "the index",
    "one inclusion", "`bitim --help`",
]


def write(root, data, results):
    rows = [row | {"date": results[name]["date"]} for name in GROUPS if name in results for row in results[name]["rows"]]
    rows.sort(key=place)
    lines = ["| what | to reach | measured | reached | figures |", "|---|---|---|---|---|"]
    for row in rows:
        reached = "yes" if row["reached"] else "**no**"
        lines.append(f"| {row['what']} | {row['goal']} | **{row['ratio']}** | {reached} | {row['figures']} |")
    missing = [name for name in GROUPS if name not in results]
    if missing:
        lines += ["", f"Not measured in this run: {', '.join(missing)}."]
    template = (root / "Benchmarks/Commands/template.md").read_text()
    template = re.sub(r"<!--.*?-->\n*", "", template, flags=re.DOTALL)
    values = {
        "TABLE": "\n".join(lines), "PARTS": parts_table(results), "BUNDLES": bundles_sentence(results),
        "SERVING": serving_table(results),
        "MACHINE": machine(data), "DATE": dates(results)}
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    path = root / "docs/benchmarks.md"
    if data.agreements != 100_000:
        # A quick look is not what the page tells.
        path = data.folder / "benchmarks.md"
    path.write_text(filled(template))
    print(path)


def filled(text):
    """Paragraphs of prose, which values and names of machines have made too wide, wrapped as the other pages."""
    parts = text.split("\n\n")
    for number, part in enumerate(parts):
        lines = part.rstrip().split("\n")
        is_prose = not any(line.startswith(("|", "    ", "#", "-", "```")) for line in lines)
        if is_prose and max(map(len, lines)) > 124:
            ending = part[len(part.rstrip()):]
            parts[number] = textwrap.fill(" ".join(lines), 121, break_long_words=False, break_on_hyphens=False) + ending
    return "\n\n".join(parts)


def place(row):
    matching = [number for number, beginning in enumerate(ORDER) if row["what"].startswith(beginning)]
    return matching[-1] if matching else len(ORDER)


def dates(results):
    days = sorted({result["date"][:10] for result in results.values()})
    return " and ".join(days)


def machine(data):
    cpu = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as file:
        gigabytes = int(file.readline().split()[1]) / 2**20
    system = os.uname()
    device = subprocess.run(
        ["df", "--output=fstype", str(data.folder)], capture_output=True, text=True).stdout.split()[-1:]
    openssl = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout.split(" (")[0].strip()
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[:1]
    return (f"{os.cpu_count()} cores of {cpu}, {gigabytes:.0f} GB of memory, {' '.join(device)}, Linux {system.release}, "
            f"{openssl}, {''.join(swift)}")
