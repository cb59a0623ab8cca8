"""Findings where Amazon Q Developer and machines get them: a topic of its own, and a bus."""

import json
import unittest

import events
from end_to_end import EndToEnd
from stack import ACCOUNT_NAME, BUS, CHECK_PAGES


class Relay(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chat = cls.subscribed("ChatTopicArn")
        cls.bus = cls.listen()

    @classmethod
    def listen(cls):
        """A queue behind a rule on the bus."""
        sqs, url = cls.stack.sqs, cls.stack.sqs.create_queue(QueueName="tests-bus")["QueueUrl"]
        cls.addClassCleanup(sqs.delete_queue, QueueUrl=url)
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = {"source": ["rolewatch"], "detail-type": ["rolewatch finding"], "detail": {"finding": {"severity": ["high"]}}}
        rule = cls.stack.events.put_rule(Name="tests", EventBusName=BUS, EventPattern=json.dumps(pattern))["RuleArn"]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        cls.stack.events.put_targets(Rule="tests", EventBusName=BUS, Targets=[{"Id": "tests", "Arn": arn}])
        return url

    def setUp(self):
        super().setUp()
        for queue in (self.chat, self.bus):
            self.stack.take(queue)

    def test_a_finding_arrives_everywhere_once(self):
        hostile = "unlisted-context/fires-branch-that-writes-to-slack"
        sent = [events.sample("unlisted-context/fires-branch"), events.sample(hostile)]
        self.stack.put_events(sent)
        self.stack.settle()
        findings = {it["id"]: it for it in self.findings() if it["check"] not in events.OF_MEMORY}
        self.assertEqual(2, len(findings))
        chat = [json.loads(it["Message"]) for it in self.stack.take(self.chat)]
        self.assertEqual(set(findings), {it["id"] for it in chat} & set(findings))
        for notification in chat:
            self.assertEqual(("1.0", "custom"), (notification["version"], notification["source"]))
            self.assertIn(f"{ACCOUNT_NAME} (123456789012)", notification["content"]["description"])
        # Findings alike are of one thread.
        threads = {it["metadata"]["threadId"] for it in chat if it["id"] in findings}
        self.assertEqual(1, len(threads), threads)

        put = self.stack.take(self.bus)
        self.assertEqual(set(findings), {it["detail"]["finding"]["id"] for it in put} & set(findings))
        for event in put:
            self.assertEqual(("rolewatch", "rolewatch finding"), (event["source"], event["detail-type"]))
            self.assertEqual([event["detail"]["finding"]["event"]["role_arn"]], event["resources"])
            if event["detail"]["finding"]["id"] in findings:
                self.assertEqual(findings[event["detail"]["finding"]["id"]], event["detail"]["finding"])

        # SNS delivers at least once; what was handed on is not handed on again.
        for finding in findings.values():
            self.stack.sqs.send_message(QueueUrl=self.stack.outputs["RelaysQueueUrl"], MessageBody=json.dumps(finding))
        self.stack.settle()
        self.assertEqual(([], []), (self.stack.take(self.chat), self.stack.take(self.bus)))

    def test_slack_says_the_name_of_the_account_and_links_to_the_check_s_page(self):
        self.stack.put_events([events.sample("unlisted-context/fires-branch")])
        self.stack.settle()
        (post,) = [it for it in self.slack.posts if "unlisted-context" in it]
        self.assertIn(f"{ACCOUNT_NAME} (123456789012)", post)
        self.assertIn(f"<{CHECK_PAGES.format(check='unlisted-context')}|all steps>", post)

    def test_what_is_no_finding_is_not_handed_on_and_not_lost(self):
        dead, queue = self.stack.outputs["RelayDeadLettersUrl"], self.stack.outputs["RelaysQueueUrl"]
        before = self.stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])["Attributes"]
        once = {"RedrivePolicy": json.dumps({"maxReceiveCount": 1, "deadLetterTargetArn": self.arn(dead)})}
        self.stack.sqs.set_queue_attributes(QueueUrl=queue, Attributes=once)
        try:
            self.measure("Relay")
            with self.stack.retried_after("RelaysQueueUrl", seconds=5):
                self.stack.sqs.send_message(QueueUrl=queue, MessageBody="hello")
                self.stack.settle()
        finally:
            self.stack.sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)
        self.assertIn(max(self.measured("Relay", "GivenBack")), range(60))
        (message,) = self.stack.sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual("hello", message["Body"])
        self.stack.sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
        self.assertNotIn("hello", self.stack.function_logs("Relay"))

    def arn(self, url):
        return self.stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


if __name__ == "__main__":
    unittest.main()
