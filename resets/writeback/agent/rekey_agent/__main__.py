"""Run the agent as a module: python -m rekey_agent."""

import sys

from rekey_agent.command import main

if __name__ == "__main__":
    sys.exit(main())
