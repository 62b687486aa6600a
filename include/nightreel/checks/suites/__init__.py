"""What is expected of the facts: five suites, each a table of facts and the rules for its columns."""
