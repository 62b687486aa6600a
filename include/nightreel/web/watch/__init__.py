"""To watch and judge what was converted: a title's page, and the tabs of a run."""
