"""The carriers of text messages and calls; each file is one, found by being here."""
