// What lies under everything else: basemaps of an office's own, off until somebody switches one on,
// and the relief as light and shadow.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var OVER = "civicsight-over-basemap", SWATCH = "#8f9b86";

  // Addresses hold a token that ends: tiles that are still to come are asked for by the new one.
  civicsight.renewBasemaps = function (basemaps) {
    (basemaps || []).forEach(function (own, k) {
      var layer = civicsight.layers["basemap" + k];
      if (layer) {
        layer.setUrl(own.url, true);
      }
    });
  };

  // Return entries of the legend; the ground plan is faint while one is on.
  civicsight.ownBasemaps = function (view, basemaps) {
    var map = view.map, keys = (basemaps || []).map(function (own, k) {
      var key = "basemap" + k;
      if (!civicsight.layers[key]) {
        civicsight.layers[key] = L.tileLayer(own.url, {
          pane: "tilePane", zIndex: own.shade ? 1 : 0, maxZoom: 21, className: "civicsight-basemap", referrerPolicy: "no-referrer",
        });
        if (own.shade) {
          civicsight.layers[key].addTo(map);
        }
      }
      return key;
    });
    if (keys.length && !view.overBasemap) {
      view.overBasemap = true;
      map.on("civicsight:turn", function () {
        map.getContainer().classList.toggle(OVER, keys.some(function (key, k) { return !basemaps[k].shade && map.hasLayer(civicsight.layers[key]); }));
      });
    }
    return keys.map(function (key, k) {
      return { keys: [key], label: basemaps[k].name, symbols: [{ style: { swatch: SWATCH } }] };
    });
  };
})();
