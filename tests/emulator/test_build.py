"""infra/build, as `make build` calls it: what it looks at first. What it builds, all other tests run."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from events import ROOT

PLAIN = ("bash", "env", "dirname", "basename", "mkdir")


class Build(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        for name in PLAIN:
            (self.bin / name).symlink_to(shutil.which(name))
        for path in ("infra", "tests/tools", "functions/detect", "sysroot/lib/rustlib/x86_64-unknown-linux-gnu"):
            (self.root / path).mkdir(parents=True)
        shutil.copy(ROOT / "infra" / "build", self.root / "infra")
        (self.root / "functions/detect/Cargo.toml").touch()
        self.script(self.root / "tests/tools/install", f'echo "{self.root}"')    # its bin is ours

    def script(self, path, text):
        path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
        path.chmod(0o755)

    def put(self, name, text="exit 0"):
        self.script(self.bin / name, text)

    def run_it(self, **environment):
        done = subprocess.run([self.root / "infra" / "build"], env={"PATH": str(self.bin), "ARCH": "x86_64"} | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, *parts, **environment):
        code, output = self.run_it(**environment)
        self.assertEqual(2, code, output)
        for part in parts:
            self.assertIn(part, output)

    def test_it_says_what_is_missing_and_its_cure_and_then_builds_each_function_by_name(self):
        self.assert_refused("arm64 or x86_64, not 'riscv'", ARCH="riscv")
        self.assert_refused("no python3", "install Python 3")
        self.put("python3", "exit 1")
        self.assert_refused("no virtual environments", "python3-venv")
        self.put("python3")
        self.assert_refused("no cargo", "rustup.rs")
        self.put("cargo", 'echo "cargo $*"')
        self.assert_refused("no C compiler", "apt-get install gcc")
        self.put("cc")
        self.put("rustc", f'echo "{self.root}/sysroot"')
        self.assert_refused("cannot build for aarch64-unknown-linux-gnu", "rustup target add aarch64-unknown-linux-gnu", ARCH="arm64")
        code, output = self.run_it()
        self.assertEqual(0, code, output)
        self.assertIn("cargo lambda build --quiet --locked --profile lambda --x86-64", output)
        self.assertIn("-p detect", output)
        # With rustup, cargo-lambda adds the target.
        self.put("rustup")
        code, output = self.run_it(ARCH="arm64")
        self.assertEqual(0, code, output)
        self.assertIn("--arm64", output)


if __name__ == "__main__":
    unittest.main()
