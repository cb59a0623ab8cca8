"""`rolewatch doctor` against the deployed stack: all well, then each fault once, and that it changes nothing.

What the emulator does not have is put right first: it keeps no TTL from CloudFormation, the rule is ENABLED for it to hear
events at all (see stack.py), and nobody has subscribed to its operations topic."""

import contextlib
import datetime
import json
import re
import unittest

from command_line import NAME as COMMAND_LINE, rolewatch
from emulator import REGION
from end_to_end import EndToEnd
from events import ROOT
from stack import ALLOWLIST, NAME, WEBHOOK
from test_upkeep import canary

AWAY = "us-east-1"
DENIED = json.dumps({"__type": "AccessDeniedException", "message": "not you"})


def regions(*names):
    return json.dumps({"Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED"} for name in names]})


def subscribers(protocol, arn):
    return f"""<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult>
        <Subscriptions><member><TopicArn>x</TopicArn><Protocol>{protocol}</Protocol><SubscriptionArn>{arn}</SubscriptionArn>
        <Owner>1</Owner><Endpoint>a@example.com</Endpoint></member></Subscriptions></ListSubscriptionsByTopicResult>
        </ListSubscriptionsByTopicResponse>"""


class Doctor(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        emulator, stack = cls.world.emulator, cls.stack
        cls.cloudtrail = emulator.client("cloudtrail")
        stack.s3.create_bucket(Bucket="doctor-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
        cls.addClassCleanup(stack.s3.delete_bucket, Bucket="doctor-logs")
        cls.cloudtrail.create_trail(Name="doctor", S3BucketName="doctor-logs", IsMultiRegionTrail=True)
        cls.cloudtrail.start_logging(Name="doctor")
        cls.addClassCleanup(cls.cloudtrail.delete_trail, Name="doctor")
        table = stack.outputs["TableName"]
        stack.dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "x"})
        stack.dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        queue = cls.subscribed("OperationsTopicArn")
        arn = stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        chat = stack.sns.subscribe(TopicArn=stack.outputs["ChatTopicArn"], Protocol="sqs", Endpoint=arn)
        cls.addClassCleanup(stack.sns.unsubscribe, SubscriptionArn=chat["SubscriptionArn"])
        cls.rules = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in
                     stack.cloudformation.list_stack_resources(StackName=NAME)["StackResourceSummaries"]}
        cls.addClassCleanup(stack._enable_rule)

    def setUp(self):
        super().setUp()
        self.stack.events.put_events(Entries=[canary(REGION)])
        self.stack.settle()
        deployed = {key: self.stack.rule[key] for key in ("Name", "EventPattern", "Description", "State")}
        self.stack.events.put_rule(**deployed)
        self.addCleanup(self.stack._enable_rule)

    def doctor(self, *arguments, enabled=(REGION,)):
        """The exit code, and what is not well: (name, status) with all that is said of it."""
        with self.faults.standing_in("account:ListRegions", regions(*enabled)):
            done = self.rolewatch("--format", "json", *arguments)
        self.assertEqual("", done.stderr)
        *probes, summary = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({("probe", "rolewatch.probe/1")}, {(it["type"], it["schema"]) for it in probes})
        self.assertEqual("rolewatch.doctor/1", summary["schema"])
        for probe in probes:
            self.assertEqual(probe["status"] == "ok", probe["cure"] is None, probe)
        self.assertEqual(len(probes), sum(summary["probes"].values()))
        return done.returncode, {(it["name"], it["status"]): f"{it['message']} | {it['cure']}" for it in probes if it["status"] != "ok"}

    def rolewatch(self, *arguments):
        return rolewatch(self, "doctor", *arguments, AWS_ENDPOINT_URL=self.faults.url)

    def assert_ill(self, name, status, word, exits=1, **options):
        code, ill = self.doctor(**options)
        self.assertEqual((exits, [(name, status)]), (code, list(ill)), ill)
        self.assertIn(word, ill[name, status])

    def test_all_is_well_and_nothing_was_changed(self):
        self.assertEqual((0, {}), self.doctor())
        text = self.text()
        self.assertIn("all is well", text)
        for part in ("doctor logs management events", "are on and lead where they should", f"ssm:{ALLOWLIST}", REGION):
            self.assertIn(part, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 200)

        # Only what the page lists was called, and all of that, but for what other places of allowlist and webhook need.
        page = (ROOT / "docs/operations.md").read_text()
        (policy,) = re.findall(r"(?s)```json\n(\{\n  \"Version\".*?)```", page.split("## Doctor")[1])
        listed = {action for it in json.loads(policy)["Statement"]
                  for action in (it["Action"] if isinstance(it["Action"], list) else [it["Action"]])}
        self.doctor(enabled=(REGION, AWAY))
        called = {it.action for it in self.faults.calls if it.caller == COMMAND_LINE}
        self.assertEqual(listed - {"secretsmanager:DescribeSecret"}, called)
        for action in listed:
            self.assertRegex(action, r":(Describe|Get|List|BatchGet|Test)")

    def text(self):
        with self.faults.standing_in("account:ListRegions", regions(REGION)):
            done = self.rolewatch()
        self.assertEqual((0, ""), (done.returncode, done.stderr), done.stdout)
        return done.stdout

    # ---- one fault at a time -------------------------------------------------------------------------------------

    def test_a_trail_that_is_off_or_logs_no_reads(self):
        with self.undone(self.cloudtrail.start_logging, Name="doctor"):
            self.cloudtrail.stop_logging(Name="doctor")
            self.assert_ill("trail-logging", "fail", "start-logging")
        selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
        with self.undone(self.cloudtrail.put_event_selectors, TrailName="doctor", EventSelectors=[selector]):
            self.cloudtrail.put_event_selectors(TrailName="doctor", EventSelectors=[selector | {"ReadWriteType": "WriteOnly"}])
            self.assert_ill("trail-read-events", "fail", "AssumeRoleWithWebIdentity")

    def test_no_trail_and_one_of_this_region_alone(self):
        trail = {"Name": "doctor", "S3BucketName": "doctor-logs"}
        with self.undone(self.cloudtrail.start_logging, Name="doctor"), \
                self.undone(self.cloudtrail.create_trail, **trail, IsMultiRegionTrail=True):
            self.cloudtrail.delete_trail(Name="doctor")
            self.assert_ill("trail", "fail", "EventBridge gets nothing")
            with self.undone(self.cloudtrail.delete_trail, Name="doctor"):
                self.cloudtrail.create_trail(**trail, IsMultiRegionTrail=False)
                self.cloudtrail.start_logging(Name="doctor")
                self.assert_ill("trail", "warn", "--is-multi-region-trail", exits=0)

    def test_a_clock_that_is_wrong(self):
        sts = self.world.emulator.client("sts").get_caller_identity()
        answer = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
            <Arn>{sts["Arn"]}</Arn><UserId>{sts["UserId"]}</UserId><Account>{sts["Account"]}</Account>
            </GetCallerIdentityResult></GetCallerIdentityResponse>"""
        for minutes, status, exits in ((1, "warn", 0), (10, "fail", 1)):
            past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
            date = past.strftime("%a, %d %b %Y %H:%M:%S GMT")
            with self.faults.standing_in("sts:GetCallerIdentity", answer, content_type="text/xml", date=date):
                self.assert_ill("clock", status, "chrony", exits=exits)

    def test_rules_that_are_off_deaf_narrow_or_lead_nowhere(self):
        events = self.stack.events
        for logical in ("OwnRule", "Sweep"):
            with self.undone(events.enable_rule, Name=self.rules[logical]):
                events.disable_rule(Name=self.rules[logical])
                self.assert_ill("rule-state", "fail", f"{logical} is DISABLED")
        self.stack._enable_rule()
        self.assert_ill("rule-state", "fail", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
        deployed = {key: self.stack.rule[key] for key in ("Name", "EventPattern", "Description", "State")}
        narrow = json.dumps({"source": ["aws.sts"], "detail": {"userIdentity": {"identityProvider": [{"suffix": "x"}]}}})
        events.put_rule(**deployed | {"EventPattern": narrow})
        self.assert_ill("rule-pattern", "fail", "an assumption from GitHub")
        events.put_rule(**deployed)
        (target,) = events.list_targets_by_rule(Rule=self.rules["Rule"])["Targets"]
        with self.undone(events.put_targets, Rule=self.rules["Rule"], Targets=[target]):
            events.remove_targets(Rule=self.rules["Rule"], Ids=[target["Id"]])
            self.assert_ill("rule-target", "fail", "does not lead to Events")

    def test_other_regions(self):
        code, ill = self.doctor(enabled=(REGION, AWAY))
        self.assertEqual((1, [("forwarder", "fail")]), (code, list(ill)))
        self.assertIn(f"make deploy-forwarders REGIONS='{AWAY}'", ill["forwarder", "fail"])
        away = self.world.emulator.client("cloudformation", AWAY)
        away.create_stack(StackName="forwarder", TemplateBody=(ROOT / "infra/forwarder.yaml").read_text(),
                          Parameters=[{"ParameterKey": "HomeRegion", "ParameterValue": REGION}], Capabilities=["CAPABILITY_IAM"])
        self.addCleanup(away.delete_stack, StackName="forwarder")
        away.get_waiter("stack_create_complete").wait(StackName="forwarder", WaiterConfig={"Delay": 1})
        self.stack.events.put_events(Entries=[canary(AWAY)])
        # It is there now, and the stack was told of one region alone.
        self.assert_ill("regions", "warn", "PARAMETERS=Regions=2", exits=0, enabled=(REGION, AWAY))
        events = self.world.emulator.client("events", AWAY)
        (rule,) = [it for it in events.list_rules()["Rules"] if "WITH_ALL" in it["State"]]
        (own,) = [it for it in events.list_rules()["Rules"] if "OwnRule" in it["Name"]]
        events.disable_rule(Name=own["Name"])
        code, ill = self.doctor(enabled=(REGION, AWAY))
        self.assertEqual((1, {("rule-state", "fail"), ("regions", "warn")}), (code, set(ill)), ill)
        self.assertIn("tampered with", ill["rule-state", "fail"])
        events.enable_rule(Name=own["Name"])
        events.disable_rule(Name=rule["Name"])
        code, ill = self.doctor(enabled=(REGION, AWAY))
        self.assertEqual((1, {("rule-state", "fail"), ("regions", "warn")}), (code, set(ill)), ill)
        self.assertIn(AWAY, ill["rule-state", "fail"])

    def test_queues_that_hold_what_was_given_up_or_let_nobody_in(self):
        sqs = self.stack.sqs
        dead, queue = self.stack.outputs["EventDeadLettersUrl"], self.stack.outputs["EventsQueueUrl"]
        with self.undone(sqs.purge_queue, QueueUrl=dead):
            sqs.send_message(QueueUrl=dead, MessageBody="{}")
            self.assert_ill("dead-letters", "fail", "#dead-letters-of-detect")
        before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]
        with self.undone(sqs.set_queue_attributes, QueueUrl=queue, Attributes=before):
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
            self.assert_ill("queue-policy", "fail", "for Rule, OwnRule")
        with self.stack.mapping_off("Relay"), self.undone(sqs.purge_queue, QueueUrl=self.stack.outputs["RelaysQueueUrl"]):
            entries = [{"Id": str(number), "MessageBody": "{}"} for number in range(10)]
            for _ in range(101):
                sqs.send_message_batch(QueueUrl=self.stack.outputs["RelaysQueueUrl"], Entries=entries)
            code, ill = self.doctor()
            self.assertIn("1010", ill["queue-depth", "warn"])

    def test_functions_that_may_not_run_or_are_not_called(self):
        name = self.stack.outputs["NotifyFunctionName"]
        with self.undone(self.stack.lambda_.delete_function_concurrency, FunctionName=name):
            self.stack.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
            self.assert_ill("function-concurrency", "fail", "Notify may not run")
        with self.stack.mapping_off("Notify"):
            self.assert_ill("function-queue", "fail", "Notify is not called for what Alerts holds")

    def test_functions_that_are_broken_of_another_kind_changed_or_may_not_be_called(self):
        functions, name = self.stack.lambda_, self.stack.outputs["DetectFunctionName"]
        about = functions.get_function_configuration(FunctionName=name)
        del about["ResponseMetadata"]
        later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        for change, probe, status, word, exits in (
            ({"State": "Failed"}, "function", "fail", "is Failed", 1),
            ({"LastUpdateStatus": "Failed"}, "function", "fail", "the last change of", 1),
            ({"Architectures": ["arm64"]}, "function", "fail", "make build ARCH=x86_64", 1),
            ({"LastModified": later}, "function-drift", "warn", "deploy-code", 0),
        ):
            with self.subTest(change), self.faults.standing_in("lambda:GetFunctionConfiguration", json.dumps(about | change)):
                self.assert_ill(probe, status, word, exits=exits)
        policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
        for statement in policy["Statement"]:
            arn = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
            back = {"FunctionName": name, "StatementId": statement["Sid"], "Action": "lambda:InvokeFunction",
                    "Principal": "events.amazonaws.com", "SourceArn": arn}
            with self.undone(functions.add_permission, **back):
                functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
                self.assert_ill("function-permission", "fail", "the rule Sweep may not call Detect")

    def test_an_allowlist_that_is_broken_or_gone(self):
        ssm = self.stack.ssm
        good = ssm.get_parameter(Name=ALLOWLIST)["Parameter"]["Value"]
        self.addCleanup(self.take_allowlist)    # also where this fails: its news is no other test's
        with self.undone(ssm.put_parameter, Name=ALLOWLIST, Value=good, Type="String", Overwrite=True):
            ssm.put_parameter(Name=ALLOWLIST, Value="version = 2\n", Type="String", Overwrite=True)
            self.assert_ill("allowlist", "fail", "line 1")
            ssm.delete_parameter(Name=ALLOWLIST)
            self.assert_ill("allowlist", "fail", "there is no allowlist at")
        # Another version is there than is in force, until detect looks.
        self.assert_ill("allowlist-in-force", "warn", "is in force", exits=0)
        self.take_allowlist()
        self.assertEqual((0, {}), self.doctor())

    def take_allowlist(self):
        with self.stack.restarted():
            self.stack.sweep()
        self.stack.settle()

    def test_a_table_that_forgets_nothing(self):
        table = self.stack.outputs["TableName"]
        on = {"Enabled": True, "AttributeName": "x"}
        with self.undone(self.stack.dynamodb.update_time_to_live, TableName=table, TimeToLiveSpecification=on):
            self.stack.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=on | {"Enabled": False})
            self.assert_ill("table-ttl", "fail", "time to live is off")
            self.stack.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=on | {"AttributeName": "y"})
            self.assert_ill("table-ttl", "fail", "not by the attribute x")
            self.stack.dynamodb.update_time_to_live(
                TableName=table, TimeToLiveSpecification={"Enabled": False, "AttributeName": "y"})
        kept = {"PointInTimeRecoveryEnabled": True}
        with self.undone(self.stack.dynamodb.update_continuous_backups, TableName=table, PointInTimeRecoverySpecification=kept):
            self.stack.dynamodb.update_continuous_backups(
                TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
            self.assert_ill("table-backup", "warn", "point-in-time recovery is off", exits=0)

    def test_topics_that_tell_nobody(self):
        sns, topic = self.stack.sns, self.stack.outputs["OperationsTopicArn"]
        (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        with self.undone(self.stack.subscribe, output="OperationsTopicArn"):
            sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
            self.assert_ill("subscription", "fail", "nobody is told")
        # In the way of the stack's own: what every topic's subscribers are, and are not.
        with self.faults.standing_in("sns:ListSubscriptionsByTopic", subscribers("email", found["SubscriptionArn"]),
                                     content_type="text/xml"):
            self.assert_ill("subscription", "fail", "findings do not reach the queue Relays")
        with self.faults.standing_in("sns:ListSubscriptionsByTopic", subscribers("email", "PendingConfirmation"),
                                     content_type="text/xml"):
            code, ill = self.doctor()
        self.assertEqual((1, {("subscription", "warn"), ("subscription", "fail")}), (code, set(ill)))
        self.assertIn("the link in the mail", ill["subscription", "warn"])

    def test_a_webhook_in_clear_and_one_that_refuses(self):
        ssm = self.stack.ssm
        with self.undone(ssm.put_parameter, Name=WEBHOOK, Value=self.slack.webhook, Type="SecureString", Overwrite=True):
            ssm.delete_parameter(Name=WEBHOOK)
            self.assert_ill("webhook", "fail", "no finding reaches Slack")
            ssm.put_parameter(Name=WEBHOOK, Value=self.slack.webhook, Type="String")
            self.assert_ill("webhook", "fail", "in clear")
            ssm.delete_parameter(Name=WEBHOOK)
        self.assertEqual([], self.slack.posts)    # nothing is sent unasked
        self.assertEqual((0, {}), self.doctor("--send-test"))
        (post,) = self.slack.posts
        self.assertIn("a test message", post)
        self.slack.answer_next(404)
        code, ill = self.doctor("--send-test")
        self.assertEqual((1, [("webhook-test", "fail")]), (code, list(ill)))
        self.assertIn("Slack: 404", ill["webhook-test", "fail"])
        self.slack.clear()

    def test_canaries_that_do_not_come(self):
        self.stack.forget()
        code, ill = self.doctor()
        self.assertEqual([("canary", "warn")], list(ill))    # the stack is new
        old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=3)
        self.stack._enable_rule()
        self.stack.events.put_events(Entries=[canary(REGION, old)])
        self.stack.settle()
        code, ill = self.doctor()
        self.assertIn("3 h ago", ill["canary", "fail"])

    def test_what_may_not_be_looked_at_is_said(self):
        for action in ("cloudtrail:DescribeTrails", "events:DescribeRule", "lambda:GetPolicy", "sqs:GetQueueAttributes",
                       "dynamodb:DescribeTimeToLive", "ssm:GetParameter"):
            with self.subTest(action), self.faults.standing_in(action, DENIED, 400, "application/x-amz-json-1.0"):
                code, ill = self.doctor()
                self.assertEqual((2, {"skipped"}), (code, {status for _, status in ill}), ill)
                self.assertIn(f"{action}: AccessDeniedException", "".join(ill.values()))
        done = self.rolewatch("--stack", "elsewhere")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn(f"stack elsewhere is not in {REGION}", done.stderr)

    @contextlib.contextmanager
    def undone(self, undo, **arguments):
        try:
            yield
        finally:
            undo(**arguments)


if __name__ == "__main__":
    unittest.main()
