"""What a name may be: one set of rules for users, products and files, in code and in the OpenAPI document.

A name is kept exactly as it was given, blanks around it too. 255 characters are at most 1,020 bytes of UTF-8, so each
name is a key that S3 takes (1,024 bytes). What XML cannot carry is refused: S3 lists keys in XML.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST = 255  # characters
_REFUSED = r"\u0000-\u001f\u007f-\u009f\ufffe\uffff"
_BLANKS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PATH = r"/\\"


def _pattern(refused: str) -> str:
    """None of these characters, and at least one that is no blank."""
    return f"^[^{refused}]*[^{refused}{_BLANKS}][^{refused}]*$"


def problem(name: str) -> str | None:
    """What is wrong with a name, as the end of a sentence; None if nothing is."""
    if not re.search(f"[^{_BLANKS}{_REFUSED}]", name):
        return "is empty"
    if len(name) > LONGEST:
        return f"has more than {LONGEST} characters"
    if re.search(f"[{_REFUSED}\ud800-\udfff]", name):
        return "holds characters that a name cannot have, such as line breaks, control characters or U+FFFE"
    return None


def file_problem(name: str) -> str | None:
    """The same of a file's name, which is no path either."""
    if re.search(f"[{_PATH}]", name) or name in (".", ".."):
        return "is a path, and a file's name is the last part of it only"
    return problem(name)


def last_part(path: str) -> str:
    """The file's name in what a browser sends for it, some of which send a path."""
    return re.split(f"[{_PATH}]", path)[-1]


def _checked(name: str) -> str:
    if found := problem(name):
        raise PydanticCustomError("own_words", "{words}", {"words": found})
    return name


def _checked_file(name: str) -> str:
    if found := file_problem(name):
        raise PydanticCustomError("own_words", "{words}", {"words": found})
    return name


def _schema(refused: str, **more: Any) -> WithJsonSchema:
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": _pattern(refused)}
    return WithJsonSchema(text | more)


Name = Annotated[str, AfterValidator(_checked), _schema(_REFUSED)]
FileName = Annotated[str, AfterValidator(_checked_file), _schema(_REFUSED + _PATH, **{"not": {"enum": [".", ".."]}})]
