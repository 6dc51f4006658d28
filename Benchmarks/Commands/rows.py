"""The rows of the table, in groups that are measured together. Each row is one line of what had to be reached."""

import os
import re
import shutil
import subprocess
import tempfile

from data import size_of
from running import interleaved, progress


def row(what, goal, ratio, reached, figures):
    return {"what": what, "goal": goal, "ratio": ratio, "reached": bool(reached), "figures": figures}


def runs(default):
    return int(os.environ.get("RUNS", default))


def full_audit(data):
    return audit_rows(data, data.ordinary, "a document of 2 KB each") + audit_rows(
        data, data.sharing, "a document for a hundred of them")


def audit_rows(data, folder, documents):
    threads = data.threads
    registry = folder / "registry"
    sample = min(data.agreements, int(os.environ.get("CMS_ENTRIES", 10_000)))
    audit_memory = []

    def audit(*words):
        run = data.bitim(folder, "audit", "--quiet", *words)
        audit_memory.append(run.megabytes)
        return run.seconds

    # How many signatures there are, and that everything passes.
    signatures = data.bitim(folder, "audit", "--json").answer["signatures"]
    times = interleaved(runs(5), {
        "audit": lambda: audit("--threads", threads),
        "limit": lambda: data.bench("limit", "signatures", registry, "--threads", threads)["perSecond"],
        "cms": lambda: data.bench("limit", "cms", registry, "--count", sample, "--threads", threads)["perSecond"],
        "audit on one thread": lambda: audit("--threads", 1),
    })
    rate = signatures / times["audit"]
    of_limit, of_cms = rate / times["limit"], rate / times["cms"]
    scaling = times["audit on one thread"] / times["audit"]
    name = f"full audit, {data.agreements:,} agreements, two P-256 signatures each, {documents}"
    figures = (f"{times['audit']:.2f} s, {rate:,.0f} signatures a second; raw `EVP_PKEY_verify` on the same "
               f"{threads} threads {times['limit']:,.0f} a second; peak {max(audit_memory):.0f} MB")
    return [
        row(name, "at least 0.85 of raw verification", f"{of_limit:.2f}", of_limit >= 0.85, figures),
        row(f"the same, {documents}", "at least 3 times a loop of `CMS_verify`", f"{of_cms:.1f} times", of_cms >= 3,
            f"{times['cms']:,.0f} signatures a second in a loop of `d2i_CMS_ContentInfo` and `CMS_verify` on "
            f"{threads} threads, over the first {sample:,} entries"),
        row(f"scaling of that audit from 1 to {threads} threads, {documents}", "at least 1.8", f"{scaling:.2f}",
            scaling >= 1.8, f"{times['audit on one thread']:.2f} s and {times['audit']:.2f} s"),
    ]


def integrity(data):
    return integrity_rows(
        data, data.heavy, f"{data.agreements // 10:,} agreements, a document of 256 KB each") + integrity_rows(
        data, data.ordinary, f"{data.agreements:,} agreements, a document of 2 KB each")


def integrity_rows(data, folder, name):
    registry = folder / "registry"
    times = interleaved(runs(5), {
        # Without signatures nothing passes: its verdict is indeterminate.
        "audit": lambda: data.bitim(folder, "audit", "--quiet", "--signatures=skip", statuses=(3,)).seconds,
        "hashing": lambda: data.bench("limit", "sha256", registry)["seconds"],
        "reading and hashing": lambda: data.bench("limit", "sha256", registry, "--reading")["seconds"],
    })
    ratio = times["hashing"] / times["audit"]
    with_reading = times["reading and hashing"] / times["audit"]
    return [row(
        f"integrity-only audit (`--signatures=skip`), {name}", "at least 0.5 of hashing the same bytes",
        f"{ratio:.2f}", ratio >= 0.5,
        f"{times['audit']:.2f} s; `EVP_Digest` over leaves and documents in memory {times['hashing']:.2f} s; with the "
        f"files opened and read by the loop as well {times['reading and hashing']:.2f} s, of which the audit reaches "
        f"{with_reading:.2f}")]


def memory(data):
    ordinary = max(data.bitim(data.ordinary, "audit", "--quiet").megabytes for _ in range(2))
    first = data.bitim(data.large, "audit", "--quiet")
    ratio = first.megabytes / ordinary
    rows = [row(
        f"memory of the audit, {data.many:,} entries",
        f"under 200 MB, and under 1.3 times that of {data.agreements:,}",
        f"{ratio:.2f} times", first.megabytes < 200 and ratio < 1.3,
        f"{first.megabytes:.0f} MB and {ordinary:.0f} MB; the audit of {data.many:,} took {first.seconds:.1f} s (one run)")]
    return rows + second_audit(data, first.seconds)


