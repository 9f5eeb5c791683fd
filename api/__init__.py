"""THE DOORS: HTTP, pages, command line; nothing is decided here."""
