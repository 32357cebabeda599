"""
The lab's API alone, which can be copied with all that is in it: SIGUSR1 makes a copy, which says its address.

A copy is a fork of the process, so a stack is built once and each playbook finds it as it was. A request that is under
way would not be copied; whoever asks for a copy makes none meanwhile.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from lab import config

HOST = "127.0.0.1"
NOBODY = ("127.9.9.1", "127.9.9.254")  # refuses connections at once


def main(state: str) -> None:
    config.PUBLIC_POOL = NOBODY  # before the services read it
    config.keep_apart(Path(state))
    from lab import services
    from lab.services.ec2.images import publish_base_images

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    services.install(machines=False, endpoint=f"http://{HOST}:0")
    publish_base_images()
    listen()
    while signal.sigwait({signal.SIGUSR1}):
        if os.fork() == 0:
            listen()


def listen() -> None:
    """Serve at a port of its own. A copy has none of the threads of what it was copied from."""
    from lab.server import build_app, serve

    server = serve(build_app(on_change=lambda: None), (HOST, 0))
    print(f"{os.getpid()} http://{HOST}:{server.ports[0]}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
