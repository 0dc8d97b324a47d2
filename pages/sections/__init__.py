"""What one page alone needs, a folder a page; no section imports another."""
