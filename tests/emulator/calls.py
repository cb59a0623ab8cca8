"""What a call to AWS is, from its bytes: the action, as IAM names it, and the region."""

import dataclasses
import re
import urllib.parse

# REST services say what they mean by path alone.
LAMBDA = {
    r"/functions/[^/]+/configuration": "GetFunctionConfiguration",
    r"/functions/[^/]+/concurrency": "GetFunctionConcurrency",
    r"/functions/[^/]+/policy": "GetPolicy",
    r"/event-source-mappings/?": "ListEventSourceMappings",
}


@dataclasses.dataclass(frozen=True)
class Call:
    action: str
    region: str
    caller: str    # what it calls itself, see command_line.py

    @classmethod
    def read(cls, method, path, headers, body):
        """None where nobody signed, so that it is no call of the SDK's."""
        scope = re.search(r"Credential=[^/]+/[0-9]+/([^/]+)/([^/]+)/aws4_request", headers.get("Authorization", ""))
        if not scope:
            return None
        region, service = scope.groups()
        caller = re.search(r"app/(\S+)", headers.get("x-amz-user-agent", "") + " " + headers.get("User-Agent", ""))
        return cls(f"{service}:{action(service, method, path, headers, body)}", region, caller[1] if caller else "")


def action(service, method, path, headers, body):
    if target := headers.get("X-Amz-Target"):
        return target.rsplit(".", 1)[1]
    if form := urllib.parse.parse_qs(body.decode(errors="replace")).get("Action"):
        return form[0]
    path = urllib.parse.urlsplit(path).path
    if service == "account":
        return path[1].upper() + path[2:]
    if service == "lambda" and method == "GET":
        for pattern, name in LAMBDA.items():
            if re.search(f"{pattern}$", path):
                return name
    return f"{method} {path}"
