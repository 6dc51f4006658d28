"""The read side under load, beside nginx over the same folder: wrk on loopback, both in turn."""

import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

from running import Failed, progress

SECONDS = 5
RUNS = 5
CONNECTIONS = 64


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait(url):
    for _ in range(200):
        try:
            with urllib.request.urlopen(url) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.05)
    raise Failed(f"nobody answers at {url}")


def load(url):
    """Requests a second; whatever was not answered with status 200 is a failure."""
    run = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", url], capture_output=True, text=True)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", run.stdout)
    if run.returncode != 0 or not rate or "Non-2xx" in run.stdout:
        raise Failed(f"wrk {url}: {run.stdout}{run.stderr}")
    slow = re.search(r"99%\s+([0-9.]+)(us|ms|s)", run.stdout)
    return {
        "rate": float(rate.group(1)),
        "ms": float(slow.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[slow.group(2)],
    }


def nginx_configuration(folder, registry, port):
    """The page's own, with what this machine needs around it."""
    page = (pathlib.Path(__file__).resolve().parent.parent.parent / "docs/serving.md").read_text()
    site = re.search(r"```nginx\n(.*?)```", page, re.S).group(1)
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("/srv/bitim/registry", str(registry))
    site = "\n".join(line for line in site.splitlines() if "ssl_certificate" not in line)
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; worker_processes auto;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; sendfile on; tcp_nopush on; {temporary}\n{site} }}\n")


def serving(data):
    registry = data.ordinary / "registry"
    ports = {"bitim": free_port(), "nginx": free_port()}
    paths = {"checkpoint": "/checkpoint", "tile": "/tile/0/000", "entries": "/tile/entries/000"}
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder) / "nginx.conf"
        configuration.write_text(nginx_configuration(folder, registry, ports["nginx"]))
        servers = [
            subprocess.Popen(
                [data.bitim_path, "serve", "--registry", registry, "--listen", f"127.0.0.1:{ports['bitim']}"],
                stderr=subprocess.DEVNULL),
            subprocess.Popen(["nginx", "-c", configuration], stderr=subprocess.DEVNULL),
        ]
        try:
            for path in paths.values():
                answers = [wait(f"http://127.0.0.1:{port}{path}") for port in ports.values()]
                if answers[0] != answers[1]:
                    raise Failed(f"{path}: the two servers do not answer the same")
            figures = {}
            for number in range(RUNS):
                for name, path in paths.items():
                    for server, port in ports.items():
                        figures.setdefault((name, server), []).append(load(f"http://127.0.0.1:{port}{path}"))
                progress(f"  run {number + 1} of {RUNS}: " + ", ".join(
                    f"{name} {server} {values[-1]['rate']:.0f}/s" for (name, server), values in figures.items()))
        finally:
            for server in servers:
                server.terminate()
                server.wait()

    def median(name, server, key):
        return statistics.median(value[key] for value in figures[name, server])

    rows = []
    for name, words in [
        ("checkpoint", "`checkpoint`"), ("tile", "a full tile, 8 KB"), ("entries", "a full bundle of entries")]:
        ours, theirs = median(name, "bitim", "rate"), median(name, "nginx", "rate")
        rows.append({
            "what": words, "bitim": f"{ours:,.0f}", "nginx": f"{theirs:,.0f}", "ratio": f"{ours / theirs:.2f}",
            "slow": f"{median(name, 'bitim', 'ms'):.1f} ms; {median(name, 'nginx', 'ms'):.1f} ms", "reached": True,
        })
    return rows
