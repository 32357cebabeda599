"""Polls of a region whose time passes faster have to come faster too; that region's speed is in THREETIER_PACE.

Python reads this file at its start where its folder is in PYTHONPATH. Roles, modules and botocore's waiters are as they
are: of all of them, what sleeps a second or more polls AWS. Shorter sleeps are Ansible's own and stay.
"""

import os
import time


def _faster(sleep, speed):
    def paced(seconds):
        sleep(seconds / speed if seconds >= 1 else seconds)

    return paced


time.sleep = _faster(time.sleep, float(os.environ.get("THREETIER_PACE", "1")))
