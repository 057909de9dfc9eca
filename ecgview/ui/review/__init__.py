"""Labels by readers in the window: who reads, relabelling, worklists, blinded rounds, agreement."""
