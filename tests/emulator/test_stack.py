"""The stack as it was deployed."""

import json
import re
import unittest

import boto3
from botocore.exceptions import ClientError

import world
from emulator import REGION
from events import sample
from stack import ALLOWLIST, WEBHOOK


class TheStack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world.shared()
        cls.stack = cls.world.stack

    def test_the_rule_was_deployed_to_see_every_management_event(self):
        """The emulator stores this state; the tests then set another, see stack.py."""
        self.assertEqual("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", self.stack.rule["State"])

    def test_every_alarm_was_deployed_and_tells_the_operations_topic(self):
        # test_deploy has stacks of its own in the same emulator.
        alarms = self.world.emulator.client("cloudwatch").describe_alarms(AlarmNamePrefix="rolewatch-")["MetricAlarms"]
        self.assertGreaterEqual(len(alarms), 12)
        for alarm in alarms:
            self.assertEqual([self.stack.outputs["OperationsTopicArn"]], alarm["AlarmActions"])
        # What the function counts has to be what the alarm watches.
        (lag,) = [it for it in alarms if it["MetricName"] == "Lag"]
        self.stack.put_events([sample("unlisted-context/fires-branch")])
        self.stack.settle()
        lines = [json.loads(it) for it in self.stack.function_logs("Detect").splitlines() if '"_aws"' in it and '"Lag"' in it]
        self.assertTrue(lines)
        (metrics,) = lines[-1]["_aws"]["CloudWatchMetrics"]
        self.assertEqual((lag["Namespace"], [[it["Name"] for it in lag["Dimensions"]]], [lag["MetricName"]]),
                         (metrics["Namespace"], metrics["Dimensions"], [it["Name"] for it in metrics["Metrics"]]))
        for dimension in lag["Dimensions"]:
            self.assertEqual(dimension["Value"], lines[-1][dimension["Name"]])
        self.assertGreater(lines[-1]["Lag"], 0)

    def test_failed_items_come_back_alone(self):
        for function in ("Detect", "Notify"):
            (mapping,) = self.stack.lambda_.list_event_source_mappings(
                FunctionName=self.stack.outputs[f"{function}FunctionName"])["EventSourceMappings"]
            self.assertEqual(["ReportBatchItemFailures"], mapping["FunctionResponseTypes"])

    def test_a_stranger_in_the_account_reaches_nothing(self):
        """Also says that the emulator checks access at all: what the functions can do here, their roles allow."""
        sqs, sns, ssm, dynamodb = self.clients_of_a_user("sqs", "sns", "ssm", "dynamodb")
        self.refused(dynamodb.scan, TableName=self.stack.outputs["TableName"])
        for url in (self.stack.outputs[name] for name in self.stack.outputs if name.endswith("Url")):
            self.refused(sqs.send_message, QueueUrl=url, MessageBody="{}")
            self.refused(sqs.receive_message, QueueUrl=url)
        self.refused(sns.publish, TopicArn=self.stack.outputs["FindingsTopicArn"], Message="all is well")
        for name in (ALLOWLIST, WEBHOOK):
            self.refused(ssm.get_parameter, Name=name, WithDecryption=True)

    def test_no_arn_of_s3_or_iam_names_a_region(self):
        """IAM refuses a policy with one, which the emulator does not."""
        iam = self.stack.iam
        for role in (it["RoleName"] for it in iam.list_roles()["Roles"] if it["RoleName"].startswith("rolewatch-")):
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                text = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
                self.assertEqual([], re.findall(r"arn:aws:(?:s3:[^:\"]|iam:[^:\"])[^\"]*", text), role)

    def test_eventbridge_may_write_to_its_queues_for_this_rule_only(self):
        """The emulator does not ask a queue's policy when EventBridge delivers, but it can evaluate one."""
        from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy

        for output in ("EventsQueueUrl", "RuleDeadLettersUrl"):
            attributes = self.stack.sqs.get_queue_attributes(
                QueueUrl=self.stack.outputs[output], AttributeNames=["Policy", "QueueArn"])["Attributes"]
            for source, allowed in ((self.stack.rule["Arn"], True), (self.stack.rule["Arn"] + "-other", False)):
                context = EvalContext(
                    principal_arn="*", principal_type="Service", principal_account="", action="sqs:SendMessage",
                    resource_arn=attributes["QueueArn"], region=REGION, service_context={"aws:sourcearn": source})
                answer = evaluate_resource_policy(attributes["Policy"], context, service="events.amazonaws.com")
                self.assertEqual(allowed, answer.decision == "Allow", f"{output} from {source}")

    def clients_of_a_user(self, *services):
        iam = self.world.emulator.client("iam")
        iam.create_user(UserName="stranger")
        key = iam.create_access_key(UserName="stranger")["AccessKey"]
        return [boto3.client(service, endpoint_url=self.world.emulator.url, region_name=REGION,
                             aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
                for service in services]

    def refused(self, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertRegex(caught.exception.response["Error"]["Code"], "AccessDenied|AuthorizationError")


if __name__ == "__main__":
    unittest.main()
