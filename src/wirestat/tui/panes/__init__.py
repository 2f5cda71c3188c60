"""The lists of the screen: one file each says what stands in a row."""
