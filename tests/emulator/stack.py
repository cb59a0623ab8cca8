"""infra/rolewatch.yaml, deployed to the emulator as a user deploys it to AWS: `aws cloudformation package`, `deploy`."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from emulator import CREDENTIALS, Emulator
from events import ROOT, SAMPLES

NAME = "rolewatch"
TEMPLATE = ROOT / "infra" / "rolewatch.yaml"
ALLOWLIST = "/rolewatch/allowlist"
WEBHOOK = "/rolewatch/slack-webhook"
BUS = "findings"
ROUTES = "/rolewatch/slack-routes"
TOKEN = "/rolewatch/slack-token"
SIGNING_SECRET = "/rolewatch/slack-signing-secret"
ACCOUNT_NAME = "samples"
CHECK_PAGES = "https://github.com/my-org/rolewatch/blob/main/docs/checks/{check}.md"
FUNCTIONS = ("actions", "detect", "notify", "reconcile", "relay", "report")
QUEUES = ("EventsQueueUrl", "AlertsQueueUrl", "RelaysQueueUrl")
DEAD_LETTERS = ("RuleDeadLettersUrl", "EventDeadLettersUrl", "AlertDeadLettersUrl", "RelayDeadLettersUrl")


class Stack:
    def __init__(self, emulator: Emulator, folder: pathlib.Path, functions: pathlib.Path, name=NAME, **parameters):
        """`functions` holds FUNCTION/bootstrap.zip; `folder` is for what packaging writes."""
        self._emulator = emulator
        self._folder = folder
        self._name = name
        for service in ("cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "s3", "sns", "sqs", "ssm"):
            setattr(self, service.replace("lambda", "lambda_"), emulator.client(service))
        self._deploy(functions, parameters)
        answer = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in answer["Outputs"]}
        self._subscriptions = {}
        self.rule = self.events.describe_rule(Name=self.outputs["RuleName"])    # as deployed, see listen
        self.findings_queue = self.subscribe("FindingsTopicArn")

    @classmethod
    def listening(cls, emulator, folder, functions, slack):
        """The stack that most tests are about: all of it through Systems Manager, and its rule hears events."""
        ssm = emulator.client("ssm")
        ssm.put_parameter(Name=WEBHOOK, Value=slack.webhook, Type="SecureString")
        routes = {"#team-payments": slack.webhook_of("B0PAYMENTS")}
        ssm.put_parameter(Name=ROUTES, Value=json.dumps(routes), Type="SecureString")
        ssm.put_parameter(Name=TOKEN, Value=slack.token, Type="SecureString")
        ssm.put_parameter(Name=SIGNING_SECRET, Value=slack.signing_secret, Type="SecureString")
        ssm.put_parameter(Name=ALLOWLIST, Value=small_allowlist(), Type="String", Tier="Intelligent-Tiering")
        bus = emulator.client("events").create_event_bus(Name=BUS)["EventBusArn"]
        stack = cls(emulator, folder, functions, AmazonQ="yes", EventBusArn=bus, AccountName=ACCOUNT_NAME,
                    CheckPages=CHECK_PAGES,
                    SlackSigningSecret=f"ssm:{SIGNING_SECRET}", Allowlist=f"ssm:{ALLOWLIST}", SlackWebhook=f"ssm:{WEBHOOK}",
                    SlackRoutes=f"ssm:{ROUTES}", SlackToken=f"ssm:{TOKEN}", SlackChannel="#alerts",
                    # Every finding at once: most tests are about what happens to each of them. See quiet_window.
                    QuietWindow="0s")
        stack._enable_rule()
        stack._let_relay_put_events()
        # Its role may read the token; most tests are about webhooks. See test_bot.
        stack.set_up("Notify", ROLEWATCH_SLACK_TOKEN="")
        # The first version of the allowlist is told once; no test but those about it expects that.
        stack.sweep()
        stack.settle()
        return stack

    def _deploy(self, functions, parameters):
        # Beside the zips, as the template finds them after `make build`, but in a folder of this run: the tests
        # must not leave a quick build for this machine where `make deploy` looks.
        template = self._folder / "infra" / TEMPLATE.name
        template.parent.mkdir(parents=True)
        shutil.copy(TEMPLATE, template)
        for function in FUNCTIONS:
            target = self._folder / "target" / "lambda" / function
            target.mkdir(parents=True)
            shutil.copy(functions / function / "bootstrap.zip", target)
        bucket = f"{self._name}-artifacts"
        self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        packaged = self._folder / "packaged.yaml"
        self._aws("cloudformation", "package", "--template-file", template, "--s3-bucket", bucket,
                  "--output-template-file", packaged)
        parameters = {"Architecture": "x86_64", "LogRetentionDays": "7"} | parameters
        self._aws("cloudformation", "deploy", "--template-file", packaged, "--stack-name", self._name,
                  "--capabilities", "CAPABILITY_IAM", "--s3-bucket", bucket,    # a template of over 51,200 bytes
                  "--parameter-overrides", *(f"{key}={value}" for key, value in parameters.items()))

    def _aws(self, *arguments):
        command = [sys.executable, "-m", "awscli", *map(str, arguments)]
        environment = CREDENTIALS | {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "AWS_ENDPOINT_URL": self._emulator.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"aws {' '.join(map(str, arguments))}:\n{done.stdout}{done.stderr}\n{self._failures()}")

    def _failures(self):
        """Why CloudFormation gave up, where it says so."""
        with contextlib.suppress(Exception):
            events = self.cloudformation.describe_stack_events(StackName=self._name)["StackEvents"]
            return "\n".join(f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason')}"
                             for e in events if "FAILED" in e["ResourceStatus"])
        return ""

    def _enable_rule(self):
        """MiniStack keeps ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, but delivers for ENABLED only."""
        kept = {key: self.rule[key] for key in ("Name", "EventPattern", "Description") if self.rule.get(key)}
        self.events.put_rule(**kept, State="ENABLED")

    def _let_relay_put_events(self):
        """MiniStack does not know the condition key events:source, and refuses what asks for it: test_template holds it."""
        (role,) = [it for it in self.iam.list_roles()["Roles"] if it["RoleName"].startswith(f"{self._name}-RelayRole")]
        document = self.iam.get_role_policy(RoleName=role["RoleName"], PolicyName="relay")["PolicyDocument"]
        for statement in document["Statement"]:
            statement.pop("Condition", None)
        self.iam.put_role_policy(RoleName=role["RoleName"], PolicyName="relay", PolicyDocument=json.dumps(document))

    def subscribe(self, output):
        """A queue of the tests on a topic, as a SIEM would have it."""
        url = self.sqs.create_queue(QueueName=f"{self._name}-tests-{output}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = self.outputs[output]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]}
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        self._subscriptions[url] = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        return url

    def destroy(self):
        """The stack, and what stays of it by its own will."""
        for queue in list(self._subscriptions):
            self.unsubscribe(queue)
        self.cloudformation.delete_stack(StackName=self._name)
        self.dynamodb.delete_table(TableName=self.outputs["TableName"])
        for bucket in (f"{self._name}-artifacts", self.outputs["ReportsBucketName"]):
            self._emulator.delete_bucket(bucket)

    def unsubscribe(self, queue):
        self.sns.unsubscribe(SubscriptionArn=self._subscriptions.pop(queue))
        self.sqs.delete_queue(QueueUrl=queue)

    # ---- events in --------------------------------------------------------------------------------------------

    def put_events(self, events):
        """Through EventBridge, as CloudTrail's come."""
        events = list(events)
        for start in range(0, len(events), 10):
            answer = self.events.put_events(Entries=[event.entry for event in events[start:start + 10]])
            if answer["FailedEntryCount"]:
                raise RuntimeError(f"PutEvents refused some: {answer['Entries']}")

    def send_batch(self, bodies):
        """Straight into the queue, and to the function as one batch."""
        with self.mapping_off("Detect"):
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
            answer = self.sqs.send_message_batch(QueueUrl=self.outputs["EventsQueueUrl"], Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused some: {answer['Failed']}")

    @contextlib.contextmanager
    def mapping_off(self, function):
        """The function gets nothing from its queue meanwhile."""
        name = self.outputs[f"{function}FunctionName"]
        mapping = self.lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"][0]["UUID"]
        self.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
        time.sleep(0.3)    # a poll that had begun
        try:
            yield
        finally:
            self.lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)

    @contextlib.contextmanager
    def retried_after(self, output, seconds):
        """Meanwhile an item that the function returns comes again this soon; the template's minutes are too long."""
        queue = self.outputs[output]
        before = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
        self.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            self.sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)

    # ---- what is remembered -----------------------------------------------------------------------------------

    def forget(self):
        """No event was ever seen or told. What is known of the allowlist stays."""
        table = self.outputs["TableName"]
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                if not key["pk"]["S"].startswith(("allowlist#", "told#", "reported#")):
                    self.dynamodb.delete_item(TableName=table, Key=key)

    def remembered(self):
        """All that the table has."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.outputs["TableName"])
        return [item for page in pages for item in page["Items"]]

    def set_told(self, value):
        """What is remembered of every report's telling is this."""
        table = self.outputs["TableName"]
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                if key["pk"]["S"].startswith("reported#"):
                    self.dynamodb.update_item(TableName=table, Key=key, UpdateExpression="SET v = :v",
                                              ExpressionAttributeValues={":v": {"S": value}})

    def reconciled_until(self, moment):
        """What happened before this is looked through, in every region; what happened after is not."""
        table, text = self.outputs["TableName"], moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        value = json.dumps({"since": text, "done_until": text, "open": None})
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                if key["pk"]["S"].startswith("reconciliation#"):
                    self.dynamodb.update_item(TableName=table, Key=key, UpdateExpression="SET v = :v",
                                              ExpressionAttributeValues={":v": {"S": value}})

    def set_up(self, function, **settings):
        """Has a function run with other settings. Returns those it had."""
        name = self.outputs[f"{function}FunctionName"]
        before = self.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": before | settings})
        return before

    @contextlib.contextmanager
    def function_with(self, function, **settings):
        """Meanwhile a function runs with other settings."""
        before = self.set_up(function, **settings)
        try:
            yield
        finally:
            self.set_up(function, **before)

    def detect_with(self, **settings):
        return self.function_with("Detect", **settings)

    def quiet_window(self, length):
        return self.detect_with(ROLEWATCH_QUIET_WINDOW=length)

    def sweep(self):
        """As the schedule does each minute. Returns the function's error, if it failed."""
        return self.invoke(self.sweep_input)

    def invoke(self, payload):
        """Detect, by itself. Returns the function's error, if it failed."""
        answer = self.lambda_.invoke(FunctionName=self.outputs["DetectFunctionName"], Payload=payload)
        return answer["Payload"].read().decode() if "FunctionError" in answer else None

    def report(self, **request):
        """The report function, as its schedule or a person calls it. Its answer, or its error as text."""
        return self._answer_of("Report", request or {"rolewatch": "report"})

    @contextlib.contextmanager
    def reports_without_tls(self):
        """Meanwhile the bucket takes calls without TLS, which is what its policy refuses and how the emulator is spoken to."""
        bucket = self.outputs["ReportsBucketName"]
        policy = self.s3.get_bucket_policy(Bucket=bucket)["Policy"]
        self.s3.delete_bucket_policy(Bucket=bucket)
        try:
            yield
        finally:
            self.s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    def reconcile(self):
        """The reconcile function, as its schedule calls it. Its answer, or its error as text."""
        return self._answer_of("Reconcile", {"rolewatch": "reconcile"})

    def _answer_of(self, function, request):
        answer = self.lambda_.invoke(FunctionName=self.outputs[f"{function}FunctionName"], Payload=json.dumps(request))
        text = answer["Payload"].read().decode()
        return text if "FunctionError" in answer else json.loads(text)

    def restarted(self):
        """Meanwhile detect is a process that has seen nothing yet."""
        return self.detect_with(ROLEWATCH_TEST=str(time.monotonic_ns()))

    def notify_with(self, **settings):
        """Meanwhile notify is a process that has read no secret yet."""
        return self.function_with("Notify", ROLEWATCH_TEST=str(time.monotonic_ns()), **settings)

    @property
    def sweep_input(self):
        """What the deployed schedule hands to the function."""
        for rule in self.events.list_rules()["Rules"]:
            if rule.get("ScheduleExpression") and rule["Name"].startswith(f"{self._name}-Sweep"):
                (target,) = self.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
                return target["Input"]
        raise AssertionError("nothing was deployed that sweeps")

    # ---- what came of it --------------------------------------------------------------------------------------

    def messages_in(self, output):
        """How many messages the queue holds: waiting, and being worked on. None where the stack has no such queue."""
        if output not in self.outputs:
            return 0, 0
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=names)["Attributes"]
        return int(answer[names[0]]), int(answer[names[1]])

    def settle(self, seconds=60):
        """Waits until every event is judged and every alert told, or fails."""
        deadline, quiet = time.monotonic() + seconds, 0
        while quiet < 2:
            if time.monotonic() > deadline:
                held = {output: self.messages_in(output) for output in QUEUES}
                raise AssertionError(f"not done after {seconds} s, (waiting, in work): {held}\n{self.function_logs()[-3000:]}")
            # In the order of the flow: nothing can slip past between the two.
            quiet = quiet + 1 if all(self.messages_in(output) == (0, 0) for output in QUEUES) else 0
            time.sleep(0.1)

    def take_findings(self):
        return self.take(self.findings_queue)

    def take(self, queue):
        """The SNS messages since the last call, as their subscribers get them (the envelope, parsed)."""
        taken = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            if not messages:
                return taken
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def take_dead_letters(self):
        """What notify parked since the last call: (body, reason)."""
        url, letters = self.outputs["AlertDeadLettersUrl"], []
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            letters.append((message["Body"], message["MessageAttributes"]["reason"]["StringValue"]))
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return letters

    def function_logs(self, function=None):
        """What the functions have logged, as text."""
        names = [function] if function else ["Actions", "Detect", "Notify", "Reconcile", "Relay", "Report"]
        groups = [self.outputs[f"{name}LogGroup"] for name in names if f"{name}LogGroup" in self.outputs]
        lines = []
        for group in groups:
            for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                lines += [event["message"] for event in page["events"]]
        return "\n".join(lines)


def small_allowlist():
    """samples/allowlist.toml without its comments and tests: an SSM parameter holds 8 KB at most."""
    text = (SAMPLES / "allowlist.toml").read_text()
    text = text[:text.index("\n[[test]]")]
    text = re.sub(r"(?m)^\s*#.*\n|\s+#[^\"\n]*$", "", text)
    if len(text.encode()) > 8192:
        raise ValueError("the allowlist does not fit into an SSM parameter")
    return text
