"""What pages and figures of all tracks share: the frame of a page, grids of images, wording."""
