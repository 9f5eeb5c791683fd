"""What a person may ask: every command, derived from the event that it leads to."""
