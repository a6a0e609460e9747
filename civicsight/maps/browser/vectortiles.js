// The ground plan from vector tiles: read here, painted sharp at every zoom and pixel ratio.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var KEPT = 160;  // tiles that stay read

  function Reader(buffer, start, end) {
    this.bytes = buffer;
    this.at = start;
    this.end = end;
  }
  Reader.prototype.varint = function () {
    var value = 0, weight = 1, byte;
    do {
      byte = this.bytes[this.at++];
      value += (byte & 127) * weight;
      weight *= 128;
    } while (byte > 127);
    return value;
  };
  // Calls visit(number, value): a reader for a message or text, a number for a number.
  Reader.prototype.fields = function (visit) {
    while (this.at < this.end) {
      var tag = this.varint(), number = Math.floor(tag / 8);
      if ((tag & 7) === 2) {
        var size = this.varint();
        visit(number, new Reader(this.bytes, this.at, this.at + size));
        this.at += size;
      } else {
        visit(number, this.varint());
      }
    }
  };
  Reader.prototype.text = function () {
    return new TextDecoder().decode(this.bytes.subarray(this.at, this.end));
  };
  Reader.prototype.numbers = function () {
    var out = [];
    while (this.at < this.end) {
      out.push(this.varint());
    }
    return out;
  };

  // A tile as {layer name: {extent, features: [{value, paths, box}]}}.
  function readTile(buffer) {
    var bytes = new Uint8Array(buffer), tile = {};
    new Reader(bytes, 0, bytes.length).fields(function (number, layer) {
      if (number === 3) {
        readLayer(layer, tile);
      }
    });
    return tile;
  }

  function readLayer(reader, tile) {
    var name = "", extent = 4096, features = [], values = [];
    reader.fields(function (number, value) {
      if (number === 1) {
        name = value.text();
      } else if (number === 2) {
        features.push(readFeature(value));
      } else if (number === 4) {
        value.fields(function (_, plain) { values.push(plain instanceof Reader ? plain.text() : plain); });
      } else if (number === 5) {
        extent = value;
      }
    });
    features.forEach(function (feature) { feature.value = values[feature.tag]; });
    tile[name] = { extent: extent, features: features };
  }

  function readFeature(reader) {
    var feature = { tag: 0, paths: [], box: [Infinity, Infinity, -Infinity, -Infinity] };
    reader.fields(function (number, value) {
      if (number === 2) {
        feature.tag = value.numbers()[1];
      } else if (number === 4) {
        readPaths(value.numbers(), feature);
      }
    });
    return feature;
  }

  function readPaths(numbers, feature) {
    var x = 0, y = 0, points = [], box = feature.box;
    function keep(closed) {
      if (points.length) {
        feature.paths.push({ closed: closed, flat: Int16Array.from(points) });
        points = [];
      }
    }
    for (var at = 0; at < numbers.length;) {
      var command = numbers[at] & 7, count = numbers[at++] >> 3;
      if (command === 7) {
        keep(true);
        continue;
      }
      if (command === 1) {
        keep(false);
      }
      for (; count > 0; count--) {
        x += (numbers[at] >> 1) ^ -(numbers[at] & 1);
        y += (numbers[at + 1] >> 1) ^ -(numbers[at + 1] & 1);
        at += 2;
        points.push(x, y);
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    keep(false);
  }

  // Layers of one city share what is fetched.
  var cache = new Map();

  function load(url) {
    var found = cache.get(url);
    if (found) {
      cache.delete(url);
    } else {
      found = fetch(url).then(function (answer) {
        if (answer.status === 204) {
          return {};
        }
        if (!answer.ok) {
          throw new Error("tile " + answer.status);
        }
        return answer.arrayBuffer().then(readTile);
      });
      found.catch(function () { cache.delete(url); });
    }
    cache.set(url, found);
    if (cache.size > KEPT) {
      cache.delete(cache.keys().next().value);
    }
    return found;
  }

  var VectorTiles = L.GridLayer.extend({
    initialize: function (data) {
      this._data = data;
      L.GridLayer.prototype.initialize.call(this, {
        pane: "tilePane", zIndex: data.z, updateWhenZooming: false, minZoom: data.least,
        bounds: data.bounds, keepBuffer: 1, className: "civicsight-ground",
      });
    },
    // The tile that holds what is shown at some coordinates, and how many times larger it is shown.
    _source: function (coords) {
      var up = Math.max(0, coords.z - this._data.most), times = Math.pow(2, up);
      var x = Math.floor(coords.x / times), y = Math.floor(coords.y / times);
      return { z: coords.z - up, x: x, y: y, times: times, url: L.Util.template(this._data.url, { z: coords.z - up, x: x, y: y }) };
    },
    // Lines of the tiles in view whose value is a name, in pixels of the map, layer after layer.
    linesOf: function (layers) {
      var map = this._map, seen = {}, self = this;
      Object.values(this._tiles).forEach(function (tile) {
        if (tile.current) {
          var source = self._source(tile.coords);
          seen[source.url] = source;
        }
      });
      return Promise.all(Object.values(seen).map(function (source) {
        return load(source.url).then(function (read) { return linesIn(map, read, source, layers); }, function () { return []; });
      })).then(function (found) {
        return found.flat().sort(function (a, b) { return a.rank - b.rank || b.path.length - a.path.length; });
      });
    },
    createTile: function (coords, done) {
      var tile = L.DomUtil.create("canvas", "leaflet-tile"), data = this._data;
      var source = this._source(coords), times = source.times, url = source.url;
      var shown = this._map.getZoomScale(this._map.getZoom(), coords.z);  // not one between two zooms
      load(url).then(function (read) {
        draw(tile, read, data, coords, times, shown);
        done(null, tile);
      }, function (error) { done(error, tile); });
      return tile;
    },
  });

  function linesIn(map, read, source, layers) {
    var out = [];
    layers.forEach(function (name, rank) {
      var layer = read[name];
      (layer ? layer.features : []).forEach(function (feature) {
        feature.paths.forEach(function (path) {
          var line = [], scale = 256 / layer.extent;
          for (var k = 0; k < path.flat.length; k += 2) {
            var world = L.point(source.x * 256 + path.flat[k] * scale, source.y * 256 + path.flat[k + 1] * scale);
            var at = map.latLngToContainerPoint(map.unproject(world, source.z));
            line.push([at.x, at.y]);
          }
          out.push({ name: feature.value, rank: rank, path: line });
        });
      });
    });
    return out;
  }

  function draw(tile, read, data, coords, times, shown) {
    var ratio = window.devicePixelRatio || 1, side = Math.round(256 * ratio * shown), context = null;
    data.looks.forEach(function (look) {
      var layer = read[look.layer];
      if (!layer) {
        return;
      }
      var scale = side * times / layer.extent;
      var x = (coords.x % times) * side, y = (coords.y % times) * side, margin = 8 * ratio;
      var near = layer.features.filter(function (f) {
        return (look.value === null || f.value === look.value) &&
          f.box[0] * scale - x < side + margin && f.box[2] * scale - x > -margin &&
          f.box[1] * scale - y < side + margin && f.box[3] * scale - y > -margin;
      });
      if (near.length) {
        if (!context) {
          tile.width = tile.height = side;
          context = tile.getContext("2d");
        }
        civicsight.paint(context, near, look.style, scale, x, y, ratio, coords.z);
      }
    });
  }

  civicsight.readTile = readTile;
  civicsight.vectorTiles = function (key, data) {
    return (civicsight.layers[key] = new VectorTiles(data));
  };
})();
