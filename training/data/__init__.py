"""From a data set as it is handed out to one memory-mapped cache of gray faces."""
