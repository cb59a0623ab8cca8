"""What holds for rolewatch.yaml and forwarder.yaml alike; test_template and test_forwarder run it, each for its own."""

import json
import re

import boto3
from cfnlint.decode import cfn_yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from emulator import REGION
from events import ROOT

QUEUE, ROLE, RULE = "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Events::Rule"
SCHEDULE, ALARM = "AWS::Scheduler::Schedule", "AWS::CloudWatch::Alarm"
DAY = 24 * 60 * 60
NOTHING = {"Ref": "AWS::NoValue"}
OWN_KEY = {"Fn::If": ["CustomerKey", {"Ref": "KeyArn"}, NOTHING]}


class Template:
    def __init__(self, name):
        self.text = (ROOT / "infra" / name).read_text()
        # Plain values of what cfn-lint's reader gives (it knows the short forms, !Ref and the like).
        self.source = json.loads(json.dumps(cfn_yaml.load(str(ROOT / "infra" / name))))
        self.resources = self._translated()["Resources"] if "Transform" in self.source else self.source["Resources"]

    def _translated(self):
        """As SAM hands it to CloudFormation."""
        template = json.loads(json.dumps(self.source))
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://artifacts/function.zip"    # as packaging does
        translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
        return translator.translate(template, parameter_values={})

    def of_type(self, kind):
        return {name: resource["Properties"] for name, resource in self.resources.items() if resource["Type"] == kind}


def target(value):
    """The resource that a Ref or a GetAtt names; of a choice between one made here and an existing one, the former."""
    if isinstance(value, dict) and "Fn::If" in value:
        return target(value["Fn::If"][1])
    if isinstance(value, dict) and "Ref" in value:
        return value["Ref"]
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return value["Fn::GetAtt"][0]
    return value


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(document):
    """The statements of a policy; of a conditional one, what it says if the condition holds."""
    for statement in document["Statement"]:
        yield statement["Fn::If"][1] if "Fn::If" in statement else statement


