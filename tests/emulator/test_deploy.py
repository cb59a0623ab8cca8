"""infra/deploy, as `make deploy` and its sisters call it: what it looks at first, and what it does then."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

import world
from emulator import CREDENTIALS, REGION
from events import ROOT, sample
from stack import FUNCTIONS

STACK = "deployed"


class Deploy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world.shared()
        cls.emulator = cls.world.emulator
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        # A tree like ours, so that the quick build of the tests is not left where `make deploy` looks.
        shutil.copytree(ROOT / "infra", cls.root / "infra")
        for function in FUNCTIONS:
            (cls.root / "functions" / function).mkdir(parents=True)
            (cls.root / "functions" / function / "Cargo.toml").touch()
        (cls.root / "tests").mkdir()
        (cls.root / "tests" / "tools").symlink_to(ROOT / "tests" / "tools")
        (cls.root / ".tools").symlink_to(ROOT / ".tools")
        cls.bin = cls.root / "bin"
        cls.bin.mkdir()
        aws = cls.bin / "aws"
        # Version 1 has endpoints of its own for SQS, whatever the environment says.
        aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
        aws.chmod(0o755)
        cls.put_bucket("code")

    @classmethod
    def put_bucket(cls, name):
        s3 = cls.emulator.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        cls.addClassCleanup(cls.emulator.delete_bucket, name)

    def put_functions(self):
        for function in FUNCTIONS:
            target = self.root / "target" / "lambda" / function
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.world.functions / function / "bootstrap.zip", target)
        self.addCleanup(shutil.rmtree, self.root / "target")

    def put_trail(self):
        cloudtrail = self.emulator.client("cloudtrail")
        self.put_bucket("logs")
        cloudtrail.create_trail(Name="trail", S3BucketName="logs")
        self.addCleanup(cloudtrail.delete_trail, Name="trail")

    def filter_of(self, queue):
        """Which findings a queue of the stack gets."""
        sns = self.emulator.client("sns")
        (subscription,) = [it["SubscriptionArn"] for it in sns.list_subscriptions()["Subscriptions"] if f":{STACK}-{queue}-" in it["Endpoint"]]
        return json.loads(sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["FilterPolicy"])

    def environment(self):
        path = f"{self.bin}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
        return CREDENTIALS | {"PATH": path, "HOME": os.environ["HOME"], "AWS_ENDPOINT_URL": self.emulator.url, "ARCH": "x86_64",
                              "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                              "AWS_EC2_METADATA_DISABLED": "true", "STACK": STACK}

    def run_it(self, what, **environment):
        done = subprocess.run([self.root / "infra" / "deploy", what], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=self.environment() | environment)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, part, what, **environment):
        code, output = self.run_it(what, **environment)
        self.assertEqual(2, code, output)
        self.assertIn(part, output)
        self.assertNotIn("Traceback", output)

    def test_it_says_what_is_missing_before_it_changes_anything_and_then_does_what_it_says(self):
        for what in ("package", "stack", "repair", "code", "forwarders", "redrive", "destroy"):
            self.assert_refused("AWS CLI" if what in ("stack", "repair", "forwarders", "redrive", "destroy") else "make build", what, PATH="/usr/bin:/bin")
        self.assert_refused("no region is set", "forwarders", AWS_DEFAULT_REGION="")
        self.assert_refused("no trail is there", "stack")
        self.put_trail()
        self.assert_refused("target/lambda/actions/bootstrap.zip is not there", "stack")
        self.put_functions()
        self.assert_refused("BUCKET is not set", "stack")
        self.assert_refused("was built for x86_64, not arm64", "package", ARCH="arm64")
        self.assert_refused("REGIONS is not set", "forwarders")
        # A value whose blank is in no quotes: what follows would be lost.
        self.assert_refused("'high=U0123ABCD' sets no parameter of rolewatch.yaml", "stack", BUCKET="code",
                            PARAMETERS="SlackMentions=critical=here high=U0123ABCD")
        self.assert_refused("is not in eu-central-1", "forwarders", REGIONS="us-east-1", STACK="nowhere")
        self.assert_refused("stack deployed is not in eu-central-1", "redrive")
        self.assert_refused("stack deployed is not in eu-central-1", "repair")
        self.assert_refused("CONFIRM=deployed", "destroy")
        self.assert_refused("CONFIRM=deployed", "destroy", CONFIRM="rolewatch")
        names = [it["StackName"] for it in self.emulator.client("cloudformation").describe_stacks()["Stacks"]]
        self.assertNotIn(STACK, names)
        self.deploy_change_and_destroy()

    def deploy_change_and_destroy(self):
        cloudformation = self.emulator.client("cloudformation")
        code, output = self.run_it("stack", BUCKET="code", ALLOWLIST_LOCATION="ssm:/rolewatch/allowlist", PARAMETERS="QuietWindow=2h Regions=2 SlackSeverity=high")
        self.assertEqual(0, code, output)
        self.assertIn("FindingsTopicArn", output)
        parameters = self.parameters()
        self.assertEqual(("2h", "2", "x86_64"), tuple(parameters[it] for it in ("QuietWindow", "Regions", "Architecture")))
        self.assertEqual({"severity": ["high", "critical"]}, self.filter_of("Alerts"))

        # Again, with nothing said but one thing: the rest stays.
        code, output = self.run_it("stack", BUCKET="code", PARAMETERS="Regions=3 SlackMentions='critical=here high=U0123ABCD'")
        self.assertEqual(0, code, output)
        self.assertEqual(("2h", "3", "critical=here high=U0123ABCD"),
                         tuple(self.parameters()[it] for it in ("QuietWindow", "Regions", "SlackMentions")))

        self.without_slack_and_with_it_again()

        # The emulator knows no drift: what is held is that the change set is asked for, and the parameters stay.
        before = self.parameters()
        code, output = self.run_it("repair")
        self.assertEqual(0, code, output)
        self.assertRegex(output, "deployed in eu-central-1: (as deployed|nothing was changed by hand)")
        self.assertEqual(before, self.parameters())

        # Home in the list does no harm; the other region gets a stack of its own.
        code, output = self.run_it("forwarders", REGIONS=f"us-east-1 {REGION}", OPERATIONS_EMAIL="ops@example.com")
        self.assertEqual(0, code, output)
        self.assertIn("make deploy PARAMETERS=Regions=2", output)
        away = self.emulator.client("cloudformation", "us-east-1").describe_stacks(StackName=f"{STACK}-forwarder")["Stacks"][0]
        self.assertEqual("CREATE_COMPLETE", away["StackStatus"])
        # Again, with nothing said but one thing: whoever was told of this region's alarms still is.
        code, output = self.run_it("forwarders", REGIONS="us-east-1", PARAMETERS="RolePath=/service/")
        self.assertEqual(0, code, output)
        self.assertEqual({"HomeRegion": REGION, "OperationsEmail": "ops@example.com", "RolePath": "/service/"},
                         {name: value for name, value in self.parameters(f"{STACK}-forwarder", "us-east-1").items() if value})
        home = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
        self.assertNotIn(f"{STACK}-forwarder", home)

        self.redrive_what_eventbridge_could_not_hand_on(away)

        lambda_ = self.emulator.client("lambda")
        outputs = {it["OutputKey"]: it["OutputValue"] for it in
                   cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]}
        before = lambda_.get_function_configuration(FunctionName=outputs["DetectFunctionName"])
        with zipfile.ZipFile(self.root / "target/lambda/detect/bootstrap.zip", "a") as changed:
            changed.writestr("changed", "")
        code, output = self.run_it("code")
        self.assertEqual(0, code, output)
        # What the parameters did not ask for is not there, and is no fault.
        self.assertIn("relay: stack deployed has none", output)
        after = lambda_.get_function_configuration(FunctionName=outputs["DetectFunctionName"])
        self.assertNotEqual(before["CodeSha256"], after["CodeSha256"])
        for kept in ("Role", "Environment", "MemorySize", "Timeout", "Architectures"):
            self.assertEqual(before[kept], after[kept])

        self.emulator.client("cloudformation", "us-east-1").delete_stack(StackName=f"{STACK}-forwarder")
        for page in ("first", "anew"):
            self.emulator.client("s3").put_object(Bucket=outputs["ReportsBucketName"], Key="reports/2026-W47.html", Body=page)
        code, output = self.run_it("destroy", CONFIRM=STACK)
        self.assertEqual(0, code, output)
        self.assertIn("its table and its reports' bucket stay", output)
        names = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
        self.assertNotIn(STACK, names)
        self.assertIn(outputs["TableName"], self.emulator.client("dynamodb").list_tables()["TableNames"])
        self.remove_as_the_page_says(outputs)

    def remove_as_the_page_says(self, outputs):
        _, section = (ROOT / "docs" / "operations.md").read_text().split("### Removal")
        section, _ = section.split("\n4. ")
        commands = "\n".join(line for line in section.splitlines() if line.startswith(" " * 7))
        for name, output in (("TABLE_NAME", "TableName"), ("REPORTS_BUCKET_NAME", "ReportsBucketName")):
            self.assertIn(name, commands)
            commands = commands.replace(name, outputs[output])
        done = subprocess.run(["bash", "-euc", commands], cwd=self.root, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertNotIn(outputs["TableName"], self.emulator.client("dynamodb").list_tables()["TableNames"])
        buckets = [it["Name"] for it in self.emulator.client("s3").list_buckets()["Buckets"]]
        self.assertNotIn(outputs["ReportsBucketName"], buckets)

    def without_slack_and_with_it_again(self):
        def ways():
            stack = self.emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
            outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
            urls = self.emulator.client("sqs").list_queues(QueueNamePrefix=f"{STACK}-").get("QueueUrls", [])
            names = {name for name in ("Alerts", "AlertDeadLetters", "Events") for url in urls if f"/{STACK}-{name}-" in url}
            return names, {"AlertsQueueUrl", "NotifyFunctionName", "DetectFunctionName"} & set(outputs)

        everything = {"Alerts", "AlertDeadLetters", "Events"}, {"AlertsQueueUrl", "NotifyFunctionName", "DetectFunctionName"}
        self.assertEqual(everything, ways())
        place = self.parameters()["SlackWebhook"]
        code, output = self.run_it("stack", BUCKET="code", PARAMETERS="SlackWebhook=")
        self.assertEqual(0, code, output)
        self.assertEqual(({"Events"}, {"DetectFunctionName"}), ways())
        report = self.emulator.client("lambda").list_functions()["Functions"]
        (report,) = [it for it in report if it["FunctionName"].startswith(f"{STACK}-Report-")]
        self.assertEqual("", report["Environment"]["Variables"]["ROLEWATCH_SLACK_WEBHOOK"])
        code, output = self.run_it("stack", BUCKET="code", SLACK_WEBHOOK=place)
        self.assertEqual(0, code, output)
        self.assertEqual(everything, ways())

    def redrive_what_eventbridge_could_not_hand_on(self, away):
        home = self.emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        for region, stack, output in ((REGION, home, "RuleDeadLettersUrl"), ("us-east-1", away, "DeadLettersUrl")):
            (url,) = [it["OutputValue"] for it in stack["Outputs"] if it["OutputKey"] == output]
            self.emulator.client("sqs", region).send_message(
                QueueUrl=url, MessageBody=sample("repository-id-mismatch/quiet-the-pinned-ids").body)
            code, output = self.run_it("redrive", **({} if region == REGION else {"REGIONS": region}))
            self.assertEqual(0, code, output)
            self.assertIn(f"{region}: 1 events sent to the queue", output)
        self.assert_refused("eu-west-1 has no forwarder", "redrive", REGIONS="eu-west-1")

    def parameters(self, stack=STACK, region=REGION):
        stack = self.emulator.client("cloudformation", region).describe_stacks(StackName=stack)["Stacks"][0]
        return {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}


if __name__ == "__main__":
    unittest.main()
