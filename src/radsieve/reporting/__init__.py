"""What the pages of all tracks share: the frame of a page, tables, links, wording."""
