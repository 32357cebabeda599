"""The list of sources is the same wherever the sources are the same."""

from __future__ import annotations

import hashlib

import boto3
import pytest
from ansible.errors import AnsibleError
from ansible_collections.threetier.aws.plugins.lookup.tree import LookupModule
from moto import mock_aws


@pytest.fixture
def sources(tmp_path):
    for name in ("b.py", "a/z.py", "a/__pycache__/z.cpython-311.pyc", ".hidden", "a/old.pyc"):
        file = tmp_path / "sources" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "sources"


def _tree(*terms, **options):
    return LookupModule().run([str(term) for term in terms], **options)


def test_sources_are_listed_in_order_without_bytecode_and_hidden_files(sources):
    assert [file["path"] for file in _tree(sources)] == ["a/z.py", "b.py"]


def test_a_digest_is_of_the_content(sources):
    assert _tree(sources)[1]["sha256"] == hashlib.sha256(b"b.py").hexdigest()


def test_a_changed_file_changes_the_list(sources):
    before = _tree(sources)
    (sources / "a" / "z.py").write_text("changed")
    assert _tree(sources) != before


def test_a_moved_tree_does_not(sources):
    assert _tree(sources) == _tree(sources.rename(sources.with_name("elsewhere")))


def test_a_hidden_directory_above_hides_nothing(sources):
    hidden = sources.with_name(".cache")
    sources.rename(hidden)
    assert len(_tree(hidden)) == 2


def test_a_single_file_goes_by_its_name(sources):
    assert [file["path"] for file in _tree(sources / "b.py", sources / "a")] == ["b.py", "z.py"]


def test_a_directory_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(AnsibleError, match="neither a file nor a directory"):
        _tree(tmp_path / "gone")


def test_an_etag_is_what_s3_says_of_what_boto3_has_uploaded(sources, tmp_path):
    content = bytes(range(256)) * (9 << 12)  # 9 MiB, which boto3 uploads in two parts
    (sources / "b.py").write_bytes(content)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="page")
        for file in _tree(sources, digest="etag"):
            client.upload_file(str(sources / file["path"]), "page", file["path"])
            assert client.head_object(Bucket="page", Key=file["path"])["ETag"] == f'"{file["etag"]}"'
    assert _tree(sources, digest="etag")[1]["etag"].endswith("-2")


def test_a_digest_that_nobody_knows_is_refused(sources):
    with pytest.raises(AnsibleError, match="The digest is md4. It is one of etag, sha256"):
        _tree(sources, digest="md4")
