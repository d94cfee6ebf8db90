"""The promises of each room, as small tables that an expert can read."""
