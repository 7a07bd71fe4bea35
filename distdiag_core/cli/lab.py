"""`distdiag lab`: a real cluster on this machine."""
