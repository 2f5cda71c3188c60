"""Files of wirestat in other people's tools: each format through a reader that is not our own."""
