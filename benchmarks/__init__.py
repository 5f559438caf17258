"""What the house's choices are worth: each file measures one figure in one run, against a floor or limit that it names."""
