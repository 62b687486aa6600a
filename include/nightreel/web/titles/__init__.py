"""The catalog over HTTP: titles, their history, changes to them, and the next night."""
