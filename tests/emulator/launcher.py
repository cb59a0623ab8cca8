"""Runs MiniStack for the tests, in a process of its own: `python launcher.py`, settings from the environment.

Differs from the command `ministack` in two things:

1. PutEvents takes events whose source begins with "aws.", as CloudTrail's do. MiniStack refuses them, as AWS does:
   only AWS itself sends them, and MiniStack has no CloudTrail that would.
2. It ends with the process that started it, however that ended, and takes the functions' processes along.
"""

import functools
import os
import signal
import sys
import threading


def end_with_parent():
    """The parent holds the other end of our standard input; it is closed when the parent is gone, even if killed."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)    # the parent started us in a group of our own


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()

    from ministack.services import eventbridge

    eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)

    from ministack.app import main as ministack

    ministack()


if __name__ == "__main__":
    main()
