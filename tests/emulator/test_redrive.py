"""infra/redrive, as `make redrive` calls it: what EventBridge could not hand on is sent again, and nothing else is."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import world
from emulator import CREDENTIALS, REGION
from events import ROOT, sample

AWAY = "us-east-1"


class Redrive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = world.shared().emulator
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.bin = pathlib.Path(folder.name)
        aws = cls.bin / "aws"
        # Version 1 has endpoints of its own for SQS, whatever the environment says.
        aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
        aws.chmod(0o755)

    def queue(self, name, region=REGION):
        sqs = self.emulator.client("sqs", region)
        url = sqs.create_queue(QueueName=f"{self._testMethodName[-40:]}-{name}")["QueueUrl"]
        self.addCleanup(sqs.delete_queue, QueueUrl=url)
        return url

    def put(self, url, bodies, region=REGION):
        for body in bodies:
            self.emulator.client("sqs", region).send_message(QueueUrl=url, MessageBody=body)

    def bodies(self, url, region=REGION):
        """All that a queue has; of what is being worked on, too."""
        sqs, found = self.emulator.client("sqs", region), []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += [it["Body"] for it in messages]
        return found

    def count(self, url, region=REGION):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.emulator.client("sqs", region).get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(map(int, answer["Attributes"].values()))

    def run_it(self, program, *arguments, **environment):
        path = f"{self.bin}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=CREDENTIALS | {"PATH": path, "HOME": os.environ["HOME"], "AWS_CONFIG_FILE": os.devnull,
                               "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
                               "AWS_ENDPOINT_URL": self.emulator.url} | environment)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        return done.returncode, done.stdout + done.stderr

    def redrive(self, *arguments, **environment):
        return self.run_it(ROOT / "infra" / "redrive", *arguments, **environment)

    def test_more_than_a_batch_goes_over_whole_and_in_another_region_too(self):
        dead, events = self.queue("dead", AWAY), self.queue("events")
        sent = [sample("repository-id-mismatch/quiet-the-pinned-ids").body for _ in range(23)]
        self.put(dead, sent, AWAY)
        code, output = self.redrive(AWAY, dead, REGION, events)
        self.assertEqual(0, code, output)
        self.assertIn("us-east-1: 23 events sent", output)
        self.assertEqual(sorted(sent), sorted(self.bodies(events)))
        self.assertEqual(0, self.count(dead, AWAY))

    def test_calls_of_schedules_go_and_what_is_neither_stays(self):
        dead, events = self.queue("dead"), self.queue("events")
        event = sample("repository-id-mismatch/quiet-the-pinned-ids").body
        calls = ['{"rolewatch":"reconcile"}', '{"region":"eu-central-1","sent":"2026-11-20T10:00:00Z"}',
                 json.dumps({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})]
        # A finding of these would be somebody's to make up.
        strange = ["not JSON", "[]", '"x"', json.dumps({"detail-type": "made up", "detail": {}}),
                   json.dumps({"detail-type": "AWS API Call via CloudTrail"})]
        self.put(dead, [*calls, event, *strange])
        code, output = self.redrive(REGION, dead, REGION, events)
        self.assertEqual(1, code, output)
        self.assertIn("1 events sent to the queue, 3 calls of schedules deleted, 5 left", output)
        self.assertEqual([event], self.bodies(events))
        self.assertEqual(len(strange), self.count(dead))

    def test_what_cannot_be_sent_is_not_deleted(self):
        dead = self.queue("dead")
        self.put(dead, [sample("repository-id-mismatch/quiet-the-pinned-ids").body])
        code, _ = self.redrive(REGION, dead, REGION, dead + "-that-is-not-there")
        self.assertEqual(2, code)
        self.assertEqual(1, self.count(dead))

    def test_events_near_the_most_that_a_message_may_hold_go_over(self):
        dead, events = self.queue("dead"), self.queue("events")
        large = [json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": {"é" * 20_000: "x" * 100_000, "n": number}},
                            ensure_ascii=False) for number in range(4)]
        self.put(dead, large)
        code, output = self.redrive(REGION, dead, REGION, events)
        self.assertEqual(0, code, output)
        self.assertEqual(sorted(large), sorted(self.bodies(events)))

    def test_it_says_what_is_missing_before_it_changes_anything(self):
        deploy = ROOT / "infra" / "deploy"
        for part, environment in (("AWS CLI", {"PATH": "/usr/bin:/bin"}), ("no region is set", {"AWS_DEFAULT_REGION": ""}),
                                  ("stack nowhere is not in eu-central-1", {"STACK": "nowhere"})):
            code, output = self.run_it(deploy, "redrive", **environment)
            self.assertEqual(2, code, output)
            self.assertIn(part, output)


if __name__ == "__main__":
    unittest.main()
