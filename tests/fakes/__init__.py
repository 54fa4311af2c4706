"""Stand-ins that tests share for what cannot run in a test."""
