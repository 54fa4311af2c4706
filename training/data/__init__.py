"""From a data set as it is distributed to one memory-mapped cache of gray faces."""
