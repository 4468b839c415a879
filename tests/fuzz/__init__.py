"""Bodies, headers and framings that nobody would send, against a running ingress; `make fuzz` is the long form."""
