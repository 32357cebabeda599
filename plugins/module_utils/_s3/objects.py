# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: the objects of a website, as they have to be and as they are. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _content_types


def of_page(files: list[dict[str, str]], cache_control: str) -> dict[str, dict[str, str]]:
    """
    What has to be in the bucket, by path: C(etag), C(content_type) and C(cache_control).

    :param files: as the lookup C(tree) lists them with C(digest=etag).
    """
    return {
        one["path"]: dict(etag=one["etag"], content_type=_content_types.of(one["path"]), cache_control=cache_control)
        for one in files
    }


def outdated(wanted: dict[str, dict[str, str]], looks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The objects to upload, each with C(path), C(wanted) and C(found), which is empty for one that is missing.

    :param wanted: by path, the attributes that count.
    :param looks: results of M(amazon.aws.s3_object_info), one for each object that there is.
    """
    there = {one["item"]: _found(one["object_info"][0]["object_data"]) for one in looks}
    return [
        {"path": path, "wanted": attributes, "found": there.get(path, {})}
        for path, attributes in wanted.items()
        if any(there.get(path, {}).get(key) != value for key, value in attributes.items())
    ]


def _found(data: dict[str, Any]) -> dict[str, str]:
    return dict(
        etag=(data.get("e_tag") or data.get("etag") or "").strip('"'),
        content_type=data.get("content_type") or "",
        cache_control=data.get("cache_control") or "",
    )
