"""Landing of exactly-tested trees."""
