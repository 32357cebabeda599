"""The lab's one process: the API's server in threads, the controllers in the main one."""

from __future__ import annotations

import logging
import os
import signal

from . import config, host, pki, services

log = logging.getLogger("lab")


def run() -> None:
    """Serve until SIGTERM or SIGINT, then take everything down. HostError if this machine has a lab already."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    lock = host.take_lock()
    services.install(machines=True)
    from .reconcile import Manager
    from .server import build_app, serve

    try:
        host.prepare()
        pki.ensure_authority()
        manager = Manager()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: manager.stop())
        app = build_app(on_change=manager.wake, status=manager.status)
        homes = [(address, config.API_PORT) for address in (config.HOST_ADDRESS, *config.SERVICE_ADDRESSES.values())]
        server = serve(app, *homes, (config.HOST_ADDRESS, config.WEBSITE_PORT))
        config.PID.write_text(str(os.getpid()))
        log.info("the API answers at %s", config.ENDPOINT)
        manager.run()
        log.info("going down")
        server.stop()
        services.close()
        manager.close()
    finally:
        host.sweep()
        lock.close()
        log.info("down")
