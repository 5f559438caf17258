"""What to do about each check that fails, for who looks after the agent."""

WORDS: dict[str, str] = {
    "enrolled": "Have a code made on the portal's desk (On-premises domains), then: rekey-agent enrol",
    "portal": "Is portal right, and may this machine go out to it? portal_ca_file holds its issuer, if that is no public one.",
    "clock": "The agent goes by the portal's time, and works. Set this machine's clock all the same (NTP).",
    "connection": "Is the directory running, and directory.url right? Nothing answers there.",
    "tls": "directory.ca_file has to hold the certificate of who issued the directory's, and url or valid_name its name.",
    "bind": "The bind account's name or password is wrong, or it is disabled, locked or expired.",
    "writable": "This domain controller is read only: directory.url has to name one that takes changes.",
    "rights": "Delegate the rights on this place to the bind account; docs/agent.md has the lines.",
    "controls": "The directory does not check the history of passwords in a reset: the portal shows a warning.",
    "policy": "The bind account cannot read the domain's rules for passwords: let it read the domain's head.",
    "protected": "The bind account is a member of a privileged group. Give it the delegated rights alone.",
    "people": "The log says why people could not be brought; size_limit: give the bind account no limit of entries.",
    "places": "A place in directory.ous is not there, or the bind account cannot see it.",
}
