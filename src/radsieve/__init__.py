"""radsieve: a clean, agreed-on data set of radiographs, and generated images sieved before they are generated."""
