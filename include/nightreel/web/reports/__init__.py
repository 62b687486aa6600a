"""The validation reports (Data Docs), read from one origin."""
