"""The look of one organization: logo, colours, texts, and where its help desk is."""
