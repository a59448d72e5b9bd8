"""What scripts that measure share: files of results, and the machine that they were measured on."""

import csv
import os
import platform
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


# Seeds from here on are for figures that are reported; smaller ones choose settings.
FIRST_REPORTED_SEED = 101
# Settings of nets that train in seconds, by experiment.
SMALL_NETS = {
    "mnist": ["generator.combined.hidden_layer.units=60", "discriminator.x.maxout.units=24", "discriminator.joint.maxout.units=24"],
    "tags": ["generator.y_units=40", "discriminator.y.relu.units=24", "discriminator.joint.maxout.units=24"],
}


def reported(rows):
    """What `cgan evaluate` measured, the run last. Of tags it has two rows for the run: the paper lets samples vote."""
    return [row for row in rows if row.get("name") != "run, mean of 100 samples"]


def read(path):
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path, columns, rows):
    """Writes a CSV file, whole or not at all: other workers may read it."""
    with tempfile.NamedTemporaryFile("w", newline="", dir=path.parent, delete=False) as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def merge(path, rows, keys, kept=()):
    """Writes `rows` into a CSV file; they replace those of the same `keys`, but for what they lack of the columns `kept`."""
    key = lambda row: tuple(str(row.get(name, "")) for name in keys)
    merged = {key(row): row for row in (read(path) if path.exists() else [])}
    for row in rows:
        before = merged.get(key(row), {})
        merged[key(row)] = row | {name: before[name] for name in kept if name in before and not row.get(name)}
    columns = list(dict.fromkeys(name for row in merged.values() for name in row))
    write(path, columns, merged.values())


def counted(number, thing):
    """A number with its noun."""
    return f"{number} {thing}{'s' * (number != 1)}"


def processor():
    """What the processor calls itself. Servers of several generations may have one name: the numbers tell them apart."""
    fields = {}
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    except OSError:
        pass
    if "model name" not in fields:
        return platform.processor() or platform.machine()
    return f"{fields['model name']} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"


def commit():
    """The commit of the code, with a mark if the files differ from it; empty outside a repository."""

    def git(*command):
        return subprocess.run(["git", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    found = git("rev-parse", "--short", "HEAD")
    if found.returncode:
        return ""
    changed = git("diff", "--quiet", "HEAD", "--", "crates", "Cargo.toml", "Cargo.lock").returncode != 0
    return found.stdout.strip() + (" with changes" if changed else "")


def machine(name, cores):
    """The columns that say which machine a row was measured on; `name` is what tables call it, if it has one."""
    return {
        "machine": name or f"{processor()}, {counted(cores, 'core')}",
        "processor": processor(),
        "cores": cores,
        "commit": commit(),
    }
