"""What the service is told about itself: canaries, and what somebody does to it.

The emulator's scheduler fires, but does not put a target's own source and type on the bus, and it records no calls: these tests
send what AWS would."""

import datetime
import json
import time
import unittest
import uuid

from end_to_end import EndToEnd


def canary(region, sent=None, **detail):
    sent = sent or datetime.datetime.now(datetime.timezone.utc)
    return {"Source": "rolewatch.canary", "DetailType": "rolewatch canary",
            "Detail": json.dumps({"region": region, "sent": sent.strftime("%Y-%m-%dT%H:%M:%SZ")} | detail)}


def call(service, event_name, role="Admin", /, **parameters):
    record = {
        "eventVersion": "1.09", "eventID": str(uuid.uuid4()), "eventTime": "2026-11-20T10:15:00Z", "eventName": event_name,
        "eventSource": f"{service}.amazonaws.com", "awsRegion": "eu-central-1", "recipientAccountId": "123456789012",
        "sourceIPAddress": "198.51.100.7", "eventType": "AwsApiCall", "managementEvent": True, "readOnly": False,
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/somebody",
                         "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::123456789012:role/{role}"}}},
        "requestParameters": parameters, "responseElements": None}
    return {"Source": f"aws.{service}", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(record)}


class Upkeep(EndToEnd):
    def send(self, *entries):
        """Returns the lines that detect logged of them, and what was published."""
        before = len(self.stack.function_logs("Detect"))
        self.assertEqual(0, self.stack.events.put_events(Entries=list(entries))["FailedEntryCount"])
        self.stack.settle()
        lines = self.stack.function_logs("Detect")[before:].splitlines()
        published = [json.loads(it["Message"]) for it in self.stack.take_findings()]
        return [json.loads(it) for it in lines if it.startswith("{")], published

    def test_a_canary_is_heard_counted_and_told_to_nobody(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        lines, published = self.send(canary("eu-central-1", now), canary("us-east-1", now))
        self.assertEqual([], published)
        heard = {it["region"] for it in lines if it["message"] == "heard a canary" and it["new"]}
        self.assertEqual({"eu-central-1", "us-east-1"}, heard)
        counted = [it for it in lines if "Canaries" in it]
        self.assertEqual({"eu-central-1", "us-east-1"}, {it["region"] for it in counted})
        for line in counted:
            (metrics,) = line["_aws"]["CloudWatchMetrics"]
            self.assertEqual(("rolewatch", [["FunctionName"]], ["Canaries", "CanaryLag"]),
                             (metrics["Namespace"], metrics["Dimensions"], [it["Name"] for it in metrics["Metrics"]]))
            self.assertEqual(self.stack.outputs["DetectFunctionName"], line["FunctionName"])
            self.assertEqual(1, line["Canaries"])
            self.assertIn(line["CanaryLag"], range(-1000, 60_000))
        again, _ = self.send(canary("us-east-1", now))
        self.assertEqual([False], [it["new"] for it in again if it["message"] == "heard a canary"])
        self.assertFalse([it for it in again if "Canaries" in it])

    def test_what_only_looks_like_a_canary_vouches_for_nothing(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        lines, _ = self.send(canary("eu-west-1", tomorrow), canary("eu-west-1", extra=1), canary("Europe"))
        self.assertFalse([it for it in lines if it["message"] == "heard a canary" or "Canaries" in it])

    def test_a_change_of_itself_is_a_finding(self):
        rule = self.stack.outputs["RuleName"]
        lines, published = self.send(call("events", "DisableRule", name=rule), call("events", "DisableRule", name="shop-rule"),
                                     call("cloudtrail", "StopLogging", name="organisation-trail"))
        self.assertEqual({("watcher-tampered", "high", "service")},
                         {(it["check"], it["severity"], it["about"]) for it in published})
        self.assertEqual(2, len(published))
        (own,) = [it for it in published if rule in it["message"]]
        self.assertIn("arn:aws:sts::123456789012:assumed-role/Admin/somebody called events:DisableRule", own["message"])
        self.assertIsNone(own["event"])
        # What is done to rules comes by both rules, and is told once.
        self.assertEqual(2, len([it for it in lines if it["message"] == "an item holds a change of something else"]))

    def test_its_parameters_and_its_allowlist_are_its_own(self):
        _, published = self.send(call("ssm", "PutParameter", "Other", name="/rolewatch/slack-webhook"))
        self.assertEqual(["watcher-tampered"], [it["check"] for it in published])

    def test_that_its_table_is_taken_away_is_told_without_it(self):
        table = self.stack.outputs["TableName"]
        with self.stack.detect_with(ROLEWATCH_TABLE="no-such-table"), self.stack.retried_after("EventsQueueUrl", seconds=1):
            self.stack.events.put_events(Entries=[call("dynamodb", "DeleteTable", tableName=table)])
            deadline = time.monotonic() + 30
            while not (published := self.stack.take_findings()):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
        (told,) = [json.loads(it["Message"]) for it in published]
        self.assertEqual("watcher-tampered", told["check"])
        self.assertIn("memory is down", told["message"])
        # Once there is a table again it is done, and told as it always is.
        self.stack.settle()
        self.assertEqual({"watcher-tampered"}, {json.loads(it["Message"])["check"] for it in self.stack.take_findings()})

    def test_the_deploy_role_is_information(self):
        with self.stack.detect_with(ROLEWATCH_DEPLOYERS="arn:aws:iam::123456789012:role/Deploy"):
            _, published = self.send(
                call("lambda", "UpdateFunctionCode20150331v2", "Deploy", functionName=self.stack.outputs["DetectFunctionName"]))
        self.assertEqual([("watcher-tampered", "info")], [(it["check"], it["severity"]) for it in published])

    def test_a_new_region_without_a_forwarder_is_a_finding(self):
        _, published = self.send(call("account", "EnableRegion", RegionName="ap-southeast-7"))
        self.assertEqual([("region-enabled", "medium")], [(it["check"], it["severity"]) for it in published])


if __name__ == "__main__":
    unittest.main()
