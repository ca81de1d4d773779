"""What `attend-fusion report` tells of a run, and the page it is told on."""
