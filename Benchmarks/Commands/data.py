"""The registries that are measured, made by bitim-bench once and kept in a folder."""

import os
import pathlib
import shutil

from running import Run, progress


class Data:
    def __init__(self, root):
        self.root = root
        self.bitim_path = pathlib.Path(os.environ.get("BITIM", root / ".build/release/bitim"))
        self.bench_path = pathlib.Path(os.environ.get("BITIM_BENCH", root / ".build/release/bitim-bench"))
        self.folder = pathlib.Path(
            os.environ.get("BENCH_DATA") or pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / "bitim-bench")
        self.agreements = int(os.environ.get("AGREEMENTS", 100_000))
        self.many = int(os.environ.get("MANY", 10 * self.agreements))
        self.entries = int(os.environ.get("ENTRIES", self.agreements // 10))
        self.tree = int(os.environ.get("TREE", self.many))
        self.threads = os.cpu_count()
        self.folder.mkdir(parents=True, exist_ok=True)
        # Whatever the commands would otherwise take from the surroundings.
        os.environ["LC_ALL"] = "C.UTF-8"

    # Registries

    def registry(self, agreements, **options):
        """The folder of a registry of so many agreements, made unless it is there."""
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        name = "-".join([f"r{agreements}"] + [f"{key}{value}" for key, value in options.items()])
        folder = self.folder / name
        if (folder / "made").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        progress(f"making a registry of {agreements:,} agreements in {folder}")
        run = Run([self.bench_path, "generate", folder, "--agreements", agreements, *words, "--json"])
        (folder / "made").write_bytes(run.output)
        return folder

    @property
    def small(self):
        return self.registry(10)

    @property
    def ordinary(self):
        """Each agreement with a document of its own."""
        return self.registry(self.agreements)

    @property
    def sharing(self):
        """As many, of which a hundred share a document."""
        return self.registry(self.agreements, documents=100)

    @property
    def heavy(self):
        """A tenth as many, each with a document as large as a scanned agreement of some pages."""
        return self.registry(self.agreements // 10, document_bytes=262_144)

    @property
    def large(self):
        """One document for a hundred agreements: a million small files measure the file system alone."""
        return self.registry(self.many, documents=100)

    def signed_entries(self, folder, count):
        """Entries signed beforehand for the registry in `folder`."""
        path = self.folder / f"{folder.name}-{count}.der"
        if not path.exists():
            progress(f"signing {count:,} entries")
            Run([self.bench_path, "generate", folder, "--agreements", count, "--entries", path])
        return path

    def copy(self, folder, name):
        """A copy to write to. Files of the ledger are linked: they are renamed into place, never written in place."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)

        def place(source, destination):
            if "/state/" in source or "/private/" in source:
                shutil.copy2(source, destination)
            else:
                os.link(source, destination)

        shutil.copytree(folder, target, copy_function=place)
        return target

    # Commands

    def bitim(self, folder, *words, statuses=(0,)):
        return Run(
            [self.bitim_path, *words],
            {"BITIM_KEYS": str(folder / "keys"), "BITIM_REGISTRY": str(folder / "registry")}, statuses)

    def bench(self, *words):
        return Run([self.bench_path, *words, "--json"]).answer

    def add_one(self, folder, number):
        """Registers one agreement with a document of its own, and returns the run."""
        document = self.folder / "one.txt"
        document.write_text(f"The text of one more agreement, {folder.name} {number}.\n" * 40)
        return self.bitim(
            folder, "add", document, "--id", f"N-{number}", "--title", f"en=One more agreement, {number}", "--kind",
            "agreement", "--sign", "KZ,UZ", "--yes", "--quiet")


def size_of(folder):
    """The bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
