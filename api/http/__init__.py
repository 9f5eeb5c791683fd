"""HTTP resources for programs."""
