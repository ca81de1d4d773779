"""The kinds of `attend-fusion benchmark`."""
