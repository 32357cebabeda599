"""Sub-resources of buckets and objects that moto does not know: it takes `PUT ?requestPayment` for a CreateBucket."""

from __future__ import annotations

import functools
from typing import Any

from moto.s3.responses import S3Response

from ... import operations
from ...monkeypatch import wrap

_OWNER_PAYS = (  # which is what S3 says of each bucket that was told nothing else
    '<?xml version="1.0" encoding="UTF-8"?><RequestPaymentConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
)
# What of moto answers a request that it finds no sub-resource in, the operation that this is, and a path of that kind.
_FALLBACKS = {
    "_get_location_constraint": ("CreateBucket", "/bucket"),
    "list_objects": ("ListObjects", "/bucket"),
    "delete_bucket": ("DeleteBucket", "/bucket"),
    "put_object": ("PutObject", "/bucket/key"),
    "get_object": ("GetObject", "/bucket/key"),
    "delete_object": ("DeleteObject", "/bucket/key"),
}


def refuse_others(original: Any, operation: str, path: str) -> Any:
    """Such a request is answered with 501 and the name of what it asks for, instead of doing something else."""

    def answer(self: S3Response, *arguments: Any) -> Any:
        query = {name: values[0] for name, values in self._get_querystring(self.request, self.uri).items()}
        asked = operations.name("s3", self.method, path, query, {name.lower() for name in dict(self.headers)})
        if asked == "GetBucketRequestPayment":
            self.backend.head_bucket(self.bucket_name)
            return 200, {}, _OWNER_PAYS
        if asked not in (operation, None):
            raise NotImplementedError(asked)
        return original(self, *arguments)

    return answer


def install(_machines: bool = False) -> None:
    for name, (operation, path) in _FALLBACKS.items():
        wrap(S3Response, name, functools.partial(refuse_others, operation=operation, path=path))
