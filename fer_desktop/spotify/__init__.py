"""The music service Spotify: login, client, and the sandbox that stands in for it. No Qt."""
