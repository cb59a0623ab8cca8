"""infra/rolewatch.yaml as text: what can be held without deploying it, and what the emulator would not notice."""

import fnmatch
import json
import re
import unittest

import each_template
from each_template import DAY, NOTHING, OWN_KEY, QUEUE, ROLE, RULE, listed, statements, target
from events import ROOT

HOME = each_template.Template("rolewatch.yaml")
SOURCE, RESOURCES, of_type = HOME.source, HOME.resources, HOME.of_type


class Each(each_template.Checks, unittest.TestCase):
    template = HOME
    # The six characters that Secrets Manager adds to a name, and the pages of all weeks.
    REASONED = {"-??????", "${Reports.Arn}/reports/*", "${ExistingReportsBucket}/reports/*"}
    WITHOUT_RESOURCE = {"cloudtrail:LookupEvents"}
    # A minute's sweep is made up for by the next, and its absence is an alarm: a dead letter of each would be noise.
    WITHOUT_DEAD_LETTERS = {"Sweep"}
    DEAD_LETTERS = "RuleDeadLetters"
    SERVICES = {"DetectRole": "lambda", "NotifyRole": "lambda", "ReportRole": "lambda", "CanaryRole": "scheduler",
                "ReconcileRole": "lambda", "RelayRole": "lambda", "ActionsRole": "lambda"}
    SENDERS = {"Events": ("events.amazonaws.com", ["Rule", "OwnRule"]),
               "RuleDeadLetters": ("events.amazonaws.com", ["Rule", "OwnRule", "ReconcileSchedule", "ReportSchedule"]),
               "Alerts": ("sns.amazonaws.com", ["Findings"]), "AlertDeadLetters": ("sns.amazonaws.com", ["Findings"]),
               "Relays": ("sns.amazonaws.com", ["Findings"]), "RelayDeadLetters": ("sns.amazonaws.com", ["Findings"])}


class TheTemplate(unittest.TestCase):
    def test_a_secret_cannot_be_put_where_its_place_belongs(self):
        pattern = SOURCE["Parameters"]["SlackWebhook"]["AllowedPattern"]
        for place in ("ssm:/rolewatch/slack-webhook", "secretsmanager:rolewatch/slack", "secretsmanager:a-b_c@d"):
            self.assertRegex(place, pattern)
        for other in ("https://hooks.slack.com/services/T0/B0/x", "ssm:name", "ssm:/", "ssm:/a*", "secretsmanager:*"):
            self.assertNotRegex(other, pattern)
            for optional in ("SlackRoutes", "SlackToken"):
                self.assertNotRegex(other, SOURCE["Parameters"][optional]["AllowedPattern"])
        self.assertNotRegex("xoxb-1-2", SOURCE["Parameters"]["SlackToken"]["AllowedPattern"])
        self.assertRegex("", pattern)    # nobody is told in Slack

    def test_a_channel_and_mentions_are_what_notify_takes(self):
        channel, mentions = (SOURCE["Parameters"][name]["AllowedPattern"] for name in ("SlackChannel", "SlackMentions"))
        for good in ("", "#alerts", "#équipe-paiements", "C0123ABCD"):
            self.assertRegex(good, channel)
        for bad in ("alerts", "#", "#a b", "#a,b", "@here", "c0123abcd"):
            self.assertNotRegex(bad, channel)
        for good in ("", "critical=here", "critical=here,S0123ABCD high=U0123ABCD"):
            self.assertRegex(good, mentions)
        for bad in ("critical", "critical=@here", "worst=here", "critical=here,", "critical=here;high=here", "here"):
            self.assertNotRegex(bad, mentions)

    def test_slack_is_told_from_a_severity_on_and_always_of_what_is_critical(self):
        (text,) = re.findall(r"pub const ALL: \[Self; 5\] = \[([^]]*)\];", (ROOT / "crates/rolewatch/src/finding.rs").read_text())
        severities = [it.removeprefix("Self::").lower() for it in text.replace(",", " ").split()]
        parameter = SOURCE["Parameters"]["SlackSeverity"]
        self.assertEqual((severities, severities[0]), (parameter["AllowedValues"], parameter["Default"]))
        self.assertEqual({name: {"All": severities[place:]} for place, name in enumerate(severities)},
                         SOURCE["Mappings"]["SeveritiesFrom"])
        subscription = of_type("AWS::SNS::Subscription")["AlertSubscription"]
        self.assertEqual({"severity": {"Fn::If": ["EverySeverity", [{"exists": True}, {"exists": False}], {
            "Fn::FindInMap": ["SeveritiesFrom", {"Ref": "SlackSeverity"}, "All"]}]}}, subscription["FilterPolicy"])
        self.assertEqual("MessageAttributes", subscription["FilterPolicyScope"])

    def test_a_quiet_window_is_a_length_of_time(self):
        pattern = SOURCE["Parameters"]["QuietWindow"]["AllowedPattern"]
        for length in ("0s", "4s", "15m", "1h", "1h30m", "99h59m", "9999m", "99999s"):    # detect takes 168h
            self.assertRegex(length, pattern)
        for other in ("", "1", "h", "1d", "-1h", "1 h", "100h", "1h1h", "1m1s"):
            self.assertNotRegex(other, pattern)


