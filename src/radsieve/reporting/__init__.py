"""What pages and figures of all tracks share: the frame of a page, sheets of films, wording."""
