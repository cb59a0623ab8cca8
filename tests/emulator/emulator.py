"""The emulator: MiniStack on a free port of this machine, with a folder for everything that it leaves behind."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"    # the samples' account
REGION = "eu-central-1"

# MiniStack takes an account's number as the access key of its root user. No real credential is ever read.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}

HERE = pathlib.Path(__file__).parent
START_SECONDS = 30
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator(contextlib.AbstractContextManager):
    """Use as a context manager; ends, with all functions that it runs, when the context or this process ends."""

    def __init__(self, folder: pathlib.Path, port: int, functions_endpoint: str):
        """`functions_endpoint` is what the functions get as AWS_ENDPOINT_URL: this emulator, or something before it."""
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "emulator.log"
        self._process = None
        scratch = folder / "emulator-tmp"    # unpacked functions, a pid file
        scratch.mkdir(parents=True)
        # Not our own environment: the functions inherit the emulator's, and must find nothing there by accident.
        self._environment = CREDENTIALS | {
            "PATH": os.defpath,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "PYTHONUNBUFFERED": "1",
            "BIND_HOST": "127.0.0.1",    # it would listen on every interface
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": functions_endpoint,
            "LAMBDA_EXECUTOR": "local",    # processes instead of containers
            "IOT_MTLS_ENABLED": "0",
            # Access control is on: the functions may do what their roles allow, and SNS may write where a queue's
            # policy lets it. A role that misses a permission fails the tests here, not the first deployment.
            "AUTH": "true",
        }

    def __enter__(self):
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "launcher.py")],
                env=self._environment,
                stdin=subprocess.PIPE,    # see launcher.end_with_parent
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.stdin.close()    # the launcher ends its whole group
            self._process.wait(timeout=10)
            self._process = None

    def kill_function(self, name):
        """Kills a function's processes, whatever they are doing. Returns how many there were."""
        killed = 0
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):    # gone meanwhile
                ours = os.getpgid(int(process.name)) == self._process.pid
                environment = (process / "environ").read_bytes().split(b"\0")
                if ours and f"AWS_LAMBDA_FUNCTION_NAME={name}".encode() in environment:
                    os.kill(int(process.name), signal.SIGKILL)
                    killed += 1
        return killed

    def _wait_until_healthy(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError, urllib.error.URLError):
                with NO_PROXY.open(f"{self.url}/_ministack/health", timeout=1):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the emulator did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def delete_bucket(self, name):
        """With all that is in it."""
        s3 = self.client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
                s3.delete_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])
        s3.delete_bucket(Bucket=name)

    def client(self, service, region=REGION):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60),
        )
