"""``python -m ecgview``: the same as the command ``ecgview``."""

from ecgview.cli import main

main()
