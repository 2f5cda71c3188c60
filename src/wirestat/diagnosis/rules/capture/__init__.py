"""The capture itself: what it lacks, and what it holds twice."""
