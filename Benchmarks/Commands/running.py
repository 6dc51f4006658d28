"""Runs commands and says what they took."""

import json
import os
import statistics
import subprocess
import sys
import time


class Failed(Exception):
    pass


class Run:
    """One run of a command: wall seconds from its start to its end, peak resident memory, and what it answered."""

    def __init__(self, command, environment=None, statuses=(0,)):
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        self.output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        # The kernel counts kilobytes.
        self.megabytes = usage.ru_maxrss / 1024
        self.processor_seconds = usage.ru_utime + usage.ru_stime
        if process.returncode not in statuses:
            raise Failed(f"status {process.returncode}: {' '.join(map(str, command))}\n{self.output.decode()[:2000]}")

    @property
    def answer(self):
        return json.loads(self.output)


def interleaved(runs, measurements):
    """Takes every measurement in turn, `runs` times over: what disturbs the machine disturbs all of them alike.

    measurements: names and functions that return a number, or a dictionary of numbers.
    Returns the medians under the names (and "name.key" for dictionaries).
    """
    collected = {}
    for number in range(runs):
        for name, measure in measurements.items():
            value = measure()
            for key, figure in (value.items() if isinstance(value, dict) else [("", value)]):
                collected.setdefault(f"{name}.{key}" if key else name, []).append(figure)
        progress(f"  run {number + 1} of {runs}: " + ", ".join(
            f"{name} {values[-1]:.4g}" for name, values in collected.items()))
    return {name: statistics.median(values) for name, values in collected.items()}


def progress(text):
    print(text, file=sys.stderr, flush=True)
