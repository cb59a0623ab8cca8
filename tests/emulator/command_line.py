"""The command line, on the emulator's account."""

import functools
import os
import pathlib
import subprocess

import events
from emulator import CREDENTIALS

NAME = "command-line"    # its calls are told apart from the functions' by it


@functools.cache
def program():
    # With a test, so with the features of all tests: nothing is compiled a second time.
    build = ["build", "-q", "--locked", "--workspace", "--bin", "rolewatch", "--test", "architecture"]
    subprocess.run([os.environ.get("CARGO", "cargo"), *build], cwd=events.ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", events.ROOT / "target")
    return pathlib.Path(target).absolute() / "debug/rolewatch"


def rolewatch(test, *arguments, **environment):
    """Nothing of this machine's settings is seen."""
    environment = CREDENTIALS | {
        "AWS_ENDPOINT_URL": test.world.emulator.url, "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_SDK_UA_APP_ID": NAME,
        "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(test.world.folder), "NO_PROXY": "127.0.0.1"} | environment
    return subprocess.run([program(), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
