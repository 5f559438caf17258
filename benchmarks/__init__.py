"""What the house's choices are worth: each file measures one ratio in one run, against a floor that it names."""
