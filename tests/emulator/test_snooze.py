"""A snooze from the command line, on the table of the stack: what it keeps quiet, what not, and where it is listed."""

import datetime
import json
import unittest

import events
from command_line import rolewatch
from end_to_end import EndToEnd

REASON = "PLAT-1: the rule is on its way"


class Snooze(EndToEnd):
    def rolewatch(self, *arguments, exits=0):
        done = rolewatch(self, *arguments, "--table", self.stack.outputs["TableName"])
        self.assertEqual(exits, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def told(self, *names):
        """The findings of fresh events of these samples, by check."""
        self.stack.put_events([events.sample(name) for name in names])
        self.stack.settle()
        return {finding["check"]: finding for finding in self.findings() if finding["check"] not in events.OF_MEMORY}

    def test_from_the_alert_to_the_report(self):
        before = len(self.stack.function_logs("Detect"))
        first = self.told("unlisted-context/fires-branch")["unlisted-context"]
        made = self.rolewatch("snooze", first["id"], "--for", "24h", "--reason", REASON, "--by", "alex")
        self.assertIn("my-org/my-repo", made)

        # The same again, another repository, and somebody who is critical.
        told = self.told("unlisted-context/fires-branch", "unlisted-repository/fires-another-repository-of-ours",
                         "unlisted-owner/fires-a-stranger")
        self.assertEqual({"unlisted-repository", "unlisted-owner"}, set(told))
        refused = self.rolewatch("snooze", told["unlisted-owner"]["id"], "--for", "1h", "--reason", "noise", "--by", "alex",
                                 exits=2)
        self.assertIn("a critical finding cannot be snoozed", refused)
        line = json.loads(self.rolewatch("snooze", "list", "--format", "json"))
        self.assertEqual((first["id"], 1, True, REASON), (line["finding"], line["findings"], line["on"], line["reason"]))
        logged = self.stack.function_logs("Detect")[before:]    # others snooze, too
        lines = [json.loads(it) for it in logged.splitlines() if '"snoozed":1' in it]
        self.assertEqual([["unlisted-context"]], [it["findings"] for it in lines])

        page = self.report()
        for part in (REASON, "alex", "unlisted-context of my-org/my-repo"):
            self.assertIn(part, page)

        self.rolewatch("snooze", "end", line["id"], "--by", "kim")
        self.assertEqual({"unlisted-context"}, set(self.told("unlisted-context/fires-branch")))
        self.assertIn("no snooze is on", self.rolewatch("snooze", "list"))

    def report(self):
        """Today's page."""
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        with self.stack.reports_without_tls():
            answer = self.stack.report(first=today, last=today, again=True)
            self.assertIsInstance(answer, dict, answer)
            page = self.stack.s3.get_object(Bucket=self.stack.outputs["ReportsBucketName"], Key=answer["page"])
            return page["Body"].read().decode()


if __name__ == "__main__":
    unittest.main()
