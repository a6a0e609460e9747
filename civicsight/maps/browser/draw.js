// What is drawn: geometry read from its short text, signs, and the ground plan as canvas tiles.
(function () {
  "use strict";

  var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  var STEPS_PER_DEGREE = 1e6;
  var POINT = 0, LINE = 1, RING = 2;
  var VALUE = {};
  for (var i = 0; i < ALPHABET.length; i++) {
    VALUE[ALPHABET.charCodeAt(i)] = i;
  }

  function readNumbers(text) {
    var out = [], value = 0, weight = 1;
    for (var k = 0; k < text.length; k++) {
      var six = VALUE[text.charCodeAt(k)];
      value += (six & 31) * weight;
      if (six & 32) {
        weight *= 32;
      } else {
        out.push(value);
        value = 0;
        weight = 1;
      }
    }
    return out;
  }

  // Features as lists of pieces {kind, path: [[latitude, longitude], ...]}.
  function readShapes(encoded) {
    var numbers = readNumbers(encoded.data), at = 0, lon = 0, lat = 0, features = [];
    function difference() {
      var n = numbers[at++];
      return n % 2 ? -(n + 1) / 2 : n / 2;
    }
    for (var f = 0; f < encoded.count; f++) {
      var pieces = [];
      for (var left = numbers[at++]; left > 0; left--) {
        var kind = numbers[at++], path = [];
        for (var points = numbers[at++]; points > 0; points--) {
          lon += difference();
          lat += difference();
          path.push([lat / STEPS_PER_DEGREE, lon / STEPS_PER_DEGREE]);
        }
        pieces.push({ kind: kind, path: path });
      }
      features.push(pieces);
    }
    return features;
  }

  // Signs differ by shape as well as by colour; each fits a circle of radius r.
  var SIGNS = {
    disc: function (c, x, y, r) { c.arc(x, y, r, 0, 2 * Math.PI); },
    square: function (c, x, y, r) { c.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7); },
    diamond: function (c, x, y, r) { corners(c, x, y, [[0, -r * 1.2], [r * 1.2, 0], [0, r * 1.2], [-r * 1.2, 0]]); },
    pause: function (c, x, y, r) {
      c.rect(x - r, y - r, r * 0.75, r * 2);
      c.rect(x + r * 0.25, y - r, r * 0.75, r * 2);
    },
    triangle: function (c, x, y, r) { corners(c, x, y, [[0, -r * 1.15], [r * 1.1, r * 0.85], [-r * 1.1, r * 0.85]]); },
    cross: function (c, x, y, r) {
      var a = r * 0.42, b = r * 1.15;
      corners(c, x, y, [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]);
    },
  };

  function corners(c, x, y, around) {
    around.forEach(function (p, k) {
      c[k ? "lineTo" : "moveTo"](x + p[0], y + p[1]);
    });
    c.closePath();
  }

  function drawSign(context, x, y, style, zoom) {
    // Seen from far, signs shrink before they hide each other.
    var r = (style.radius || 6) * (zoom === undefined ? 1 : Math.min(1, Math.max(0.5, (zoom - 12) / 5)));
    context.save();
    context.setLineDash([]);
    if (style.sign === "cross") {
      context.translate(x, y);
      context.rotate(Math.PI / 4);
      context.translate(-x, -y);
    }
    context.beginPath();
    SIGNS[style.sign](context, x, y, r);
    context.lineWidth = r > 4 ? 4 : 2.5;
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.fillStyle = style.hollow ? "#ffffff" : style.color;
    context.fill();
    context.lineWidth = (style.hollow ? 2.5 : 1) * (r > 4 ? 1 : 0.7);
    context.strokeStyle = style.hollow ? style.color : "#1a1a1a";
    context.stroke();
    context.restore();
  }

  // A marker on Leaflet's canvas that draws one of the signs and keeps Leaflet's hit test.
  var SignMarker = L.CircleMarker.extend({
    _updatePath: function () {
      var context = this._renderer._ctx;
      if (context && this._renderer._drawing && !this._empty()) {
        drawSign(context, this._point.x, this._point.y, this.options.look, this._map.getZoom());
      }
    },
  });

  function lineOptions(style, renderer) {
    return {
      renderer: renderer,
      color: style.color,
      weight: style.width || 2,
      opacity: 1,
      dashArray: style.dash || null,
      fill: style.fill !== undefined,
      fillColor: style.color,
      fillOpacity: style.fill || 0,
      fillRule: "evenodd",
    };
  }

  // Leaflet layers for one feature: its lines and areas, and its sign if the style has one.
  function drawFeature(pieces, at, style, renderer) {
    var layers = [], lines = [], rings = [];
    pieces.forEach(function (piece) {
      if (piece.kind === LINE) {
        lines.push(piece.path);
      } else if (piece.kind === RING) {
        rings.push([piece.path]);
      } else if (piece.kind !== POINT) {
        rings[rings.length - 1].push(piece.path);
      }
    });
    if (rings.length) {
      layers.push(L.polygon(rings, lineOptions(style, renderer)));
    }
    if (lines.length) {
      layers.push(L.polyline(lines, lineOptions(style, renderer)));
    }
    if (style.sign) {
      layers.push(new SignMarker(at, { renderer: renderer, radius: style.radius || 6, look: style }));
    }
    return layers;
  }

  // The ground plan: thousands of shapes without any interaction, painted tile by tile.
  var GroundPlan = L.GridLayer.extend({
    initialize: function (data, options) {
      L.GridLayer.prototype.initialize.call(this, options);
      this._styles = data.styles;
      this._features = readShapes(data.shapes).map(function (pieces, k) {
        return project(pieces, data.style ? data.style[k] : 0);
      });
    },
    createTile: function (coords) {
      var size = this.getTileSize(), ratio = window.devicePixelRatio || 1;
      var tile = L.DomUtil.create("canvas", "leaflet-tile");
      tile.width = size.x * ratio;
      tile.height = size.y * ratio;
      var context = tile.getContext("2d");
      var scale = Math.pow(2, coords.z) * ratio;
      var x = coords.x * size.x * ratio, y = coords.y * size.y * ratio, margin = 8 * ratio;
      var near = this._features.filter(function (f) {
        return f.box[0] * scale - x < tile.width + margin && f.box[2] * scale - x > -margin &&
          f.box[1] * scale - y < tile.height + margin && f.box[3] * scale - y > -margin;
      });
      this._styles.forEach(function (style, k) {
        var own = near.filter(function (f) { return f.style === k; });
        if (own.length) {
          paint(context, own, style, scale, x, y, ratio, coords.z);
        }
      });
      return tile;
    },
  });

  function project(pieces, style) {
    var box = [Infinity, Infinity, -Infinity, -Infinity];
    var paths = pieces.map(function (piece) {
      var flat = new Float64Array(piece.path.length * 2);
      piece.path.forEach(function (p, k) {
        var world = L.CRS.EPSG3857.latLngToPoint(L.latLng(p[0], p[1]), 0);
        flat[2 * k] = world.x;
        flat[2 * k + 1] = world.y;
        box = [Math.min(box[0], world.x), Math.min(box[1], world.y), Math.max(box[2], world.x), Math.max(box[3], world.y)];
      });
      return { closed: piece.kind >= RING, flat: flat };
    });
    return { paths: paths, box: box, style: style };
  }

  var BATCH = 200;  // a path of many thousand corners takes a browser minutes to fill

  function paint(context, features, style, scale, x, y, ratio, zoom) {
    // Streets keep their width on the ground until they would vanish.
    var width = style.metres ? Math.max(style.least, style.metres * Math.pow(2, zoom - 17)) : style.width;
    context.lineJoin = "round";
    context.lineCap = style.dash ? "butt" : "round";
    context.setLineDash((style.dash || []).map(function (d) { return d * ratio; }));
    context.lineWidth = width * ratio;
    context.strokeStyle = style.color;
    context.fillStyle = style.fill || "transparent";
    for (var first = 0; first < features.length; first += BATCH) {
      context.beginPath();
      features.slice(first, first + BATCH).forEach(function (feature) {
        trace(context, feature, scale, x, y, style.fill);
      });
      if (style.fill) {
        context.fill("evenodd");
      }
      context.stroke();
    }
  }

  function trace(context, feature, scale, x, y, filled) {
    var box = feature.box, wide = (box[2] - box[0]) * scale, high = (box[3] - box[1]) * scale;
    if (filled && wide < 3 && high < 3) {  // too small to show its outline
      context.rect(box[0] * scale - x, box[1] * scale - y, wide, high);
      return;
    }
    feature.paths.forEach(function (path) {
      for (var k = 0; k < path.flat.length; k += 2) {
        context[k ? "lineTo" : "moveTo"](path.flat[k] * scale - x, path.flat[k + 1] * scale - y);
      }
      if (path.closed) {
        context.closePath();
      }
    });
  }

  window.civicsight = {
    layers: {},
    drawFeature: drawFeature,
    drawSign: drawSign,
    paint: paint,
    groundPlan: function (data, options) { return new GroundPlan(data, options); },
    readShapes: readShapes,
  };
})();
