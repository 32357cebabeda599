"""Logs as one JSON object a line. Of an exception its kind and place are written, not its text: texts hold values."""

from __future__ import annotations

import datetime
import json
import logging
import traceback


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        entry = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name == "gunicorn.access":
            entry |= _request(record.args)
        else:
            entry |= {"message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info and record.exc_info[0]:
            entry |= _exception(*record.exc_info[:2])
        return json.dumps(entry, ensure_ascii=False, default=str)


def _request(atoms) -> dict[str, object]:
    return {
        "client": atoms["h"],
        "method": atoms["m"],
        "path": atoms["U"],
        "status": int(atoms["s"]),
        "bytes": int(atoms["B"] or 0),
        "milliseconds": round(int(atoms["D"]) / 1000, 1),
        "trace": atoms["{x-amzn-trace-id}i"],
    }


def _exception(kind: type[BaseException], error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": kind.__qualname__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


CONFIG = {
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
