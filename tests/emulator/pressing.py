"""What somebody pressed in Slack, signed as Slack signs it, as the function's URL would hand it over.

The emulator keeps a function's URL and does not answer at it; nothing is posted to Slack, since no request names an address."""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse


def request(action, secret, timestamp=None, signed=None):
    """The request for an action: what a button says of itself."""
    payload = {"type": "block_actions", "user": {"id": "U2CERLKJA", "username": "roadrunner"}, "actions": [action]}
    body = urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()
    timestamp = str(timestamp or int(time.time()))
    base = b"v0:" + timestamp.encode() + b":" + (signed or body)
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"version": "2.0", "headers": {"x-slack-signature": signature, "x-slack-request-timestamp": timestamp,
                                          "content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": "POST", "path": "/"}},
            "body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def answer(stack, pressed):
    """The status that the function answers with."""
    answer = stack.lambda_.invoke(FunctionName=stack.outputs["ActionsFunctionName"], Payload=json.dumps(pressed))
    text = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise RuntimeError(text)
    return json.loads(text)["statusCode"]


def buttons(message):
    """The buttons of a message, each as Slack sends it when it is pressed."""
    blocks = json.loads(message).get("blocks", [])
    elements = [it for block in blocks if block["type"] == "actions" for it in block["elements"]]
    return [{name: it[name] for name in ("type", "action_id", "value")} for it in elements]
