"""All of infra/*.yaml, as the tools of others see them: cfn-lint, `sam validate --lint`, checkov."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

import yaml

from events import ROOT

INFRA = ROOT / "infra"
CHECKOV_SETTINGS = INFRA / "checkov.yaml"
TEMPLATES = sorted(set(INFRA.glob("*.yaml")) - {CHECKOV_SETTINGS})


def tools(requirements):
    """The folder of the programs that tests/tools/`requirements` pins."""
    install = ROOT / "tests" / "tools" / "install"
    done = subprocess.run([install, install.parent / requirements], stdout=subprocess.PIPE, text=True, check=True)
    return pathlib.Path(done.stdout.strip()) / "bin"


class Templates(unittest.TestCase):
    def test_cfn_lint_has_nothing_to_say(self):
        cfn_lint = pathlib.Path(sys.executable).parent / "cfn-lint"
        done = subprocess.run([cfn_lint, "--include-checks", "I", "--", *TEMPLATES], capture_output=True, text=True)
        self.assertEqual("", done.stdout + done.stderr)

    def test_sam_validates_them(self):
        sam = tools("templates.txt") / "sam"
        # It asks for credentials and a region without using them.
        environment = {"PATH": os.defpath, "HOME": os.devnull, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1",
                       "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        for template in TEMPLATES:
            with self.subTest(template.name):
                done = subprocess.run([sam, "validate", "--lint", "--template-file", template],
                                      env=environment, capture_output=True, text=True)
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_checkov_finds_what_there_is_a_reason_for_and_nothing_else(self):
        settings = yaml.safe_load(CHECKOV_SETTINGS.read_text())
        command = [tools("checkov.txt") / "checkov", "--framework", *settings["framework"], "--skip-download",
                   "--soft-fail", "-o", "json", *(part for it in TEMPLATES for part in ("-f", it))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        results = json.loads(done.stdout)["results"]
        self.assertFalse(results["parsing_errors"])
        self.assertGreater(len(results["passed_checks"]), 20)
        found = {}
        for failed in results["failed_checks"]:
            found.setdefault(failed["check_id"], []).append(f"{failed['file_path']} {failed['resource']}: {failed['check_name']}")
        self.assertEqual(set(settings["skip-check"]), set(found), found)


if __name__ == "__main__":
    unittest.main()