def second_audit(data, first_seconds):
    folder = data.copy(data.large, "large-since")
    kept = data.folder / "kept.checkpoint"
    shutil.copy(folder / "registry/ledger/checkpoint", kept)
    for number in range(10):
        data.add_one(folder, number)
    report = data.bitim(folder, "audit", "--since", kept, "--json").answer
    times = interleaved(runs(5), {
        "second": lambda: data.bitim(folder, "audit", "--since", kept, "--quiet").seconds})
    shutil.rmtree(folder)
    ratio = times["second"] / first_seconds
    relied = "; ".join((report.get("since") or {}).get("fromIndex") or [])
    named = f"; taken from its own index, as it says itself: {relied}" if relied else ""
    return [row(
        f"second audit (`--since`) of {data.many:,} entries with 10 new ones", "under 1 % of the first one's time",
        f"{100 * ratio:.2f} %", ratio < 0.01, f"{times['second']:.3f} s and {first_seconds:.1f} s{named}")]


def bulk(data):
    base = data.small
    entries = data.signed_entries(base, data.entries)

    def add():
        folder = data.copy(base, "bulk")
        seconds = data.bitim(folder, "add", "--from", entries, "--quiet", "--yes").seconds
        shutil.rmtree(folder)
        return seconds

    times = interleaved(runs(5), {
        "add": add,
        "limit": lambda: data.bench("limit", "signatures", base / "registry", "--entries", entries)["seconds"],
    })
    ratio = times["limit"] / times["add"]
    return [row(
        f"bulk append (`add --from`, signatures made beforehand), {data.entries:,} agreements",
        "at least 0.7 of raw verification", f"{ratio:.2f}", ratio >= 0.7,
        f"{times['add']:.2f} s, published; raw verification of the same signatures {times['limit']:.2f} s")]


def tree(data):
    def in_fresh_folder(*words):
        folder = tempfile.mkdtemp(dir=data.folder)
        try:
            return data.bench(*words, folder, "--count", data.tree)
        finally:
            shutil.rmtree(folder)

    def appended():
        answer = in_fresh_folder("tree")
        return {
            "seconds": answer["seconds"],
            "evenness": answer["firstTenthBatchSeconds"] / answer["lastTenthBatchSeconds"]}

    times = interleaved(runs(5), {
        "tree": appended,
        "limit": lambda: in_fresh_folder("limit", "hash-and-write")["seconds"],
    })
    ratio, evenness = times["limit"] / times["tree.seconds"], times["tree.evenness"]
    return [row(
        f"the tree alone: {data.tree:,} entries of 2,560 bytes into `TiledLog`, durable, in batches of 4,096",
        "at least 0.5 of a loop that hashes and writes; the last tenth at least 0.9 of the first",
        f"{ratio:.2f}; {evenness:.2f}", ratio >= 0.5 and evenness >= 0.9,
        f"{times['tree.seconds']:.2f} s; one hash an entry, one file, one fsync a batch {times['limit']:.2f} s")]


def add(data):
    few, many = data.copy(data.small, "add-few"), data.copy(data.large, "add-many")
    number = iter(range(1, 1_000_000))
    trace = data.folder / "add.trace"
    data.add_one(few, next(number))
    calls = 0
    if shutil.which("strace"):
        wrapped, data.bitim_path = data.bitim_path, data.folder / "traced-bitim"
        data.bitim_path.write_text(
            f"#!/bin/sh\nexec strace -f -o '{trace}' -e trace=fsync,fdatasync,syncfs,sync,sync_file_range '{wrapped}' \"$@\"\n")
        data.bitim_path.chmod(0o755)
        try:
            data.add_one(few, next(number))
        finally:
            data.bitim_path = wrapped
        calls = len(re.findall(r"(?:fsync|fdatasync|syncfs|sync)\(", trace.read_text()))
    # What the first command in a larger registry prepares (its index) is not what is measured.
    data.add_one(many, next(number))
    times = interleaved(runs(15), {
        "few": lambda: data.add_one(few, next(number)).seconds,
        "many": lambda: data.add_one(many, next(number)).seconds,
        "fsync": lambda: data.bench("limit", "append-fsync", few, "--count", 50)["seconds"],
    })
    for folder in few, many:
        shutil.rmtree(folder)
    ratio, growth = times["few"] / times["fsync"], times["many"] / times["few"]
    return [
        row("one `add` of one agreement: signed, checked, durable, cosigned by two local witnesses, published",
            "at most 10 sync calls, and at most 12 times one append-and-fsync",
            f"{calls or '?'} calls; {ratio:.1f} times", 0 < calls <= 10 and ratio <= 12,
            f"{1000 * times['few']:.1f} ms, start of the process included; append and fsync "
            f"{1000 * times['fsync']:.2f} ms"),
        row(f"the same on a registry of {data.many:,}", "at most 1.3 times the time on a registry of 10",
            f"{growth:.2f} times", growth <= 1.3, f"{1000 * times['many']:.1f} ms and {1000 * times['few']:.1f} ms"),
    ]


