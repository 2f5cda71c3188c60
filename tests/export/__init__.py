"""What other people's tools read of what wirestat writes: each format through a reader that is not our own."""
