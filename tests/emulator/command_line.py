"""The command line, on the emulator's account."""

import functools
import os
import pathlib
import subprocess

import events
from emulator import CREDENTIALS


@functools.cache
def program():
    build = ["build", "-q", "--locked", "--workspace", "--bin", "rolewatch"]
    subprocess.run([os.environ.get("CARGO", "cargo"), *build], cwd=events.ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", events.ROOT / "target")
    return pathlib.Path(target).absolute() / "debug/rolewatch"


def rolewatch(test, *arguments, **environment):
    environment = CREDENTIALS | {
        "AWS_ENDPOINT_URL": test.world.emulator.url, "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
        "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(test.world.folder), "NO_PROXY": "127.0.0.1"} | environment
    return subprocess.run([program(), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
