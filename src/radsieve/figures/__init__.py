"""Figures that several tracks draw: grids of images, outlines and heat over them, flow diagrams."""
