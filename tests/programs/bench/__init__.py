"""Throughput and memory on this machine: printed, never asserted."""
