"""What one document says of another is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LISTED = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]
DOCUMENTS = subprocess.run(LISTED, cwd=TOP, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_are_there(document):
    text = (TOP / document).read_text()
    links = {link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if not re.match(r"\w+:", link)}
    assert {link for link in links if not ((TOP / document).parent / link).exists()} == set()
