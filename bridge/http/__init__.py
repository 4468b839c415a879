"""The HTTP ports of ingress and worker: one hardened protocol, the answers and pages that both give."""
