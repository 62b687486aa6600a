"""What is expected of the facts: suites, each a table of facts and the rules for its columns."""
