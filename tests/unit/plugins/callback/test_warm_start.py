"""What Ansible has loaded before its first fork, no fork reads again."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.api import TOP

# In a process of its own: it counts what a fork would read, and whoever listens to that listens until its end.
LOADS = """
import gc, sys
from ansible.plugins import loader

loader.init_plugin_loader()
if {warm}:
    loader.callback_loader.get("threetier.aws.warm_start").v2_playbook_on_start(None)

read = []
sys.addaudithook(lambda event, about: read.append(str(about[0])) if event == "open" else None)
assert loader.filter_loader.get("threetier.aws.by_name").j2_function([], "id") == {{}}
loader.connection_loader.get("threetier.aws.warm_local", class_only=True)
loader.lookup_loader.get("ansible.builtin.env", class_only=True)
from ansible_collections.threetier.aws.plugins.plugin_utils import _warm_client
from ansible_collections.threetier.aws.plugins.plugin_utils import _warm_request
print(len([name for name in read if name.endswith(".py")]), gc.get_freeze_count() > 10_000)
"""


@pytest.mark.parametrize("warm", [True, False])
def test_a_fork_reads_no_plugin_again(warm):
    done = subprocess.run(
        [sys.executable, "-c", LOADS.format(warm=warm)],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(TOP / ".venv/collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files, frozen = done.stdout.split()
    assert (int(files) == 0, frozen == "True") == (warm, warm), done.stdout
