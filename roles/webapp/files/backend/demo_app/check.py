"""Refuse to serve before the application has been ready once: `python -m demo_app.check`, before the server starts.

A machine that never reached its database and AWS is of no use to anyone, so it opens no port and the load balancer
never sends it a request. Once it was ready, a mark says so: later the database may be away when the server restarts.
"""

from __future__ import annotations

import logging.config
import sys
from pathlib import Path

from . import __version__, logs
from .app import create_app
from .settings import Settings, SettingsError

MARK = Path("/var/lib/flask-app/was-ready")  # the directory is the unit's StateDirectory

_log = logging.getLogger(__name__)


def check(settings: Settings, mark: Path = MARK) -> bool:
    """Whether this very release was ready once, or is now."""
    if mark.is_file() and mark.read_text() == __version__:
        return True
    answer = create_app(settings).test_client().get("/ready")
    if answer.status_code != 200:
        fields = {"status": answer.status_code, "answer": answer.get_json(silent=True)}
        _log.error("Version %s is not ready and does not serve.", __version__, extra={"fields": fields})
        return False
    mark.write_text(__version__)
    return True


def main() -> int:
    logging.config.dictConfig(logs.CONFIG)
    try:
        return 0 if check(Settings.from_environment()) else 1
    except SettingsError as error:
        _log.error(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
