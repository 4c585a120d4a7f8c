"""The clinical tasks of the sources: tables, images and texts classified by protocols, the honest one first."""
