"""infra/github-oidc.yaml: who its roles let in, as `rolewatch trust lint` and `trust explain` judge them, and what they may do.

The emulator refuses AWS::IAM::OIDCProvider, so that this template is held as text, with its parameters put in."""

import fnmatch
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from cfnlint.decode import cfn_yaml

import command_line
from events import ROOT

TEMPLATE = ROOT / "infra" / "github-oidc.yaml"
SOURCE = json.loads(json.dumps(cfn_yaml.load(str(TEMPLATE))))
WITH_IDS, WITHOUT = "my-org@111/my-repo@456789", "my-org/my-repo"
ALL = {"SiteBucket": "www-my-org", "DistributionId": "E1ABCDEFGHIJKL", "CdkQualifier": "hnb659fds", "ImageRepository": "shop/api",
       "RolewatchStack": "rolewatch", "CodeBucket": "my-org-code",
       "KeyArn": "arn:aws:kms:eu-central-1:123456789012:key/1a2b", "ExistingFindingsTopicArn": "arn:aws:sns:eu-central-1:999999999999:central"}
ROLES = ("SiteRole", "CdkRole", "ImageRole", "RolewatchRole")


def deployed(Repository, **parameters):
    """The template's resources with its parameters put in, as CloudFormation makes them; of a repository with its owner."""
    parameters["Owner"], _, parameters["Repository"] = Repository.partition("/")
    values = {name: it.get("Default") for name, it in SOURCE["Parameters"].items()} | parameters
    for name, value in values.items():
        allowed = SOURCE["Parameters"][name].get("AllowedPattern")
        if value is None or (allowed and not re.fullmatch(allowed, value)):
            raise ValueError(f"{name} = {value}")
    values |= {"AWS::Partition": "aws", "AWS::AccountId": "123456789012", "AWS::Region": "eu-central-1"}

    def resolve(node):
        if isinstance(node, list):
            return [it for it in map(resolve, node) if it is not None]
        if not isinstance(node, dict):
            return node
        if "Ref" in node:
            name = node["Ref"]
            return None if name == "AWS::NoValue" else values.get(name, f"arn:of:{name}")
        if "Fn::Sub" in node:
            return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], node["Fn::Sub"])
        if "Fn::If" in node:
            name, yes, no = node["Fn::If"]
            return resolve(yes if holds(SOURCE["Conditions"][name]) else no)
        if "Fn::GetAtt" in node:
            return f"arn:of:{'.'.join(node['Fn::GetAtt'])}"
        return {key: value for key, child in node.items() if (value := resolve(child)) is not None}

    def holds(condition):
        if "Fn::Not" in condition:
            return not holds(condition["Fn::Not"][0])
        first, second = map(resolve, condition["Fn::Equals"])
        return first == second

    return {name: resolve(it) for name, it in SOURCE["Resources"].items()
            if "Condition" not in it or holds(SOURCE["Conditions"][it["Condition"]])}


