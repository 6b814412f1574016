"""What runs inside engine processes for retrieval; nothing outside them imports it, but set-up."""