def disk(data):
    folder = data.copy(data.registry(1), "disk")
    # With entry 0 and the one that is there the tree has 1,024 entries in the end, and no unfinished tile.
    for number in range(int(os.environ.get("DISK_AGREEMENTS", 1_022))):
        data.add_one(folder, number)
        if number % 200 == 199:
            progress(f"  {number + 1} agreements")
    ledger = folder / "registry/ledger"
    bundles = [path for path in (ledger / "tile/entries").rglob("*") if path.is_file()]
    entries = sum(path.stat().st_size for path in bundles)
    total = size_of(ledger)
    shutil.rmtree(folder)
    ratio = total / entries
    return [row(
        "disk after 1,024 entries, each published by itself", "`ledger/` at most 1.2 times the entries' bytes",
        f"{ratio:.2f} times", ratio <= 1.2 and len(bundles) == 4, f"{total:,} bytes in `ledger/`, {entries:,} in entries")]


def proofs(data):
    registry = data.large / "registry"
    names = ["scatteredPerSecond", "inOrderPerSecond", "inclusionSeconds", "consistencySeconds", "inclusionReadCalls",
             "consistencyReadCalls"]

    def measure():
        answer = data.bench("proofs", registry)
        return {name: answer[name] for name in names}

    found = {name.split(".")[1]: value for name, value in interleaved(runs(5), {"proofs": measure}).items()}
    slower = max(found["inclusionSeconds"], found["consistencySeconds"])
    return [
        row(f"proof of one entry made and verified, tree of {data.many:,}", "50,000 a second on one core",
            f"{found['inOrderPerSecond']:,.0f} a second", found["inOrderPerSecond"] >= 50_000,
            f"in order; {found['scatteredPerSecond']:,.0f} a second of entries that lie far apart"),
        row(f"one inclusion and one consistency proof from disk, tree of {data.many:,}", "under 1 ms each",
            f"{1000 * found['inclusionSeconds']:.2f} ms; {1000 * found['consistencySeconds']:.2f} ms", slower < 0.001,
            f"made and verified by a process that has read nothing yet: {found['inclusionReadCalls']:.0f} and "
            f"{found['consistencyReadCalls']:.0f} calls of read(2)"),
    ]


def search(data):
    folder = data.copy(data.large, "large-index")
    state = folder / "registry/state"
    number = data.many * 2 // 3
    word = os.environ.get("WORD", "Karakol")
    shared = next((folder / "registry/documents").rglob("*/*"))
    # Before the index is built: it is to have this one in it.
    data.add_one(folder, 1)
    own = folder / "own.txt"
    shutil.copy(data.folder / "one.txt", own)

    def built():
        for path in state.glob("index*"):
            path.unlink()
        run = data.bitim(folder, "list", "--search", word, "--quiet")
        return {"seconds": run.seconds, "megabytes": run.megabytes}

    build = interleaved(int(os.environ.get("INDEX_RUNS", 1)), {"build": built})
    identifier = f"B-{number:07}"
    found = len(data.bitim(folder, "list", "--search", word, "--quiet").output.splitlines())
    times = interleaved(runs(9), {
        "list": lambda: data.bitim(folder, "list", "--search", word, "--quiet").seconds,
        "show": lambda: data.bitim(folder, "show", identifier, "--quiet").seconds,
        "verify": lambda: data.bitim(folder, "verify", own, "--quiet").seconds,
        "shared": lambda: data.bitim(folder, "verify", shared, "--quiet").seconds,
        "start": lambda: data.bitim(folder, "--version").seconds,
    })
    size = sum(path.stat().st_size for path in state.glob("index*"))
    shutil.rmtree(folder)
    slowest = max(times[name] for name in ("list", "show", "verify")) - times["start"]
    figures = ", ".join(f"`{name}` {1000 * times[name]:.0f} ms" for name in ("list", "show", "verify"))
    return [
        row(f"`list --search WORD`, `show ID`, `verify DOCUMENT` on {data.many:,} agreements",
            "under 50 ms in the process, once the index is built", f"{1000 * slowest:.0f} ms", slowest < 0.05,
            f"{figures}, start of the process ({1000 * times['start']:.0f} ms) included; the word is in {found} agreements; "
            f"`verify` of a document that a hundred agreements name, of which all signatures are verified, "
            f"{1000 * times['shared']:.0f} ms"),
        row(f"the index, built from the ledger for {data.many:,} agreements", "under 60 s",
            f"{build['build.seconds']:.1f} s", build["build.seconds"] < 60 and size > 0,
            f"by the first search, which it answers; {size / 1e6:.0f} MB on disk, peak {build['build.megabytes']:.0f} MB "
            "of memory"),
    ]


def start(data):
    root = data.root
    times = interleaved(runs(21), {
        "help": lambda: data.bitim(root, "--help").seconds,
        "list": lambda: data.bitim(root, "list").seconds,
    })
    return [row(
        "`bitim --help`; `bitim list` on the shipped registry", "under 10 ms; under 25 ms",
        f"{1000 * times['help']:.1f} ms; {1000 * times['list']:.1f} ms", times["help"] < 0.01 and times["list"] < 0.025,
        "start of the process included")]


# In the order of the table; a name may be given in PLAN.
GROUPS = {
    "audit": full_audit, "integrity": integrity, "memory": memory, "bulk": bulk, "tree": tree, "add": add, "disk": disk,
    "proofs": proofs, "search": search, "start": start,
}