def rolewatch(*arguments):
    done = subprocess.run([command_line.program(), *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def lints(output):
    return {it["check"] for it in map(json.loads, output.splitlines()) if it["type"] == "lint"}


def trust(role):
    return role["Properties"]["AssumeRolePolicyDocument"]


class WhoGetsIn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "policy.json"

    def test_trust_lint_has_nothing_to_say(self):
        self.file.write_text(json.dumps({"Resources": deployed(Repository=WITH_IDS, Environment="production", **ALL)}))
        code, output = rolewatch("trust", "lint", "--format", "json", self.file)
        self.assertEqual(0, code, output)
        # Advice: the form without ids stays out. That is what ids are for.
        self.assertEqual({"trust-single-form"}, lints(output), output)

    def test_nor_about_the_template_as_it_is_but_what_its_parameters_decide(self):
        _, output = rolewatch("trust", "lint", "--format", "json", TEMPLATE)
        self.assertLessEqual(lints(output), {"trust-unresolved-value", "trust-single-form", "trust-name-without-id"}, output)

    def test_without_ids_it_says_only_that_names_can_be_registered_again(self):
        self.file.write_text(json.dumps({"Resources": deployed(Repository=WITHOUT, Environment="production", **ALL)}))
        _, output = rolewatch("trust", "lint", "--format", "json", self.file)
        self.assertLessEqual(lints(output), {"trust-name-without-id", "trust-single-form"}, output)

    def test_only_the_jobs_of_this_environment_get_in(self):
        for repository in (WITH_IDS, WITHOUT):
            resources = deployed(Repository=repository, Environment="production", **ALL)
            for name in ROLES:
                self.file.write_text(json.dumps(trust(resources[name])))
                for subject, code in (
                        (f"repo:{repository}:environment:production", 0),
                        (f"repo:{repository}:environment:staging", 1),
                        (f"repo:{repository}:environment:production2", 1),
                        (f"repo:{repository}:ref:refs/heads/main", 1),
                        (f"repo:{repository}:pull_request", 1),
                        (f"repo:{repository}-fork:environment:production", 1),
                        ("repo:my-org@999/my-repo@456789:environment:production", 1),
                        ("repo:my-org-evil/my-repo:environment:production", 1)):
                    with self.subTest(f"{name}: {subject}"):
                        done, output = rolewatch("trust", "explain", "--policy", self.file, "--subject", subject)
                        self.assertEqual(code, done, output)

    def test_a_wildcard_is_refused(self):
        for repository in ("my-org/*", "my-org@*/my-repo", "my-org/my-repo@?", "my-org", "my-org/my-repo:x", "a?/b", "/"):
            with self.assertRaises(ValueError, msg=repository):
                deployed(Repository=repository, Environment="production")
        for environment in ("*", "prod*", "a:b", "a b", ""):
            with self.assertRaises(ValueError, msg=environment):
                deployed(Repository=WITH_IDS, Environment=environment)


class WhatTheyMayDo(unittest.TestCase):
    def test_nothing_is_made_that_was_not_asked_for(self):
        self.assertEqual({"Provider"}, set(deployed(Repository=WITH_IDS, Environment="staging")))
        self.assertEqual(set(), set(deployed(Repository=WITH_IDS, Environment="staging", CreateProvider="no")))
        site = deployed(Repository=WITH_IDS, Environment="staging", CreateProvider="no", SiteBucket="www-my-org")
        self.assertEqual({"SiteRole"}, set(site))
        self.assertEqual(["s3:ListBucket", "s3:PutObject", "s3:DeleteObject"], actions(site["SiteRole"]))

    def test_sessions_are_as_short_as_a_role_can_make_them(self):
        for name, role in deployed(Repository=WITH_IDS, Environment="staging", **ALL).items():
            if name in ROLES:
                self.assertEqual(3600, role["Properties"]["MaxSessionDuration"], name)

    def test_staging_names_nothing_of_production(self):
        of = {environment: {name: role for name, role in deployed(
            Repository=WITH_IDS, Environment=environment, SiteBucket=f"www-{environment}", ImageRepository=f"shop/{environment}",
        ).items() if name in ROLES} for environment in ("staging", "production")}
        self.assertNotIn("production", json.dumps(of["staging"]))
        self.assertNotIn("staging", json.dumps(of["production"]))

    def test_a_deploy_role_names_its_actions_and_resources(self):
        resources = deployed(Repository=WITH_IDS, Environment="production", **ALL)
        for name in ROLES:
            for statement in resources[name]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
                with self.subTest(f"{name} {statement['Sid']}"):
                    self.assertNotIn("*", "".join(listed(statement["Action"])))
                    if statement["Sid"] != "LogIn":    # which takes no resource
                        for resource in listed(statement["Resource"]):
                            self.assertRegex(resource, r"^[^*?]+(/\*)?$")

    def test_the_cdk_role_can_do_nothing_by_itself(self):
        role = deployed(Repository=WITH_IDS, Environment="production", **ALL)["CdkRole"]
        self.assertEqual(["sts:AssumeRole"], actions(role))
        (statement,) = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        for arn in statement["Resource"]:
            self.assertRegex(arn, r"^arn:aws:iam::123456789012:role/cdk-hnb659fds-[a-z-]+-role-123456789012-eu-central-1$")

    def test_cloudformation_makes_roles_within_the_boundary_only(self):
        resources = deployed(Repository=WITH_IDS, Environment="production", **ALL)
        for statement in resources["RolewatchExecutionRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
            granted = set(listed(statement["Action"]))
            self.assertFalse(granted & {"iam:*", "*", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary",
                                        "iam:CreatePolicyVersion"})
            if granted & {"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}:
                self.assertEqual({"StringEquals": {"iam:PermissionsBoundary": "arn:of:RolewatchBoundary"}}, statement["Condition"])
            if any(it.startswith("iam:") for it in granted):
                self.assertEqual("arn:aws:iam::123456789012:role/rolewatch-*", statement["Resource"])

    def test_the_boundary_leaves_every_function_what_its_role_grants(self):
        boundary = deployed(Repository=WITH_IDS, Environment="production", **ALL)["RolewatchBoundary"]
        bounds = boundary["Properties"]["PolicyDocument"]["Statement"]
        allows = [it for statement in bounds for it in listed(statement["Action"])]
        # A policy that the deploying one writes reaches nobody else's queue, table, secret or object.
        for statement in bounds:
            if statement["Sid"] != "WhatHasNoNameOfOurs":
                for resource in listed(statement["Resource"]):
                    self.assertRegex(resource, "rolewatch[-/]|:central$")
        granted = set()
        for file in ("rolewatch.yaml", "forwarder.yaml"):
            if (TEMPLATE.parent / file).exists():
                template = json.loads(json.dumps(cfn_yaml.load(str(TEMPLATE.parent / file))))
                for resource in template["Resources"].values():
                    if resource["Type"] == "AWS::IAM::Role":
                        granted |= set(all_actions(resource["Properties"].get("Policies", [])))
        self.assertTrue(granted)
        missing = {it for it in granted if not any(fnmatch.fnmatch(it, allowed) for allowed in allows)}
        self.assertFalse(missing, "add them to RolewatchBoundary")
        self.assertFalse(set(allows) - granted, "nobody needs these any more")


def actions(role):
    return [action for policy in role["Properties"]["Policies"] for statement in policy["PolicyDocument"]["Statement"]
            for action in listed(statement["Action"])]


def all_actions(node):
    """The actions of every statement below, whatever condition it stands under."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and "Action" in node:
        yield from listed(node["Action"])
    for child in children:
        yield from all_actions(child)


def listed(value):
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    unittest.main()
