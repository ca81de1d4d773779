"""Fetching YouTube-8M shards: whole, verified, and resumed where cut off."""
