"""Many people from a file: read, judged line by line without writing anything, then written in batches."""
