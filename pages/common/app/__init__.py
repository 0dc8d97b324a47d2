"""What stands round every page: the menu, the head of a page with its Share link, and notices."""
