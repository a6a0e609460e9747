// What lies under everything else: basemaps of an office's own, off until somebody switches one on,
// and the relief as light and shadow.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var OVER = "civicsight-over-basemap", SWATCH = "#8f9b86";

  // A service whose tiles are cut in degrees, from the north pole and the date line, 180 a tile at
  // zoom 1: a column is that of Web Mercator at the same zoom; rows are laid anew, strip by strip.
  var STRIP_PX = 4, TILE_PX = 256;
  var Degrees = L.GridLayer.extend({
    initialize: function (url, options) {
      this._url = url;
      L.setOptions(this, options);
    },
    setUrl: function () {},  // a service has no token that ends
    createTile: function (coords, done) {
      var tile = document.createElement("canvas"), column = document.createElement("canvas");
      var across = Math.pow(2, coords.z), waiting = 0;
      function row(px) {  // of a line of this tile, in pixels of the service from the pole
        var lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * (coords.y + px / TILE_PX) / across)));
        return (90 - lat * 180 / Math.PI) * TILE_PX * across / 360;
      }
      var first = Math.floor(row(0) / TILE_PX), last = Math.floor(row(TILE_PX) / TILE_PX);
      tile.width = tile.height = column.width = TILE_PX;
      column.height = (last - first + 1) * TILE_PX;
      function arrived() {
        waiting--;
        if (waiting) {
          return;
        }
        for (var px = 0; px < TILE_PX; px += STRIP_PX) {
          var from = row(px) - first * TILE_PX, to = row(px + STRIP_PX) - first * TILE_PX;
          tile.getContext("2d").drawImage(column, 0, from, TILE_PX, to - from, 0, px, TILE_PX, STRIP_PX);
        }
        done(null, tile);
      }
      for (var y = first; y <= last; y++) {
        waiting++;
        fetched(L.Util.template(this._url, { z: coords.z, x: coords.x, y: y }), (y - first) * TILE_PX);
      }
      function fetched(url, at) {
        var picture = new Image();
        picture.referrerPolicy = "no-referrer";
        picture.onload = function () {
          column.getContext("2d").drawImage(picture, 0, at, TILE_PX, TILE_PX);
          arrived();
        };
        picture.onerror = arrived;
        picture.src = url;
      }
      return tile;
    },
  });

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
        civicsight.layers[key] = new (own.degrees ? Degrees : L.TileLayer)(own.url, {
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
