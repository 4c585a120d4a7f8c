"""radsieve: a clean, agreed-on data set of radiographs, and generated films sieved before they are drawn."""
