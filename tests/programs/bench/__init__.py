"""Throughput and memory on this machine: printed, asserted by no test."""
