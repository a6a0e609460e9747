// What is drawn at which scale: places as rings of their parts from afar, every sign near by.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var SCALED = ["views_sure", "views_assumed", "overlaps", "duplicates", "gaps", "parts", "edited_parts", "cameras"];
  var COUNTED = ["parts", "cameras"];
  var SIGNS = 160, LONELY = 40;  // with more of them in view, signs hide each other
  var NEAR_ZOOM = 17.75, FAR_ZOOM = 16;
  var FEW = 1500;  // a layer of so many is drawn as a whole, a larger one where it is looked at
  var RADIUS_PX = 46;
  var QUIET = 5, RING = 13;

  function features(key) {
    var layer = civicsight.layers[key];
    return (layer && layer.all) || [];
  }

  function on(map, key) {
    var layer = civicsight.layers[key];
    return Boolean(layer) && map.hasLayer(layer);
  }

  civicsight.isScaled = function (key) { return SCALED.indexOf(key) >= 0; };

  // A layer whose features come and go with the scale: it is switched as a whole by the legend.
  civicsight.scaled = function (layer) {
    layer.onAdd = function () {};
    layer.onRemove = function () {
      layer.all.forEach(function (one) { draw(layer, one, false); });
    };
    return layer;
  };

  // What is drawn elsewhere, by a layer of its own, is hidden here.
  function draw(layer, one, wanted) {
    wanted = wanted && !one.hidden;
    if (wanted === Boolean(one.drawn)) {
      return false;
    }
    one.drawn = wanted;
    one.parts.forEach(function (part) {
      if (wanted) {
        layer.addLayer(part);
      } else {
        layer.removeLayer(part);
      }
    });
    return true;
  }

  function inside(box) {
    var west = box.getWest(), east = box.getEast(), south = box.getSouth(), north = box.getNorth();
    return function (one) {
      var at = one.data.at[one.k];
      return at[0] >= south && at[0] <= north && at[1] >= west && at[1] <= east;
    };
  }

  function isNear(map) {
    if (map.getZoom() >= NEAR_ZOOM) {
      return true;
    }
    var isIn = inside(map.getBounds()), most = map.getZoom() < FAR_ZOOM ? LONELY : SIGNS, count = 0;
    return COUNTED.every(function (key) {
      return !on(map, key) || features(key).every(function (one) { return !isIn(one) || ++count <= most; });
    });
  }

  function drawSigns(map, near) {
    var isIn = inside(map.getBounds().pad(0.3)), changed = false;
    SCALED.forEach(function (key) {
      if (on(map, key)) {
        var all = features(key), few = all.length <= FEW, layer = civicsight.layers[key];
        all.forEach(function (one) { changed = draw(layer, one, near && (few || isIn(one))) || changed; });
      }
    });
    if (changed) {
      civicsight.order();
    }
  }

  // A ring of the states of a place's parts, with the number of those that are open; a quiet dot
  // where there is none.
  var RingMarker = L.CircleMarker.extend({
    _updatePath: function () {
      var context = this._renderer._ctx;
      if (context && this._renderer._drawing && !this._empty()) {
        drawRing(context, this._point, this.options);
      }
    },
  });

  function drawRing(context, at, look) {
    context.save();
    context.setLineDash([]);
    disc(context, at, look.radius + 2, "#ffffff");
    if (!look.open) {
      disc(context, at, look.radius, look.colors[look.counts.findIndex(Boolean)]);
      context.restore();
      return;
    }
    var total = look.counts.reduce(sum, 0), from = -Math.PI / 2;
    look.counts.forEach(function (count, k) {
      var to = from + 2 * Math.PI * count / total;
      if (count) {
        context.beginPath();
        context.moveTo(at.x, at.y);
        context.arc(at.x, at.y, look.radius, from, to);
        context.fillStyle = look.colors[k];
        context.fill();
      }
      from = to;
    });
    disc(context, at, look.radius * 0.6, "#ffffff");
    context.fillStyle = "#1a1a1a";
    context.font = "700 " + (look.open > 99 ? 9 : 12) + "px " + look.family;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(look.open > 999 ? "999+" : String(look.open), at.x, at.y + 0.5);
    context.restore();
  }

  function disc(context, at, radius, color) {
    context.beginPath();
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }

  function sum(a, b) { return a + b; }

  function openOf(data, counts) {
    return counts.reduce(function (open, count, k) { return open + (data.open[k] ? count : 0); }, 0);
  }

  // How many parts of each place are in each state, with what a draft or a plan makes of them: a part
  // that is drawn elsewhere counts as it is drawn there, and not at all where it is drawn nowhere.
  function countsOf(data) {
    var parts = civicsight.layers.parts, edited = civicsight.layers.edited_parts, now = {}, counts = data.counts;
    if (!parts || !parts.all || !parts.all.some(function (one) { return one.hidden; })) {
      return counts;
    }
    ((edited && edited.all) || []).forEach(function (one) { now[one.data.ids[one.k]] = one.data.style[one.k]; });
    counts = counts.map(function (own) { return own.slice(); });
    data.parts.ids.forEach(function (id, k) {
      var own = counts[data.parts.of[k]];
      if (own && parts.byId[id] && parts.byId[id].hidden) {
        own[data.parts.state[k]] -= 1;
        if (id in now) {
          own[now[id]] += 1;
        }
      }
    });
    return counts;
  }

  // Places that would touch each other on the screen are one ring.
  function clustersOf(data) {
    var counts = countsOf(data);
    var index = new Supercluster({
      radius: RADIUS_PX, extent: 256, maxZoom: 20,
      map: function (own) { return { counts: own.counts }; },
      reduce: function (all, own) {
        all.counts = all.counts.map(function (count, k) { return count + own.counts[k]; });
      },
    });
    return index.load(data.ids.map(function (_, k) {
      return {
        type: "Feature", properties: { k: k, counts: counts[k] },
        geometry: { type: "Point", coordinates: [data.at[k][1], data.at[k][0]] },
      };
    }));
  }

  function saying(data, counts, title) {
    var said = counts.map(function (count, k) { return count ? data.labels[k] + " " + count : ""; });
    return [title].concat(said.filter(Boolean)).join("\n");
  }

  function ring(view, data, found) {
    var own = found.properties, counts = own.counts, open = openOf(data, counts);
    var at = L.latLng(found.geometry.coordinates[1], found.geometry.coordinates[0]);
    var grown = own.cluster ? Math.min(8, 2 * Math.log2(own.point_count)) : 0;
    var marker = new RingMarker(at, {
      renderer: civicsight.canvas(), radius: (open ? RING : QUIET) + grown,
      counts: counts, colors: data.colors, open: open, family: civicsight.family(view),
    });
    marker.title = saying(data, counts, own.cluster ? data.several.replace("{n}", own.point_count) : data.titles[own.k]);
    marker.place = { name: own.cluster ? "" : data.names[own.k], open: open, at: at, radius: marker.options.radius };
    marker.on("click", function (event) {
      L.DomEvent.stopPropagation(event);
      if (view.tool !== "select") {
        civicsight.ground(view, event.originalEvent);
      } else if (own.cluster) {
        view.map.setView(at, Math.min(19, view.clusters.getClusterExpansionZoom(own.cluster_id)), { animate: false });
      } else {
        civicsight.show("zones", data.ids[own.k]);
        view.send({ kind: "select", layer: "zones", id: data.ids[own.k], lat: at.lat, lng: at.lng });
      }
    });
    return marker;
  }

  function drawRings(view, near) {
    var map = view.map, data = view.places, box = map.getBounds().pad(0.2);
    view.rings.clearLayers();
    if (!data || near || !on(map, "parts")) {
      return;
    }
    view.clusters = view.clusters || clustersOf(data);
    var around = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    view.clusters.getClusters(around, Math.round(map.getZoom())).map(function (found) {
      return ring(view, data, found);
    }).sort(function (a, b) {
      return a.place.open - b.place.open;  // what is open lies on top
    }).forEach(function (marker) { view.rings.addLayer(marker); });
    view.rings.bringToFront();
  }

  // Cameras from afar: a dot each, painted tile by tile, not to be clicked.
  var Dots = L.GridLayer.extend({
    initialize: function (places) {
      L.GridLayer.prototype.initialize.call(this, { pane: "tilePane", zIndex: 40, updateWhenZooming: false });
      this._at = places.map(function (at) { return L.CRS.EPSG3857.latLngToPoint(L.latLng(at), 0); });
    },
    createTile: function (coords) {
      var ratio = window.devicePixelRatio || 1, side = 256 * ratio, scale = Math.pow(2, coords.z) * ratio;
      var tile = L.DomUtil.create("canvas", "leaflet-tile"), x = coords.x * side, y = coords.y * side;
      tile.width = tile.height = side;
      var context = tile.getContext("2d");
      context.fillStyle = "rgba(26, 26, 26, .6)";
      this._at.forEach(function (at) {
        var px = at.x * scale - x, py = at.y * scale - y;
        if (px > -3 && py > -3 && px < side + 3 && py < side + 3) {
          context.fillRect(px - ratio, py - ratio, 2 * ratio, 2 * ratio);
        }
      });
      return tile;
    },
  });

  function drawDots(view, near) {
    var wanted = !near && on(view.map, "cameras");
    if (wanted && !view.dots) {
      var shown = features("cameras").filter(function (one) { return !one.hidden; });
      view.dots = new Dots(shown.map(function (one) { return one.data.at[one.k]; })).addTo(view.map);
    } else if (!wanted && view.dots) {
      view.dots.remove();
      view.dots = null;
    }
  }

  // Bring what is drawn to the scale of the moment.
  civicsight.rescale = function (view) {
    var near = isNear(view.map);
    view.near = near;
    drawSigns(view.map, near);
    drawRings(view, near);
    drawDots(view, near);
    civicsight.drawNames(view);
  };

  // Another document: its places, as rings; null while there is none.
  civicsight.takePlaces = function (view, places) {
    if (!view.rings) {
      view.rings = civicsight.above = L.featureGroup().addTo(view.map);
      view.map.on("moveend civicsight:turn", function () { civicsight.rescale(view); });
      view.map.on("civicsight:recount", function () {  // what stands in place of parts is another
        view.clusters = null;
        civicsight.rescale(view);
      });
      view.rings.on("mouseover", function (event) { civicsight.nameOf(view, event); });
      view.rings.on("mouseout", function () { view.map.closeTooltip(view.tip); });
    }
    view.rings.clearLayers();
    view.places = places;
    view.clusters = null;
    if (view.dots) {
      view.dots.remove();
      view.dots = null;
    }
  };
})();
