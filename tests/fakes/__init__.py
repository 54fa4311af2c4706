"""Stand-ins for what cannot run in a test, shared by all tests."""
