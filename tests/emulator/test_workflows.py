"""The workflows, ours and the samples: as zizmor sees them, and by our own advice."""

import re
import subprocess
import unittest

import yaml

from events import ROOT
from test_templates import tools

OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SAMPLES = sorted((ROOT / "samples" / "workflows").glob("*.yml"))
CONFIGURE = "aws-actions/configure-aws-credentials@"


def jobs(*files):
    for file in files:
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            yield f"{file.name} {name}", job


class Workflows(unittest.TestCase):
    def test_zizmor_has_nothing_to_say(self):
        done = subprocess.run([tools("templates.txt") / "zizmor", "--offline", "--quiet", "--persona", "pedantic", *OURS, *SAMPLES],
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_there_is_one_for_each_purpose(self):
        self.assertEqual(["allowlist.yml", "ci.yml", "deploy.yml"], [it.name for it in OURS])
        self.assertEqual(["ecr-push.yml", "lambda-cdk.yml", "static-site.yml"], [it.name for it in SAMPLES])

    def test_actions_are_pinned_by_commit_and_say_their_version(self):
        pins = {}
        for file in OURS + SAMPLES:
            for line in re.findall(r"uses: (.*)", file.read_text()):
                action, commit, version = re.fullmatch(r"([a-z0-9/-]+)@([0-9a-f]{40}) # (v[0-9.]+)", line).groups()
                self.assertEqual((commit, version), pins.setdefault(action, (commit, version)), action)

    def test_jobs_that_get_credentials_are_what_rolewatch_expects(self):
        seen = 0
        for name, job in jobs(*OURS, *SAMPLES):
            for place, step in enumerate(job["steps"]):
                if not step.get("uses", "").startswith(CONFIGURE):
                    continue
                seen += 1
                with self.subTest(name):
                    given = step["with"]
                    self.assertEqual({"id-token": "write", "contents": "read"}, job["permissions"])
                    self.assertIn(job["environment"], ("staging", "production"))
                    self.assertEqual("${{ vars.DEPLOY_ROLE_ARN }}", given["role-to-assume"])
                    self.assertIn("${{ github.run_id }}", given["role-session-name"])
                    self.assertEqual(900, given["role-duration-seconds"])
                    # What runs before cannot see the credentials; what a build downloads runs there.
                    after = " ".join(it.get("run", "") for it in job["steps"][place:])
                    self.assertNotRegex(after, r"npm (ci|install|run)|make build|cargo|docker build|pip")
        self.assertEqual(8, seen)

    def test_production_comes_after_staging_and_no_role_is_a_secret(self):
        for file in OURS + SAMPLES:
            workflow = yaml.safe_load(file.read_text())
            self.assertEqual({}, workflow["permissions"], file.name)
            self.assertNotIn("secrets.", file.read_text())
            if "production" in workflow["jobs"]:
                self.assertEqual("staging", workflow["jobs"]["production"]["needs"])

    def test_what_a_pull_request_runs_cannot_assume_a_role(self):
        for file in OURS + SAMPLES:
            workflow = yaml.safe_load(file.read_text())
            if "pull_request" in workflow[True]:    # `on`, as YAML reads it
                self.assertNotIn("id-token", file.read_text(), file.name)
            self.assertNotIn("pull_request_target", file.read_text())


if __name__ == "__main__":
    unittest.main()
