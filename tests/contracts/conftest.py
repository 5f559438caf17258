"""Directories for the contract that each kind fulfils."""

from tests.directory.fixtures import cloud_domain, connect_domain, openldap, own_domain

__all__ = ["cloud_domain", "connect_domain", "openldap", "own_domain"]
