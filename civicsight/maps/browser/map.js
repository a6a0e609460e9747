// What the map holds: layers made from plain data, details on a click, and a way to each feature.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var renderer = null;
  var plan = null;
  var halo = null;

  function sharedRenderer() {
    // One canvas for all: a second one on top would swallow the clicks meant for the first.
    renderer = renderer || L.canvas({ padding: 0.2, tolerance: 3 });
    return renderer;
  }
  civicsight.canvas = sharedRenderer;

  function remember(key, layer) {
    civicsight.layers[key] = layer;
    return layer;
  }

  civicsight.ground = function (key, data) {
    return remember(key, civicsight.groundPlan(data, { pane: "tilePane", zIndex: data.z, updateWhenZooming: false }));
  };

  // One side of a parted map is a pane of its own, so that all of it can be cut at once.
  function side(key, z) {
    var pane = plan.getPane(key) || plan.createPane(key, plan.getPane("tilePane"));
    pane.style.zIndex = z;
    return key;
  }

  // What one camera sees stays bright while all else is dimmed.
  function paneOf(key, z) {
    return key === "left" || key === "right" ? side(key, z) : key === "preview" ? civicsight.focusPane(plan) : "tilePane";
  }

  civicsight.images = function (key, data) {
    var group = L.layerGroup(), name = paneOf(key, data.z);
    group.getContainer = function () { return plan.getPane(name); };
    data.images.forEach(function (image) {
      group.addLayer(L.imageOverlay(image.url, image.bounds, {
        pane: name, zIndex: data.z, opacity: data.opacity, className: "sharp", alt: data.alt,
      }));
    });
    return remember(key, group);
  };

  // A layer of features; with `late`, each is made when its parts are first asked for.
  civicsight.features = function (key, data, late) {
    var group = L.featureGroup();
    group.byId = {};
    data.key = key;
    group.all = civicsight.readShapes(data.shapes).map(function (pieces, k) {
      var one = { pieces: pieces, k: k, data: data, made: null };
      Object.defineProperty(one, "parts", { get: function () {
        one.made = one.made || partsOf(group, one);
        return one.made;
      } });
      if (!late) {
        one.parts.forEach(function (part) { group.addLayer(part); });
      }
      if (data.ids) {
        group.byId[data.ids[k]] = one;
      }
      return one;
    });
    return remember(key, group);
  };

  function partsOf(group, one) {
    var data = one.data, k = one.k, style = data.styles[data.style[k]];
    var parts = civicsight.drawFeature(one.pieces, data.at[k], style, sharedRenderer());
    parts.forEach(function (part) {
      if (data.side) {
        civicsight.keepTo(part, data.side);
      }
      if (data.titles) {
        part.title = data.titles[k];
        part.on("click", function (event) {
          L.DomEvent.stopPropagation(event);
          civicsight.open(data, k, event.latlng, event.originalEvent);
        });
      }
    });
    return parts;
  }

  // Details are built as text nodes: whatever a label holds, it stays text.
  function details(data, k) {
    var box = document.createElement("div");
    add(box, "h3", data.titles[k]);
    var list = add(box, "dl", "");
    var rows = data.rows[k];
    for (var r = 0; r < rows.length; r += 2) {
      if (data.labels[rows[r]]) {
        add(list, "dt", data.labels[rows[r]]);
        add(list, "dd", rows[r + 1]);
      } else {
        box.insertBefore(add(box, "p", rows[r + 1]), list);
      }
    }
    return box;
  }

  function add(parent, tag, text) {
    var node = document.createElement(tag);
    node.textContent = text;
    parent.appendChild(node);
    return node;
  }

  civicsight.open = function (data, k, where) {
    L.popup({
      minWidth: 240, maxWidth: 300, maxHeight: 250,
      autoPanPaddingTopLeft: [50, 10], autoPanPaddingBottomRight: [civicsight.covered(), 10],
    })
      .setLatLng(where || data.at[k])
      .setContent(details(data, k))
      .openOn(plan);
  };

  // Fly to a feature, mark it and open its details; false if the map does not hold it.
  civicsight.show = function (key, id) {
    var found = civicsight.find(key, id);
    if (!found) {
      return false;
    }
    civicsight.turn(key, true);
    var bounds = L.latLngBounds([found.data.at[found.k]]);
    found.pieces.forEach(function (piece) {
      piece.path.forEach(function (point) { bounds.extend(point); });
    });
    civicsight.mark(found);
    plan.fitBounds(bounds.pad(0.35), {
      maxZoom: 19, animate: false, paddingBottomRight: [civicsight.covered(), 0],
      paddingTopLeft: [0, plan.getSize().y > 420 ? 190 : 0],  // room for the details
    });
    if (found.data.titles) {
      civicsight.open(found.data, found.k);
    }
    return true;
  };

  civicsight.find = function (key, id) {
    var layer = civicsight.layers[key];
    return (layer && layer.byId && layer.byId[id]) || null;
  };

  civicsight.mark = function (found) {
    halo.clearLayers();
    if (!found) {
      return;
    }
    var style = { color: "#ffd400", width: 9, fill: undefined };
    civicsight.drawFeature(found.pieces, found.data.at[found.k], style, sharedRenderer()).forEach(function (part) {
      part.options.interactive = false;
      part.options.opacity = 0.75;
      halo.addLayer(part);
      part.bringToBack();
    });
    halo.addLayer(L.circleMarker(found.data.at[found.k], {
      renderer: sharedRenderer(), radius: 16, color: "#1a1a1a", weight: 2, fill: false, interactive: false,
    }));
  };

  // Width at the right that the open legend covers.
  civicsight.covered = function () {
    var panel = plan.getContainer().querySelector(".civicsight-panel[open]");
    return panel && plan.getSize().x > 2 * panel.offsetWidth ? panel.offsetWidth + 12 : 12;
  };

  civicsight.turn = function (key, on) {
    var layer = civicsight.layers[key];
    if (on !== plan.hasLayer(layer)) {
      if (on) {
        layer.addTo(plan);
      } else {
        layer.remove();
      }
      civicsight.order();
      plan.fire("civicsight:turn", { key: key, on: on });
    }
  };

  // Later layers lie above earlier ones, whichever was switched on last.
  civicsight.order = function () {
    Object.keys(civicsight.layers).forEach(function (key) {
      var layer = civicsight.layers[key];
      if (layer.byId && plan.hasLayer(layer)) {
        layer.bringToFront();
      }
    });
    if (civicsight.above) {
      civicsight.above.bringToFront();
    }
  };

  civicsight.start = function (map) {
    plan = civicsight.map = map;
    renderer = null;
    civicsight.above = null;  // a group that lies above all layers, of whoever draws one
    civicsight.layers = {};
    halo = L.layerGroup().addTo(map);
    map.on("popupclose", function () { halo.clearLayers(); });
  };
})();
