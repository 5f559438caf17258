"""The installation: settings, addresses, servers, and the demo."""
