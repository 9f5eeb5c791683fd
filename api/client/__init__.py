"""The client's side of writing: what happens on the desk of the person who signs."""
