"""The reader of the lab's mails: decoded, oldest first, each link whole."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from pathlib import Path

from . import config

_LINK = re.compile(r"""https?://[^\s<>"']+""")
_SENTENCE = ".,;:!?)]}"  # what ends a sentence ends no link


@dataclasses.dataclass(frozen=True)
class Mail:
    """One message, without its encoding (quoted-printable breaks lines and writes `=` as `=3D`)."""

    sender: str
    recipient: str
    date: str
    subject: str
    text: str

    @property
    def links(self) -> list[str]:
        """The links in its text, each once."""
        return list(dict.fromkeys(link.rstrip(_SENTENCE) for link in _LINK.findall(self.text)))

    def __str__(self) -> str:
        head = f"From:    {self.sender}\nTo:      {self.recipient}\nDate:    {self.date}\nSubject: {self.subject}\n"
        return f"{head}\n{self.text.strip()}\n"


def read(folder: Path | None = None) -> list[Mail]:
    """The messages of a folder, by default of the lab's mailbox; the newest is last."""
    return [_parse(path) for path in sorted((folder or config.MAILBOX).glob("*.eml"))]


def _parse(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    sender, recipient, date, subject = (str(message[name] or "") for name in ("From", "To", "Date", "Subject"))
    return Mail(sender, recipient, date, subject, body.get_content() if body else "")
