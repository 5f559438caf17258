"""The agent: sets passwords in an on-premises directory at the word of a Rekey portal."""

VERSION = "0.1.0"