class TheMemory(unittest.TestCase):
    def setUp(self):
        ((self.name, self.table),) = of_type("AWS::DynamoDB::Table").items()

    def test_it_forgets_what_expired(self):
        """The emulator leaves this out of what it deploys."""
        self.assertEqual({"AttributeName": "x", "Enabled": True}, self.table["TimeToLiveSpecification"])

    def test_it_has_the_keys_that_detect_uses(self):
        self.assertEqual([("pk", "HASH"), ("sk", "RANGE")],
                         [(key["AttributeName"], key["KeyType"]) for key in self.table["KeySchema"]])
        self.assertEqual({"pk": "S", "sk": "S"},
                         {it["AttributeName"]: it["AttributeType"] for it in self.table["AttributeDefinitions"]})
        self.assertEqual("PAY_PER_REQUEST", self.table["BillingMode"])

    def test_it_is_encrypted_and_can_be_had_back(self):
        self.assertIs(True, self.table["SSESpecification"]["SSEEnabled"])
        self.assertEqual(OWN_KEY, self.table["SSESpecification"]["KMSMasterKeyId"])
        self.assertIs(True, self.table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])
        resource = SOURCE["Resources"][self.name]
        self.assertEqual(("RetainExceptOnCreate", "Retain"), (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]))
        self.assertNotIn("TableName", self.table)    # a second stack could not be made while the first one's is there

    def test_detect_reads_and_writes_items_of_this_table_only(self):
        granted = {}
        for role, properties in of_type(ROLE).items():
            for policy in properties["Policies"]:
                for statement in statements(policy["PolicyDocument"]):
                    actions = [it for it in listed(statement["Action"]) if it.startswith("dynamodb:")]
                    if actions:
                        self.assertEqual({"Fn::GetAtt": [self.name, "Arn"]}, statement["Resource"])
                        granted.setdefault(role, set()).update(actions)
        self.assertEqual({"DetectRole": {f"dynamodb:{name}" for name in (
            "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")},
            "RelayRole": {"dynamodb:BatchGetItem", "dynamodb:PutItem"},
            "ActionsRole": {"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"},
            # It counts nothing and forgets nothing.
            "ReportRole": {f"dynamodb:{name}" for name in ("BatchGetItem", "Query", "PutItem")},
            "ReconcileRole": {f"dynamodb:{name}" for name in (
                "BatchGetItem", "PutItem", "UpdateItem", "ConditionCheckItem")},
            # It sees neither events nor counts, see TheWayToSlack.
            "NotifyRole": {f"dynamodb:{name}" for name in ("BatchGetItem", "PutItem", "DeleteItem")}}, granted)

    def test_what_decides_whether_something_is_told_only_detect_can_write(self):
        """Events, windows, and which notices were told: whoever could write these could keep an alert from being one."""
        source = (ROOT / "crates/rolewatch/src/store/ledger/keys.rs").read_text()
        writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
        held = {}
        for role, properties in of_type(ROLE).items():
            for policy in properties["Policies"]:
                for statement in statements(policy["PolicyDocument"]):
                    if writes & set(listed(statement["Action"])):
                        keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
                        held[role] = keys
        self.assertIsNone(held.pop("DetectRole"))
        self.assertEqual({"RelayRole", "ActionsRole", "ReportRole", "ReconcileRole", "NotifyRole"}, set(held))
        for role, keys in held.items():
            for key in keys:
                self.assertIn(f'"{key.removesuffix("*")}', source, role)
                self.assertNotIn(key.split("#")[0], ("event", "window", "told", "allowlist", "due"), role)


