"""A record on paper and in pictures, in true millimetres."""
