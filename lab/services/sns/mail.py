"""The lab's post office: one .eml file for each message, names in the order in which they came."""

from __future__ import annotations

import itertools
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ... import config

_count = itertools.count()
SENDER = "no-reply@sns.amazonaws.com"


def post(recipient: str, subject: str, text: str, sender_name: str = "AWS Notifications") -> None:
    message = EmailMessage()
    message["From"] = f"{sender_name} <{SENDER}>"
    message["To"] = recipient
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="sns.amazonaws.com")
    message.set_content(text)
    config.MAILBOX.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{next(_count):06d}.eml"
    partial = config.MAILBOX / f".{name}"
    partial.write_bytes(bytes(message))
    partial.rename(config.MAILBOX / name)
