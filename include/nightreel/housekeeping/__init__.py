"""What is nobody's any more: each kind is found, told and deleted by a rule of its own."""
