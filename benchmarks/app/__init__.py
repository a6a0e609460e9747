"""The map of the app beside the usual way: folium.GeoJson through streamlit-folium."""