class TheWayToSlack(unittest.TestCase):
    def setUp(self):
        (policy,) = of_type(ROLE)["NotifyRole"]["Policies"]
        self.granted = {it["Sid"]: it for it in statements(policy["PolicyDocument"])}

    def test_alerts_wait_for_as_long_as_the_queue_keeps_them(self):
        """The arithmetic is in dispatch/patience.rs: a thousand receives last longer than 14 days."""
        alerts = of_type(QUEUE)["Alerts"]
        self.assertEqual((1000, 14 * DAY), (alerts["RedrivePolicy"]["maxReceiveCount"], alerts["MessageRetentionPeriod"]))
        text = (ROOT / "crates/rolewatch/src/dispatch/patience.rs").read_text()
        self.assertIn("MOST_RECEIVES: u32 = 1000;", text)
        # Half a day is the longest that one is held: twelve and a half are before the queue forgets it.
        self.assertIn("LONGEST_STAY: TimeDelta = TimeDelta::days(12);", text)
        self.assertIn("sqs:ChangeMessageVisibility", self.granted["TakeAlerts"]["Action"])

    def test_what_fails_elsewhere_is_a_dead_letter_long_before_its_queue_forgets_it(self):
        """A message that SQS moves keeps its age: what is left of its fourteen days is for whoever reads it."""
        queues = {name: queue for name, queue in of_type(QUEUE).items() if "RedrivePolicy" in queue and name != "Alerts"}
        self.assertEqual({"Events", "Relays"}, set(queues))
        for name, queue in queues.items():
            trying = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]
            self.assertLess(trying, DAY / 4, name)
            self.assertEqual((14 * DAY, 14 * DAY), (queue["MessageRetentionPeriod"], of_type(QUEUE)[
                target(queue["RedrivePolicy"]["deadLetterTargetArn"])]["MessageRetentionPeriod"]), name)

    def test_notify_remembers_only_what_it_posts(self):
        keys = self.granted["RememberPosts"]["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        self.assertEqual(["lane#*", "post#*", "said#*", "thread#*"], keys)
        source = (ROOT / "crates/rolewatch/src/store/ledger/keys.rs").read_text()
        for key in keys:
            self.assertIn(f'format!("{key.removesuffix("*")}', source)

    def test_what_is_refused_goes_to_the_dead_letters_and_is_told(self):
        self.assertEqual(("sqs:SendMessage", "AlertDeadLetters"),
                         (self.granted["ParkAlerts"]["Action"], target(self.granted["ParkAlerts"]["Resource"])))
        self.assertEqual(("sns:Publish", "Operations"),
                         (self.granted["TellOperations"]["Action"], target(self.granted["TellOperations"]["Resource"])))

    def test_it_reads_three_secrets_and_no_more(self):
        for sid, parameter in (("ReadWebhook", "SlackWebhook"), ("ReadRoutes", "SlackRoutes"), ("ReadToken", "SlackToken")):
            self.assertEqual(["ssm:GetParameter", "secretsmanager:GetSecretValue"], self.granted[sid]["Action"])
            self.assertIn(parameter, json.dumps(self.granted[sid]["Resource"]))
        readers = {sid for sid, it in self.granted.items() if "ssm:GetParameter" in it["Action"]}
        self.assertEqual({"ReadWebhook", "ReadRoutes", "ReadToken"}, readers)
        # A button is Slack's to sign, and actions' to believe.
        self.assertNotIn("SlackSigningSecret", json.dumps([of_type(ROLE)["NotifyRole"], of_type("AWS::Lambda::Function")["Notify"]]))


class TheReports(unittest.TestCase):
    """The emulator deploys the bucket; what it does not enforce is checked here."""

    def setUp(self):
        ((self.name, self.bucket),) = of_type("AWS::S3::Bucket").items()

    def test_they_are_private_encrypted_versioned_and_outlive_the_stack(self):
        self.assertEqual({True}, set(self.bucket["PublicAccessBlockConfiguration"].values()))
        (encryption,) = self.bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        self.assertEqual({"Fn::If": ["CustomerKey", "aws:kms", "AES256"]},
                         encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"])
        self.assertEqual("Enabled", self.bucket["VersioningConfiguration"]["Status"])
        resource = SOURCE["Resources"][self.name]
        self.assertEqual(("RetainExceptOnCreate", "Retain"), (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]))

    def test_they_are_kept_for_thirteen_months(self):
        pages, markers = self.bucket["LifecycleConfiguration"]["Rules"]
        # A page that expires becomes an earlier version of nothing, and is kept for as long as those are.
        kept = pages["ExpirationInDays"], pages["NoncurrentVersionExpiration"]["NoncurrentDays"]
        self.assertEqual(("Enabled", 396, 30), (pages["Status"], *kept))
        self.assertEqual(("Enabled", True), (markers["Status"], markers["ExpiredObjectDeleteMarker"]))
        # CloudFormation refuses a rule that has both.
        self.assertNotIn("ExpirationInDays", markers)
        self.assertNotIn("ExpiredObjectDeleteMarker", pages)

    def test_nobody_reads_them_unencrypted_on_the_way(self):
        (policy,) = of_type("AWS::S3::BucketPolicy").values()
        (statement,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual(("Deny", "*", "s3:*", {"Bool": {"aws:SecureTransport": "false"}}),
                         (statement["Effect"], statement["Principal"], statement["Action"], statement["Condition"]))

    def test_the_schedule_comes_each_day_and_may_call_report_only(self):
        schedule = of_type(RULE)["ReportSchedule"]
        self.assertEqual(("cron(0 6 * * ? *)", "ENABLED"), (schedule["ScheduleExpression"], schedule["State"]))
        (sent_to,) = schedule["Targets"]
        self.assertEqual("Report", target(sent_to["Arn"]))
        self.assertEqual({"rolewatch": "report"}, json.loads(sent_to["Input"]))
        (permission,) = [it for it in of_type("AWS::Lambda::Permission").values() if target(it["FunctionName"]) == "Report"]
        self.assertEqual(("events.amazonaws.com", "ReportSchedule"),
                         (permission["Principal"], target(permission["SourceArn"])))

    def test_a_missed_one_is_an_alarm(self):
        alarm = of_type("AWS::CloudWatch::Alarm")["ReportMissingAlarm"]
        self.assertEqual(("Reports", "breaching", 2 * DAY),
                         (alarm["MetricName"], alarm["TreatMissingData"], alarm["Period"] * alarm["EvaluationPeriods"]))


class Reconciliation(unittest.TestCase):
    def setUp(self):
        self.rule = of_type(RULE)["ReconcileSchedule"]

    def test_it_comes_each_hour_unless_it_is_switched_off(self):
        self.assertEqual(("rate(1 hour)", {"Ref": "Reconciliation"}), (self.rule["ScheduleExpression"], self.rule["State"]))
        self.assertEqual("ENABLED", SOURCE["Parameters"]["Reconciliation"]["Default"])
        (sent_to,) = self.rule["Targets"]
        self.assertEqual(("Reconcile", "RuleDeadLetters"),
                         (target(sent_to["Arn"]), target(sent_to["DeadLetterConfig"]["Arn"])))
        (permission,) = [it for it in of_type("AWS::Lambda::Permission").values() if target(it["FunctionName"]) == "Reconcile"]
        self.assertEqual(("events.amazonaws.com", "ReconcileSchedule"),
                         (permission["Principal"], target(permission["SourceArn"])))

    def test_that_it_is_behind_or_does_not_come_is_an_alarm_and_that_something_was_missed(self):
        alarms = of_type("AWS::CloudWatch::Alarm")
        behind, missed = alarms["ReconcileBehindAlarm"], alarms["EventsMissedAlarm"]
        self.assertEqual(("Behind", "breaching", "Maximum"),
                         (behind["MetricName"], behind["TreatMissingData"], behind["Statistic"]))
        self.assertEqual(("Missed", 0, "Sum"), (missed["MetricName"], missed["Threshold"], missed["Statistic"]))
        for name in ("ReconcileBehindAlarm", "EventsMissedAlarm"):
            # Nobody wants an alarm about what was switched off.
            self.assertEqual("Reconciled", SOURCE["Resources"][name]["Condition"])

    def test_it_reads_history_and_writes_to_no_queue_but_the_events(self):
        (policy,) = of_type(ROLE)["ReconcileRole"]["Policies"]
        granted = {it["Sid"]: it for it in statements(policy["PolicyDocument"])}
        self.assertEqual({"ReadHistory", "ReadEvents", "Remember", "PutWhatWasMissed", "UseKey", "WriteLogs"}, set(granted))
        self.assertEqual(("sqs:SendMessage", "Events"),
                         (granted["PutWhatWasMissed"]["Action"], target(granted["PutWhatWasMissed"]["Resource"])))


class TheSweep(unittest.TestCase):
    def setUp(self):
        self.rule = of_type(RULE)["Sweep"]

    def test_it_comes_once_a_minute(self):
        self.assertEqual(("rate(1 minute)", "ENABLED"), (self.rule["ScheduleExpression"], self.rule["State"]))
        (sent_to,) = self.rule["Targets"]
        self.assertEqual("Detect", target(sent_to["Arn"]))
        self.assertEqual({"rolewatch": "sweep"}, json.loads(sent_to["Input"]))

    def test_eventbridge_may_call_detect_for_this_rule_only(self):
        (permission,) = [it for it in of_type("AWS::Lambda::Permission").values() if target(it["FunctionName"]) == "Detect"]
        self.assertEqual(("Detect", "lambda:InvokeFunction", "events.amazonaws.com", "Sweep"),
                         (target(permission["FunctionName"]), permission["Action"], permission["Principal"],
                          target(permission["SourceArn"])))

    def test_that_none_comes_is_an_alarm_after_ten_minutes(self):
        alarm = of_type("AWS::CloudWatch::Alarm")["SweepMissingAlarm"]
        self.assertEqual(("rolewatch", "Sweeps", "Sum", 1, "LessThanThreshold", "breaching", 2 * 300),
                         (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"],
                          alarm["TreatMissingData"], alarm["Period"] * alarm["EvaluationPeriods"]))

    def test_a_failed_one_is_not_repeated(self):
        """The next minute's does its work."""
        (invoked,) = [it for it in of_type("AWS::Lambda::EventInvokeConfig").values() if target(it["FunctionName"]) == "Detect"]
        self.assertEqual(("Detect", 0), (target(invoked["FunctionName"]), invoked["MaximumRetryAttempts"]))


class TheRule(unittest.TestCase):
    def setUp(self):
        self.rule = of_type(RULE)["Rule"]

    def test_it_gets_management_events_that_only_read(self):
        self.assertEqual("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", self.rule["State"])
        self.assertNotIn("EventBusName", self.rule)    # AWS's own events come on the default bus

    def test_it_names_every_way_to_name_no_provider(self):
        """The emulator lets null through either way; AWS's documents ask for it by name."""
        assumptions, *_ = json.loads(self.rule["EventPattern"])["$or"]
        provider = assumptions["detail"]["userIdentity"]["identityProvider"]
        self.assertIn(None, provider)
        self.assertIn({"exists": False}, provider)

    def test_canaries_come_by_the_same_rule(self):
        _, canaries, drills, _ = json.loads(self.rule["EventPattern"])["$or"]
        self.assertEqual({"source": ["rolewatch.drill"], "detail-type": ["rolewatch drill"]}, drills)
        self.assertEqual({"source": ["rolewatch.canary"], "detail-type": ["rolewatch canary"]}, canaries)
        canary = of_type("AWS::Scheduler::Schedule")["Canary"]
        self.assertEqual(("rate(1 hour)", "OFF"), (canary["ScheduleExpression"], canary["FlexibleTimeWindow"]["Mode"]))
        self.assertEqual({"Source": "rolewatch.canary", "DetailType": "rolewatch canary"},
                         canary["Target"]["EventBridgeParameters"])
        self.assertEqual({"region": "${AWS::Region}", "sent": "<aws.scheduler.scheduled-time>"},
                         json.loads(canary["Target"]["Input"]["Fn::Sub"]))

    def test_changes_of_itself_come_into_the_same_queue(self):
        own = of_type(RULE)["OwnRule"]
        self.assertEqual("ENABLED", own["State"])
        self.assertEqual(self.rule["Targets"], own["Targets"])
        # Each of the two tells when the other is switched off.
        *_, rules = json.loads(self.rule["EventPattern"])["$or"]
        changes = {"DisableRule", "DeleteRule", "PutRule", "PutTargets", "RemoveTargets"}
        self.assertEqual((["aws.events"], changes), (rules["source"], set(rules["detail"]["eventName"])))
        named = [it for it in json.loads(own["EventPattern"])["detail"]["eventName"] if isinstance(it, str)]
        self.assertLessEqual(changes, set(named))
        self.assertLessEqual(len(json.dumps(json.loads(own["EventPattern"]), separators=(",", ":"))), 2048)

    def test_its_target_is_a_queue_with_patience_and_a_dead_letter_queue(self):
        (sent_to,) = self.rule["Targets"]
        self.assertEqual("Events", target(sent_to["Arn"]))
        self.assertEqual({"MaximumEventAgeInSeconds": DAY, "MaximumRetryAttempts": 185}, sent_to["RetryPolicy"])
        self.assertEqual("RuleDeadLetters", target(sent_to["DeadLetterConfig"]["Arn"]))

    def test_its_target_gets_the_event_as_it_is(self):
        self.assertFalse({"Input", "InputPath", "InputTransformer"} & set(self.rule["Targets"][0]))


class Functions(unittest.TestCase):
    def test_queues_hand_over_as_lambda_wants_it(self):
        functions, queues, mappings = (of_type(kind) for kind in
                                       ("AWS::Lambda::Function", QUEUE, "AWS::Lambda::EventSourceMapping"))
        self.assertEqual({"Detect", "Notify", "Relay"}, {target(m["FunctionName"]) for m in mappings.values()})
        for mapping in mappings.values():
            function, queue = functions[target(mapping["FunctionName"])], queues[target(mapping["EventSourceArn"])]
            with self.subTest(target(mapping["FunctionName"])):
                self.assertEqual(["ReportBatchItemFailures"], mapping["FunctionResponseTypes"])
                self.assertEqual({"Detect": 10, "Notify": 50, "Relay": 10}[target(mapping["FunctionName"])], mapping["BatchSize"])
                self.assertLessEqual(mapping.get("MaximumBatchingWindowInSeconds", 0), 2)
                self.assertGreaterEqual(mapping["ScalingConfig"]["MaximumConcurrency"], 2)    # Lambda's least
                self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * function["Timeout"])
                self.assertGreaterEqual(queue["RedrivePolicy"]["maxReceiveCount"], 5)

    def test_they_are_small_and_log_into_a_group_that_forgets(self):
        groups = of_type("AWS::Logs::LogGroup")
        for name, function in of_type("AWS::Lambda::Function").items():
            with self.subTest(name):
                self.assertEqual("provided.al2023", function["Runtime"])
                self.assertEqual([{"Ref": "Architecture"}], function["Architectures"])
                self.assertIn(function["MemorySize"], range(128, 257))
                # Those of a queue are bounded by its visibility; a report reads 90 days, and history is slow.
                self.assertLessEqual(function["Timeout"], {"Report": 300, "Reconcile": 900}.get(name, 60))
                self.assertNotEqual("Active", function.get("TracingConfig", {}).get("Mode"))
                self.assertEqual("JSON", function["LoggingConfig"]["LogFormat"])
                group = groups[target(function["LoggingConfig"]["LogGroup"])]
                self.assertEqual({"Ref": "LogRetentionDays"}, group["RetentionInDays"])
                self.assertEqual(OWN_KEY, group["KmsKeyId"])

    def test_no_secret_is_in_the_environment(self):
        variables = {name: function["Environment"]["Variables"]
                     for name, function in of_type("AWS::Lambda::Function").items()}
        self.assertEqual({"ROLEWATCH_SLACK_WEBHOOK": {"Ref": "SlackWebhook"}, "ROLEWATCH_SLACK_ROUTES": {"Ref": "SlackRoutes"},
                          "ROLEWATCH_SLACK_TOKEN": {"Ref": "SlackToken"}, "ROLEWATCH_SLACK_CHANNEL": {"Ref": "SlackChannel"},
                          "ROLEWATCH_SLACK_MENTIONS": {"Ref": "SlackMentions"}, "ROLEWATCH_SLACK_API": {"Ref": "SlackApi"},
                          "ROLEWATCH_SLACK_BUTTONS": {"Fn::If": ["HasActions", {"Ref": "AWS::AccountId"}, ""]},
                          "ROLEWATCH_TABLE": {"Ref": "Memory"}, "ROLEWATCH_ALERTS_QUEUE_URL": {"Ref": "Alerts"},
                          "ROLEWATCH_DEAD_LETTERS_URL": {"Ref": "AlertDeadLetters"},
                          "ROLEWATCH_OPERATIONS_TOPIC_ARN": {"Ref": "Operations"}}, variables["Notify"])
        self.assertEqual({"ROLEWATCH_ALLOWLIST", "ROLEWATCH_TOPIC_ARN", "ROLEWATCH_TABLE", "ROLEWATCH_QUIET_WINDOW",
                          "ROLEWATCH_OWN", "ROLEWATCH_DEPLOYERS", "ROLEWATCH_ACCOUNT", "ROLEWATCH_ACCOUNT_NAMES", "ROLEWATCH_CHECK_PAGES"}, set(variables["Detect"]))
        self.assertEqual({"Ref": "Memory"}, variables["Detect"]["ROLEWATCH_TABLE"])
        self.assertEqual({"Ref": "QuietWindow"}, variables["Detect"]["ROLEWATCH_QUIET_WINDOW"])


class WithoutSlack(unittest.TestCase):
    def test_nothing_of_the_way_to_slack_is_there(self):
        of_slack = ("Alerts", "AlertDeadLetters", "Notify")
        for name, resource in RESOURCES.items():
            if name.startswith(of_slack):
                self.assertEqual("HasSlack", resource.get("Condition"), name)
        self.assertEqual("ToldInSlack", RESOURCES["AlertSubscription"]["Condition"])
        self.assertEqual([{"Condition": "HasSlack"}, {"Condition": "ToldHere"}], SOURCE["Conditions"]["ToldInSlack"]["Fn::And"])
        for name, output in SOURCE["Outputs"].items():
            if any(f'"{it}"' in json.dumps(output["Value"]) for it in (*of_slack, "NotifyLogs")):
                self.assertEqual("HasSlack", output.get("Condition"), name)

    def test_what_needs_a_webhook_at_last_says_so(self):
        rule = SOURCE["Rules"]["SlackBeginsWithTheWebhook"]
        self.assertEqual({"Fn::Equals": [{"Ref": "SlackWebhook"}, ""]}, rule["RuleCondition"])
        (assertion,) = rule["Assertions"]
        needy = {it["Fn::Equals"][0]["Ref"] for it in assertion["Assert"]["Fn::And"]}
        self.assertEqual({"SlackToken", "SlackRoutes", "SlackSigningSecret"}, needy)


class Access(unittest.TestCase):
    def test_only_detect_may_publish_findings(self):
        (policy,) = [it for it in of_type("AWS::SNS::TopicPolicy").values() if target(it["Topics"][0]) == "Findings"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual({"AWS": {"Fn::GetAtt": ["DetectRole", "Arn"]}}, statement["Principal"])
        self.assertEqual("sns:Publish", statement["Action"])

    def test_only_relay_may_publish_to_amazon_q_and_only_its_own_events(self):
        (policy,) = [it for it in of_type("AWS::SNS::TopicPolicy").values() if target(it["Topics"][0]) == "Chat"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual(({"AWS": {"Fn::GetAtt": ["RelayRole", "Arn"]}}, "sns:Publish"),
                         (statement["Principal"], statement["Action"]))
        granted = {it["Sid"]: it for it in statements(of_type(ROLE)["RelayRole"]["Policies"][0]["PolicyDocument"])}
        self.assertEqual(({"Ref": "EventBusArn"}, {"StringEquals": {"events:source": "rolewatch"}}),
                         (granted["PutOnBus"]["Resource"], granted["PutOnBus"]["Condition"]))

    def test_nothing_of_relay_is_made_unless_it_is_asked_for(self):
        for name, resource in SOURCE["Resources"].items():
            if name.startswith(("Relay", "Chat")):
                wanted = {"RelaySubscription": "RelayedHere"}.get(name, "HasChat" if name.startswith("Chat") else "HasRelay")
                self.assertEqual(wanted, resource["Condition"], name)
        self.assertIn({"Condition": "HasRelay"}, SOURCE["Conditions"]["RelayedHere"]["Fn::And"])
        self.assertEqual(("no", ""), tuple(SOURCE["Parameters"][it]["Default"] for it in ("AmazonQ", "EventBusArn")))

    def test_only_slacks_button_has_a_public_url(self):
        urls = of_type("AWS::Lambda::Url")
        self.assertEqual(["Actions"], [target(it["TargetFunctionArn"]) for it in urls.values()])
        public = {target(it["FunctionName"]) for it in of_type("AWS::Lambda::Permission").values() if it["Principal"] == "*"}
        self.assertEqual({"Actions"}, public)
        # Since October 2025 a URL needs both, the second for calls through the URL alone.
        allowed = {(it["Action"], it.get("FunctionUrlAuthType"), it.get("InvokedViaFunctionUrl"))
                   for it in of_type("AWS::Lambda::Permission").values() if it["Principal"] == "*"}
        self.assertEqual({("lambda:InvokeFunctionUrl", "NONE", None), ("lambda:InvokeFunction", None, True)}, allowed)
        self.assertEqual(2, of_type("AWS::Lambda::Function")["Actions"]["ReservedConcurrentExecutions"])
        for name, resource in RESOURCES.items():
            if name.startswith("Actions"):
                self.assertEqual("HasActions", resource["Condition"], name)
        self.assertEqual("", SOURCE["Parameters"]["SlackSigningSecret"]["Default"])

    def test_the_report_counts_what_waits_in_every_dead_letter_queue_that_is_there(self):
        variables = of_type("AWS::Lambda::Function")["Report"]["Environment"]["Variables"]
        failed = variables["ROLEWATCH_FAILED_DELIVERIES"]["Fn::Join"][1]
        self.assertEqual([{"Fn::If": [condition, {"Ref": queue}, {"Ref": "AWS::NoValue"}]} for condition, queue in
                          (("HasSlack", "AlertDeadLetters"), ("HasRelay", "RelayDeadLetters"))], failed)
        counted = {*re.findall(r"\w+", variables["ROLEWATCH_DEAD_LETTERS"]["Fn::Sub"]), *map(target, failed)}
        self.assertEqual({name for name, queue in of_type(QUEUE).items() if "RedrivePolicy" not in queue}, counted)
        granted = {it["Sid"]: it for it in statements(of_type(ROLE)["ReportRole"]["Policies"][0]["PolicyDocument"])}
        self.assertEqual(counted, {target(it) for it in granted["CountDeadLetters"]["Resource"]})

    def test_actions_may_touch_snoozes_and_nothing_else_that_is_remembered(self):
        granted = {it["Sid"]: it for it in statements(of_type(ROLE)["ActionsRole"]["Policies"][0]["PolicyDocument"])}
        self.assertEqual({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [
            "snooze#*", "snoozes", "snooze-end#*", "finding#*", "pressed#*"]}}, granted["Snooze"]["Condition"])

    def test_findings_are_encrypted(self):
        topic = of_type("AWS::SNS::Topic")["Findings"]
        self.assertEqual({"Fn::If": ["CustomerKey", {"Ref": "KeyArn"}, "alias/aws/sns"]}, topic["KmsMasterKeyId"])

    def test_what_exists_takes_the_place_of_ours_everywhere(self):
        pages = [{"Fn::Sub": "${Reports.Arn}/reports/*"},
                 {"Fn::Sub": "arn:${AWS::Partition}:s3:::${ExistingReportsBucket}/reports/*"}]
        topics = ([{"Ref": "Findings"}, {"Ref": "ExistingFindingsTopicArn"}],
                  [{"Fn::GetAtt": ["Findings", "TopicName"]}, {"Fn::Select": [5, {"Fn::Split": [":", {
                      "Fn::Sub": "${ExistingFindingsTopicArn}:::::"}]}]}])
        for condition, ours, policy, choices in (
                ("NewTopic", "Findings", "FindingsPolicy", topics),
                ("NewBucket", "Reports", "ReportsPolicy", ([{"Ref": "Reports"}, {"Ref": "ExistingReportsBucket"}], pages))):
            for name in (ours, policy):
                self.assertEqual(condition, SOURCE["Resources"][name]["Condition"])

            def walk(node, path):
                if isinstance(node, dict):
                    if node.get("Fn::If", [None])[0] == condition:
                        self.assertIn(node["Fn::If"][1:], choices)
                        return
                    self.assertNotEqual({"Ref": ours}, node, path)
                    self.assertNotEqual(ours, node.get("Fn::GetAtt", [None])[0], path)
                    self.assertNotIn(f"${{{ours}", str(node.get("Fn::Sub", "")), path)
                for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
                    walk(child, f"{path}/{key}")

            everything = json.loads(json.dumps(SOURCE))
            del everything["Resources"][policy]    # which is only there when the other is
            walk(everything, "")

    def test_a_topic_of_another_account_is_not_told_here(self):
        """Each account's notify would tell the findings of all; and AWS refuses to subscribe across accounts."""
        for name, resource in RESOURCES.items():
            if resource["Type"] == "AWS::SNS::Subscription" and target(resource["Properties"]["TopicArn"]) == "Findings":
                self.assertEqual({"AlertSubscription": "ToldInSlack", "RelaySubscription": "RelayedHere"}[name], resource["Condition"])
        self.assertIn({"Condition": "ToldHere"}, SOURCE["Conditions"]["RelayedHere"]["Fn::And"])
        new, (of_topic, here) = (it.get("Fn::Equals", it) for it in SOURCE["Conditions"]["ToldHere"]["Fn::Or"])
        self.assertEqual(({"Condition": "NewTopic"}, {"Ref": "AWS::AccountId"}), (new, here))
        place, parts = of_topic["Fn::Select"]
        for arn, account in (("arn:aws:sns:eu-central-1:999999999999:central", "999999999999"), ("", "")):
            text = parts["Fn::Split"][1]["Fn::Sub"].replace("${ExistingFindingsTopicArn}", arn)
            self.assertEqual(account, text.split(parts["Fn::Split"][0])[place])

    def test_the_central_topics_policy_on_the_page_lets_every_accounts_detect_in(self):
        text = (ROOT / "docs" / "operations.md").read_text()
        (pattern,) = re.findall(r'"aws:PrincipalArn": "(arn:aws:iam::[^"]+)"', text)
        for role, lets in (("rolewatch-DetectRole-1A2B", True), ("service/rolewatch-DetectRole-1A2B", True),
                           ("StackSet-rolewatch-0a1b2c3d-4e5f-6071-8-DetectRole-1A2B", True),
                           ("rolewatch-NotifyRole-1A2B", False), ("Admin", False)):
            self.assertEqual(lets, fnmatch.fnmatchcase(f"arn:aws:iam::210987654321:role/{role}", pattern), role)

    def test_an_existing_bucket_is_a_name_and_what_is_done_to_it_is_told(self):
        pattern = SOURCE["Parameters"]["ExistingReportsBucket"]["AllowedPattern"]
        for name in ("", "abc", "reports.of-acme"):
            self.assertRegex(name, pattern)
        for other in ("s3://reports", "arn:aws:s3:::reports", "reports/2026", "Reports", "-reports", "a*", "a"):
            self.assertNotRegex(other, pattern)
        own = of_type("AWS::Lambda::Function")["Detect"]["Environment"]["Variables"]["ROLEWATCH_OWN"]
        self.assertIn({"Ref": "ExistingReportsBucket"}, own["Fn::Join"][1])


if __name__ == "__main__":
    unittest.main()