class Checks:
    template: Template
    # Wildcards in what a role may touch, each with its reason.
    REASONED = set()
    # What knows no resource to be held to.
    WITHOUT_RESOURCE = set()
    # Rules and schedules whose call nobody misses.
    WITHOUT_DEAD_LETTERS = set()
    # Roles that touch nothing encrypted.
    WITHOUT_KEY = set()
    SERVICES: dict
    # Who writes to a queue: the service, and on whose behalf.
    SENDERS: dict
    DEAD_LETTERS: str

    def test_cloudformation_can_read_it(self):
        """It takes neither null nor YAML's aliases and merges. The linter knows the latter, the emulator neither."""

        def walk(node, path):
            self.assertIsNotNone(node, f"{path} is null")
            children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
            for key, child in children:
                walk(child, f"{path}/{key}")

        walk(self.template.source, "")
        self.assertIsNone(re.search(r"(?m)(: |- )[&*][a-z]|<<:", self.template.text))

    def test_parameters_say_what_they_take(self):
        for name, parameter in self.template.source["Parameters"].items():
            with self.subTest(name):
                self.assertIn("Description", parameter)
                self.assertTrue({"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter))
                for default in [str(parameter["Default"])] if {"AllowedPattern", "Default"} <= set(parameter) else []:
                    self.assertRegex(default, parameter["AllowedPattern"])

    def test_every_queue_has_a_dead_letter_queue_or_is_one(self):
        queues = self.template.of_type(QUEUE)
        redriven = {target(q["RedrivePolicy"]["deadLetterTargetArn"]) for q in queues.values() if "RedrivePolicy" in q}
        for rule in self.template.of_type(RULE).values():
            redriven |= {target(it["DeadLetterConfig"]["Arn"]) for it in rule["Targets"] if "DeadLetterConfig" in it}
        for subscription in self.template.of_type("AWS::SNS::Subscription").values():
            if subscription["Protocol"] == "sqs":
                redriven.add(target(subscription["RedrivePolicy"]["deadLetterTargetArn"]))
        for schedule in self.template.of_type(SCHEDULE).values():
            redriven.add(target(schedule["Target"]["DeadLetterConfig"]["Arn"]))
        self.assertLessEqual(redriven, set(queues))
        for name, queue in queues.items():
            self.assertNotEqual("RedrivePolicy" in queue, name in redriven, name)

    def test_what_a_rule_or_schedule_cannot_hand_on_is_kept(self):
        targets = {name: it["Targets"] for name, it in self.template.of_type(RULE).items()}
        targets |= {name: [it["Target"]] for name, it in self.template.of_type(SCHEDULE).items()}
        kept = {name for name, of in targets.items() if all(
            target(it.get("DeadLetterConfig", {}).get("Arn")) == self.DEAD_LETTERS for it in of)}
        self.assertEqual(self.WITHOUT_DEAD_LETTERS, set(targets) - kept)

    def test_every_queue_is_encrypted_and_keeps_what_it_has_for_14_days(self):
        for name, queue in self.template.of_type(QUEUE).items():
            with self.subTest(name):
                # With AWS's KMS key for SQS neither EventBridge nor SNS could write.
                self.assertEqual({"Fn::If": ["CustomerKey", NOTHING, True]}, queue["SqsManagedSseEnabled"])
                self.assertEqual(OWN_KEY, queue["KmsMasterKeyId"])
                self.assertEqual(14 * DAY, queue["MessageRetentionPeriod"])

    def test_only_the_one_sender_may_write(self):
        policies = self.template.of_type("AWS::SQS::QueuePolicy").values()
        self.assertEqual(set(self.SENDERS), {target(queue) for policy in policies for queue in policy["Queues"]})
        for policy in policies:
            (queue,), (statement,) = policy["Queues"], policy["PolicyDocument"]["Statement"]
            service, sources = self.SENDERS[target(queue)]
            self.assertEqual(("Allow", {"Service": service}, "sqs:SendMessage", target(queue)),
                             (statement["Effect"], statement["Principal"], statement["Action"],
                              target(statement["Resource"])))
            self.assertEqual(sources, [target(it) for it in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])])

    def test_every_role_is_ours_and_its_permissions_are_spelt_out(self):
        roles = self.template.of_type(ROLE)
        self.assertEqual(set(self.SERVICES), set(roles))    # SAM has added none
        for name, role in roles.items():
            with self.subTest(name):
                self.assertNotIn("ManagedPolicyArns", role)
                (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
                self.assertEqual({"Service": f"{self.SERVICES[name]}.amazonaws.com"}, trust["Principal"])
                if self.SERVICES[name] != "lambda":    # which passes no source
                    self.assertEqual({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}, trust["Condition"])

    def test_no_role_may_touch_more_than_it_names(self):
        for name, role in self.template.of_type(ROLE).items():
            for policy in role["Policies"]:
                for statement in statements(policy["PolicyDocument"]):
                    with self.subTest(f"{name} {statement['Sid']}"):
                        self.assertEqual("Allow", statement["Effect"])
                        self.assertFalse({"NotAction", "NotResource"} & set(statement))
                        for action in listed(statement["Action"]):
                            self.assertNotIn("*", action)
                        if set(listed(statement["Action"])) <= self.WITHOUT_RESOURCE:
                            self.assertEqual("*", statement["Resource"])
                            continue
                        for resource in listed(statement["Resource"]):
                            text = json.dumps(resource)
                            for reasoned in self.REASONED:
                                text = text.replace(reasoned, "")
                            self.assertNotRegex(text, r"[*?]")
                            self.assertTrue(isinstance(resource, dict), f"{resource} names nothing of this stack")

    def test_roles_fit_into_an_organisation_that_bounds_them(self):
        for name, role in self.template.of_type(ROLE).items():
            with self.subTest(name):
                self.assertEqual({"Ref": "RolePath"}, role["Path"])
                self.assertEqual({"Fn::If": ["Bounded", {"Ref": "PermissionsBoundaryArn"}, NOTHING]},
                                 role["PermissionsBoundary"])

    def test_what_uses_an_encrypted_thing_may_use_its_key(self):
        for name, role in self.template.of_type(ROLE).items():
            granted = [it for policy in role["Policies"] for it in statements(policy["PolicyDocument"])]
            keys = [it for it in granted if it["Sid"] == "UseKey"]
            self.assertEqual(name not in self.WITHOUT_KEY, len(keys) == 1, name)
            for key in keys:
                self.assertEqual(({"Ref": "KeyArn"}, ["kms:Decrypt", "kms:GenerateDataKey"]), (key["Resource"], key["Action"]), name)

    def test_a_canary_cannot_pose_as_anything_else(self):
        (policy,) = self.template.of_type(ROLE)["CanaryRole"]["Policies"]
        (send,) = [it for it in statements(policy["PolicyDocument"]) if it["Sid"] == "SendCanaries"]
        self.assertEqual({"StringEquals": {"events:source": "rolewatch.canary"}}, send["Condition"])

    def test_every_alarm_tells_operations_that_it_is_on_and_off_and_alarms_may(self):
        for name, alarm in self.template.of_type(ALARM).items():
            self.assertEqual(([{"Ref": "Operations"}],) * 2, (alarm["AlarmActions"], alarm["OKActions"]), name)
        (policy,) = [it for it in self.template.of_type("AWS::SNS::TopicPolicy").values() if target(it["Topics"][0]) == "Operations"]
        alarms = [it for it in policy["PolicyDocument"]["Statement"] if it["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
        self.assertEqual([{"aws:SourceAccount": {"Ref": "AWS::AccountId"}}], [it["Condition"]["StringEquals"] for it in alarms])
