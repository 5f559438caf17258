"""What others wrote and we serve is exactly what they published."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings

FOLDERS = sorted(Path(settings.STATICFILES_DIRS[0], "vendor").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_vendored_file_has_its_hash_and_the_folder_its_license(folder: Path) -> None:
    """A file that was changed, added or lost is noticed."""
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    listed = {
        name: digest
        for digest, _, name in (line.partition("  ") for line in lines if not line.startswith("#"))
    }
    files = {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "SHA256SUMS"
    }
    assert files == listed
    assert any(name.startswith("LICENSE") for name in files)
