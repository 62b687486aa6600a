"""What a source row and a release must satisfy: measured facts, judged by named suites."""
