// Basemaps of an office's own, under everything else: off until somebody switches one on.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var OVER = "civicsight-over-basemap", SWATCH = "#8f9b86";

  // Return entries of the legend; the ground plan is faint while one is on.
  civicsight.ownBasemaps = function (view, basemaps) {
    var map = view.map, keys = (basemaps || []).map(function (own, k) {
      var key = "basemap" + k;
      if (!civicsight.layers[key]) {
        civicsight.layers[key] = L.tileLayer(own.url, {
          pane: "tilePane", zIndex: 0, maxNativeZoom: own.most, maxZoom: 21, className: "civicsight-basemap",
          errorTileUrl: "", referrerPolicy: "no-referrer",
        });
      }
      return key;
    });
    if (keys.length && !view.overBasemap) {
      view.overBasemap = true;
      map.on("civicsight:turn", function () {
        map.getContainer().classList.toggle(OVER, keys.some(function (key) { return map.hasLayer(civicsight.layers[key]); }));
      });
    }
    return keys.map(function (key, k) {
      return { keys: [key], label: basemaps[k].name, symbols: [{ style: { swatch: SWATCH } }] };
    });
  };
})();
