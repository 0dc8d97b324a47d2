"""The small pictures of lessons."""
