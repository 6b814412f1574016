"""What runs inside engine processes for retrieval, and how its models are converted once, at set-up."""
