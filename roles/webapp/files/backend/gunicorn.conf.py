"""How gunicorn serves the application: `gunicorn --config gunicorn.conf.py`, from any directory."""

import os
import sys
from typing import Any

chdir = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, chdir)

from demo_app import watch  # noqa: E402 - found only now
from demo_app.logs import CONFIG  # noqa: E402
from demo_app.settings import Settings, SettingsError  # noqa: E402

wsgi_app = "demo_app.app:create_app()"
bind = "0.0.0.0:5000"
workers = 2
worker_class = "gthread"
threads = 8  # an upload over a slow line holds a thread, not a worker
timeout = 60
graceful_timeout = 30  # requests in flight may end; the balancer's deregistration delay matches
keepalive = 75  # longer than the balancer's idle timeout of 60, or it would reuse closed connections
worker_tmp_dir = "/dev/shm"  # the heartbeat must not wait for a disk
control_socket_disable = True
accesslog = "-"
logconfig_dict = CONFIG


def post_worker_init(worker: Any) -> None:
    watch.start(worker.wsgi.extensions["demo_app"].account)


def on_starting(server: Any) -> None:
    """Say what is wrong with the environment in one line, not in a traceback of each worker."""
    try:
        Settings.from_environment()
    except SettingsError as error:
        server.log.error(str(error))
        sys.exit(1)
