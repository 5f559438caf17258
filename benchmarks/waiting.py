"""How soon five thousand waiting agents are woken, against one."""
