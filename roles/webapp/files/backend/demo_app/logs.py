"""Logs as one JSON object a line. Of an exception its kind and place are written, not its text: texts hold values."""

from __future__ import annotations

import datetime
import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any, cast

from . import request_ids


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        entry: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name == "gunicorn.access":
            entry |= _request(cast(Mapping[str, str], record.args))
        else:
            entry |= {"request": request} if (request := request_ids.current()) else {}
            entry |= {"message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info and record.exc_info[1]:
            entry |= _exception(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False, default=str)


def _request(atoms: Mapping[str, str]) -> dict[str, object]:
    # By the socket, which has no address, only nginx comes, and it puts the caller's own address into this header.
    return {
        "request": atoms["{x-request-id}o"],
        "client": atoms["h"] or atoms["{x-real-ip}i"],
        "method": atoms["m"],
        "path": atoms["U"],
        "status": int(atoms["s"]),
        "bytes": int(atoms["B"] or 0),
        "milliseconds": round(int(atoms["D"]) / 1000, 1),
        "trace": atoms["{x-amzn-trace-id}i"],
    }


def _exception(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__qualname__, "at": at}


CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "demo_app.logs.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stdout"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["stdout"], "propagate": False},
    },
}
