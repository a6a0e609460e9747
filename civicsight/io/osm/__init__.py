"""OpenStreetMap: features out of PBF, XML and exports, and every table of a city out of them."""
