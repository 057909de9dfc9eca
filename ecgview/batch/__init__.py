"""Many records judged in processes side by side: on this machine or on a cluster, and gone on with when broken off."""
