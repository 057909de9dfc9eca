"""Two records beside or over each other."""
