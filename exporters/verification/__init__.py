"""The numbered steps over a package (FORMATS section 7); needs no server and no database."""
