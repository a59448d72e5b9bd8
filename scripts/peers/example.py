"""Builds an example of the project."""

import json
import subprocess
import sys
from pathlib import Path


def build(name: str, *, quick: bool) -> str:
    """Where cargo put it. A quick run proves that it works and times nothing: it takes the build that the tests have made."""
    command = ["cargo", "build", "--example", name, "--message-format=json-render-diagnostics"]
    if not quick:
        command.append("--release")
    built = subprocess.run(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True)
    if built.returncode:
        sys.exit(f"{Path(sys.argv[0]).name}: the example {name} does not build")
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    sys.exit(f"{Path(sys.argv[0]).name}: cargo names no executable for the example {name}")
