"""A domain controller of Samba's for the demo and the tests: provisioned from Debian's packages, on a loopback address of its own."""
