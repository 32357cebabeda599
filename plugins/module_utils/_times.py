# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: how a time is shown. Private to this collection."""

from __future__ import annotations

from typing import Any


def second(time: Any) -> str:
    """One form for what AWS says in several (2026-11-21T08:00:00.000Z, 2026-11-21T08:00:00+00:00); all are in UTC."""
    return f"{str(time)[:19].replace('T', ' ')}Z" if time else ""
