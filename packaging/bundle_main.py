"""Where the bundled program starts."""

from __future__ import annotations

import multiprocessing

from ecgview.cli import main

if __name__ == "__main__":
    # Worker processes start as this program does, and are told here what they are.
    multiprocessing.freeze_support()
    main()
