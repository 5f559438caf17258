"""What the meter runs on in the browser: the list that the server judges by, and not many bytes."""

import gzip
from pathlib import Path

from registration import common_passwords

VENDOR = Path(__file__).parents[2] / "static" / "vendor"


def test_the_browser_has_the_server_s_list() -> None:
    words = (VENDOR / "common-passwords" / "first-10000.txt").read_text(encoding="utf-8").splitlines()
    assert words == common_passwords.lines()[:10_000]


def test_the_meter_is_light() -> None:
    """Over the wire, for everything that is loaded when somebody begins to type: 67 kB."""
    files = ("common-passwords/first-10000.txt", "zxcvbn-ts/zxcvbn-ts.js", "zxcvbn-ts/adjacencyGraphs.json")
    assert sum(len(gzip.compress((VENDOR / name).read_bytes())) for name in files) < 80_000
