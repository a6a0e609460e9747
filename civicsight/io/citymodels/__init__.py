"""Three-dimensional city models: CityJSON, CityJSONSeq and CityGML, as prisms."""
