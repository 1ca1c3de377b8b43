"""The heavy validators, a group of their own: `make test-validators`."""
