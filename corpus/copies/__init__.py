"""Which pictures may be copied, and what becomes of the copies: gate, packets, players."""
