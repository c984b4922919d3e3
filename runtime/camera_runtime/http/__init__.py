"""What a process answers over HTTP."""
