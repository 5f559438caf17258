"""A domain controller of Samba's for the demo and the tests, from Debian's packages, on a loopback address of its own."""
