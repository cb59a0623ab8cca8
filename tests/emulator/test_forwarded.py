"""From another region to Slack: what infra/forwarder.yaml's rule lets through there, handed to the home region's bus.

The emulator delivers to no other region's bus, so a queue beside that target takes what would go there, and the test hands
it on as it came."""

import json
import unittest

import events
from emulator import REGION
from end_to_end import EndToEnd

AWAY = "us-east-1"
STACK = "forwarded"
CANARY = {"Source": "rolewatch.canary", "DetailType": "rolewatch canary",
          "Detail": json.dumps({"region": AWAY, "sent": "2026-11-18T10:00:00Z"})}


def away(name):
    """A fresh event of a sample, as CloudTrail of the other region has it."""
    return events.sample(name, change=(f'"awsRegion": "{REGION}"', f'"awsRegion": "{AWAY}"'))


class Forwarded(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clients = {service: cls.world.emulator.client(service, AWAY) for service in ("cloudformation", "events", "sqs")}
        cls.bus, cls.sqs, cloudformation = clients["events"], clients["sqs"], clients["cloudformation"]
        cloudformation.create_stack(
            StackName=STACK, TemplateBody=(events.ROOT / "infra/forwarder.yaml").read_text(), Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": "HomeRegion", "ParameterValue": REGION}])
        cls.addClassCleanup(cloudformation.delete_stack, StackName=STACK)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        rule = next(it["PhysicalResourceId"] for it in resources if it["LogicalResourceId"] == "Rule").split("|")[-1]
        cls.handed_on = cls.listen(rule.rsplit("/", 1)[-1])

    @classmethod
    def listen(cls, rule):
        """A queue that gets what the rule hands on. MiniStack delivers for ENABLED only, see Stack._enable_rule."""
        about = cls.bus.describe_rule(Name=rule)
        cls.bus.put_rule(Name=rule, EventPattern=about["EventPattern"], State="ENABLED")
        queue = cls.sqs.create_queue(QueueName=f"{STACK}-events")["QueueUrl"]
        cls.addClassCleanup(cls.sqs.delete_queue, QueueUrl=queue)
        arn = cls.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": about["Arn"]}}}]}
        cls.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        cls.bus.put_targets(Rule=rule, Targets=[{"Id": "tests", "Arn": arn}])
        return queue

    def hand_on(self, entries):
        """What of these the other region's rule lets through, put on the home bus as it came. Returns it."""
        answer = self.bus.put_events(Entries=entries)
        self.assertEqual(0, answer["FailedEntryCount"], answer)
        arrived = []
        while messages := self.sqs.receive_message(
                QueueUrl=self.handed_on, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
            for message in messages:
                arrived.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.handed_on, ReceiptHandle=message["ReceiptHandle"])
        for event in arrived:
            self.assertEqual(AWAY, event["region"])
            entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
            self.assertEqual(0, self.stack.events.put_events(Entries=[entry])["FailedEntryCount"])
        self.stack.settle()
        return arrived

    def test_an_assumption_of_another_region_is_told_once(self):
        ours, clusters = away("unlisted-owner/fires-a-stranger"), away("others/eks")
        arrived = self.hand_on([ours.entry, clusters.entry])
        self.assertEqual([ours.id], [event["detail"]["eventID"] for event in arrived])
        (finding,) = self.findings()
        self.assertEqual((ours.id, AWAY), (finding["event"]["event_id"], finding["event"]["region"]))
        self.assert_told([finding])

        # The global endpoint's records are delivered in the home region too, where that is us-east-1; and EventBridge
        # delivers at least once.
        self.stack.put_events([ours])
        self.hand_on([ours.entry])
        self.assertEqual([], self.findings())
        self.assertEqual(1, len(self.slack.posts))

    def test_its_canary_is_heard(self):
        (event,) = self.hand_on([CANARY])
        self.assertEqual("rolewatch.canary", event["source"])
        lines = [json.loads(line) for line in self.stack.function_logs("Detect").splitlines() if "heard a canary" in line]
        self.assertIn(AWAY, [line.get("region") for line in lines], lines[-3:])


if __name__ == "__main__":
    unittest.main()
