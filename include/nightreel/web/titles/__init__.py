"""The catalog over HTTP: titles, their history, what is done with them, and the next night."""
