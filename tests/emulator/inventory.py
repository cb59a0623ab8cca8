"""What there is in an emulator: a module that leaves something behind fails itself, and not whichever comes after it."""

from emulator import REGION

# What is listed: service, call, key of the answer's list, key of a name in it.
LISTS = [
    ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("cloudtrail", "describe_trails", "trailList", "Name"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("events", "list_rules", "Rules", "Name"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("ssm", "describe_parameters", "Parameters", "Name"),
]
REGIONS = (REGION, "us-east-1")


def inventory(emulator):
    """The names of all that the tests' services hold, in each region that tests use."""
    return {f"{service} in {region}: {entry[name] if name else entry}"
            for region in REGIONS for service, call, entries, name in LISTS
            for entry in getattr(emulator.client(service, region), call)().get(entries, [])}
