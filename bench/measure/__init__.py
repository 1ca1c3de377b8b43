"""Measures the running site beside its limits and peers: prints figures and judges nothing."""
