"""From the bytes of local shards to batches, with each byte moved twice."""
