"""The comparison of allowlist.yml, by its own script: in a repository whose last commit changed the allowlist."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import command_line
from events import ROOT, SAMPLES

BEFORE = (SAMPLES / "allowlist.toml").read_text()
# Two people's settings have no say: ours are the only ones.
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
# GitHub takes no longer comment.
LONGEST = 65_536


def script():
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "allowlist.yml").read_text())["jobs"]["check"]["steps"]
    return next(step["run"] for step in steps if step.get("name") == "Compare on history")


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "repository"
        self.temporary = pathlib.Path(folder.name) / "temporary"
        self.root.mkdir()
        self.temporary.mkdir()
        self.environment = os.environ | GIT | {
            "PATH": f"{pathlib.Path(command_line.program()).parent}:{os.environ['PATH']}", "RUNNER_TEMP": str(self.temporary),
            "ALLOWLIST": "allowlist.toml", "HISTORY": str(SAMPLES / "archive")}
        self.git("init", "--quiet")
        (self.root / "README").touch()
        self.commit()

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, check=True)

    def commit(self, allowlist=None):
        if allowlist is not None:
            (self.root / "allowlist.toml").write_text(allowlist)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def compare(self, **environment):
        # As GitHub runs a step on Linux.
        done = subprocess.run(["bash", "-e", "-c", script()], cwd=self.root, env=self.environment | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual("", done.stdout)
        comment = self.root / "comment.md"
        return done.returncode, comment.read_text() if comment.exists() else ""

    def test_a_change_shows_what_it_lets_through_and_stops(self):
        self.commit(BEFORE)
        self.commit(BEFORE.replace('contexts     = ["environment:production"]', 'contexts     = ["any"]')
                    .replace('["my-org/*"]', '["my-org/mirror"]'))
        code, output = self.compare()
        self.assertEqual(0, code)    # to be told is no reason to fail
        self.assertIn("**1 event that was a finding is none any more**", output)
        self.assertIn("`repo:my-org/my-repo:ref:refs/heads/dev`", output)
        self.assertIn("may let more through: `production deploys (more contexts)`", output)
        self.assertIn("was expected by", output)

    def test_names_that_strangers_choose_stay_in_their_cells(self):
        self.commit("version = 1\n")
        self.commit('version = 1\n[[allow]]\nname = "all @here <b>|x"\nroles = ["arn:aws:iam::*:role/*"]\n'
                    'repositories = ["my-org/*", "my-org-evil/*"]\ncontexts = ["any"]\nmax_session = "12h"\n')
        code, output = self.compare(HISTORY=str(SAMPLES / "records"))
        self.assertEqual(0, code)
        self.assertLess(len(output.encode()), LONGEST)
        outside = "".join(output.split("`")[::2])
        for text in ("@", "<", "://", "repo:", "my-org"):
            self.assertNotIn(text, outside)
        rows = [line for line in output.splitlines() if line.startswith("| ") and "`" in line]
        self.assertGreater(len(rows), 10)
        self.assertEqual({6}, {row.count("|") for row in rows})

    def test_what_changes_nothing_says_so(self):
        self.commit(BEFORE)
        self.commit(BEFORE + "\n# A remark.\n")
        code, output = self.compare()
        self.assertEqual(0, code)
        self.assertIn("### What `allowlist.toml` says of the recorded events\n\nThe same as before.\n", output)

    def test_a_new_allowlist_is_compared_with_none(self):
        self.commit(BEFORE)
        code, output = self.compare()
        self.assertEqual(0, code)
        self.assertRegex(output, r"\| expected \| 0 \| [1-9][0-9]* \|")

    def test_one_that_repairs_a_broken_one_is_compared_with_none_and_says_so(self):
        self.commit("version = 9\n[[allow]]\n")
        self.commit(BEFORE)
        code, output = self.compare()
        self.assertEqual(0, code)
        self.assertIn("**The allowlist on the branch that this goes into has mistakes and is not read", output)
        self.assertRegex(output, r"\| expected \| 0 \| [1-9][0-9]* \|")

    def test_a_history_without_a_record_is_no_approval(self):
        self.commit(BEFORE)
        self.commit(BEFORE + "\n# A remark.\n")
        (self.root / "nothing").mkdir()
        self.assertEqual((2, ""), self.compare(HISTORY="nothing"))

    def test_a_history_without_a_session_shows_nothing_and_says_so(self):
        self.commit(BEFORE)
        self.commit(BEFORE + "\n# A remark.\n")
        (self.root / "log.json").write_text('{"Records": [{"eventName": "GetObject", "eventSource": "s3.amazonaws.com"}]}')
        code, output = self.compare(HISTORY="log.json")
        self.assertEqual(0, code)
        self.assertIn("**No session of GitHub Actions is recorded in what was read", output)
        self.assertNotIn("same as before", output)

    def test_a_broken_one_fails_and_shows_nothing(self):
        self.commit(BEFORE)
        self.commit("version = 9\n")
        self.assertEqual((2, ""), self.compare())


if __name__ == "__main__":
    unittest.main()
