"""The desk's pages of password reset, under the names that Entra gives them: one file for each, `pages` has them all."""
