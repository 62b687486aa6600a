"""The validation reports (Data Docs), served from one origin."""
