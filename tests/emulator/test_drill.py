"""A drill from the command line, through rule, queue, detect, topic and notify to Slack: marked, once, and without a trace in
what is remembered of real events."""

import json
import unittest

import events
from command_line import rolewatch
from end_to_end import EndToEnd

ROLE = "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production"
DEV = "repo:my-org/my-repo:ref:refs/heads/dev"
PRODUCTION = "repo:my-org/my-repo:environment:production"


class Drill(EndToEnd):
    def drill(self, *arguments, exits=0):
        done = rolewatch(self, "drill", "--role", ROLE, "--by", "alex", *arguments)
        self.assertEqual(exits, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def remembered(self):
        """The kinds of items in the table."""
        pages = self.stack.dynamodb.get_paginator("scan").paginate(TableName=self.stack.outputs["TableName"])
        return {item["pk"]["S"].split("#")[0] for page in pages for item in page["Items"]}

    def test_a_drill_arrives_in_slack_marked_and_leaves_no_trace(self):
        table = self.stack.outputs["TableName"]
        line = json.loads(self.drill("--sub", DEV, "--wait", "60s", "--table", table, "--format", "json"))
        self.assertEqual(("drill", "rolewatch.drill/1", True), (line["type"], line["schema"], line["delivered"]))
        self.assertEqual(["unlisted-context"], [it["check"] for it in line["findings"]])
        self.assertTrue(self.slack.wait_for_posts(1, 30))
        self.stack.settle()
        (post,) = self.slack.posts
        self.assertIn("[DRILL] ", json.loads(post)["text"])
        self.assertIn("This is a drill, sent by alex (as they say): nobody assumed a role.", post)
        (message,) = self.stack.take_findings()
        self.assertEqual("drill", message["MessageAttributes"]["about"]["Value"])
        self.assertEqual("rolewatch: DRILL: high: unlisted-context", message["Subject"])
        found = json.loads(message["Message"])
        self.assertEqual(("drill", line["findings"][0]["id"]), (found["about"], found["id"]))
        # What a report told stays between tests.
        self.assertLessEqual(self.remembered(), {"allowlist", "told", "reported", "drill", "post", "lane", "handed-on"},
                             "no event, row, window or use")

        # The real one afterwards is told as if nothing had been, within a quiet window too.
        with self.stack.quiet_window("1h"):
            self.drill("--sub", DEV)
            self.stack.settle()
            self.stack.take_findings()
            self.stack.put_events([events.sample("unlisted-context/fires-branch")])
            self.stack.settle()
        (real,) = self.findings()
        self.assertEqual(("assumption", "unlisted-context"), (real["about"], real["check"]))

    def test_what_would_be_told_to_nobody_says_so(self):
        table = self.stack.outputs["TableName"]
        said = self.drill("--sub", PRODUCTION, "--wait", "60s", "--table", table)
        self.assertIn("told as     drill, finding ", said)
        self.stack.settle()
        (found,) = self.findings()
        self.assertEqual(("drill", "info"), (found["check"], found["severity"]))
        self.assertIn('the rule "production deploys" expects it', found["message"])

    def test_without_a_table_it_says_how_to_look_and_without_an_arrival_that_there_was_none(self):
        self.assertIn("marked [DRILL]", self.drill("--sub", DEV))
        self.stack.settle()
        with self.stack.mapping_off("Detect"):
            said = self.drill("--sub", DEV, "--wait", "2s", "--table", self.stack.outputs["TableName"], exits=2)
            self.assertIn("sent", said)

    def test_nobody_makes_up_a_record_with_our_own_sources(self):
        record = json.loads(events.sample("unlisted-context/fires-branch").body)["detail"]
        forged = {"Source": "rolewatch.drill", "DetailType": "rolewatch drill", "Detail": json.dumps(record)}
        self.stack.events.put_events(Entries=[forged])
        self.stack.settle()
        (found,) = self.findings()
        self.assertEqual("unreadable-record", found["check"])
        self.assertIn("rolewatch's own source", found["message"])


if __name__ == "__main__":
    unittest.main()
