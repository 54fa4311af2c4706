"""From an emotion to a playlist: keywords, plan, search and creation, over any music service. No Qt."""
