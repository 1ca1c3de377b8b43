"""What only editors have: who changed what and why, the way to publication, corrections. The public process has none of it."""
