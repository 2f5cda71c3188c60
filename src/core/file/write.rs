//! The way back: frames to pcapng.
