""".github/compare-allowlists, as allowlist.yml calls it: in a repository whose last commit changed the allowlist."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import command_line
from events import ROOT, SAMPLES

BEFORE = (SAMPLES / "allowlist.toml").read_text()
# Two people's settings have no say: ours are the only ones.
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.environment = os.environ | GIT | {"PATH": f"{pathlib.Path(command_line.program()).parent}:{os.environ['PATH']}"}
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

    def compare(self):
        done = subprocess.run([ROOT / ".github" / "compare-allowlists", "allowlist.toml", SAMPLES / "archive"], cwd=self.root,
                              env=self.environment, capture_output=True, text=True)
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stdout

    def test_a_change_shows_what_it_lets_through_in_numbers_alone(self):
        self.commit(BEFORE)
        self.commit('version = 1\n')
        code, output = self.compare()
        self.assertEqual(0, code)
        rows = {name: (int(before), int(after)) for name, before, after in
                (line.strip("| ").split(" | ") for line in output.splitlines() if line.startswith("| ") and line[2] not in "|-")}
        self.assertGreater(rows["expected"][0], 0)
        self.assertEqual(0, rows["expected"][1])
        self.assertGreater(rows["unexpected"][1], rows["unexpected"][0])
        # Names in logs are text that strangers choose.
        self.assertNotIn("repo:", output)
        self.assertNotIn("my-org", output)

    def test_what_changes_nothing_says_so(self):
        self.commit(BEFORE)
        self.commit(BEFORE + "\n# A remark.\n")
        self.assertEqual((0, "### What `allowlist.toml` says of the recorded events\n\nThe same as before.\n"), self.compare())

    def test_a_new_allowlist_is_compared_with_none(self):
        self.commit(BEFORE)
        code, output = self.compare()
        self.assertEqual(0, code)
        self.assertRegex(output, r"\| expected \| 0 \| [1-9][0-9]* \|")

    def test_a_broken_one_fails_and_shows_nothing(self):
        self.commit(BEFORE)
        self.commit("version = 9\n")
        self.assertEqual((2, ""), self.compare())


if __name__ == "__main__":
    unittest.main()
