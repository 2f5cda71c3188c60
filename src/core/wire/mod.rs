//! From frames to segments: one header, one file.
