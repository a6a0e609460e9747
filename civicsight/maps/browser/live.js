// The map of the app: made once, then told what has changed; it answers with what a person did.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var TILE_PX = 256;
  var DRAWS = { zone: true, obstacle: true, wall: true };  // tools that draw corner by corner
  var views = new Map();

  // Bring the map in `parent` to what `data` says, making it first; one map a page.
  civicsight.live = function (parent, data, send) {
    views.forEach(function (view, place) {
      if (!place.isConnected) {
        forget(view, place);
      }
    });
    var view = views.get(parent), made = JSON.stringify([data.tiles, data.swipe]).replace(/token=[^"]*/g, "");
    if (view && view.made !== made) {  // another city, or other runs to compare
      forget(view, parent);
      view = null;
    }
    if (!view) {
      view = create(parent, data);
      view.made = made;
      views.set(parent, view);
    }
    view.send = function (event) {
      // A clock keeps counting where a page is opened anew.
      view.seq = Math.max(Date.now(), view.seq + 1);
      send(Object.assign({ seq: view.seq }, event));
    };
    cover(view, data);
    civicsight.renewBasemaps(data.basemaps);
    return read(view, data).then(function () { apply(view, data.group); });
  };

  // Where a place is asked for the ground answers, not the sign or handle that lies on it.
  civicsight.ground = function (view, pressed) {
    view.map.fire("click", { latlng: view.map.mouseEventToLatLng(pressed) });
  };

  function forget(view, parent) {
    view.resized.disconnect();
    view.map.remove();
    view.box.remove();
    views.delete(parent);
  }

  function create(parent, data) {
    var box = document.createElement("div");
    box.className = "civicsight-live";
    box.style.height = data.height;
    parent.appendChild(box);
    var map = L.map(box, { maxZoom: 21, fadeAnimation: false });
    var view = { map: map, box: box, seq: 0, parts: {}, document: null, controls: [], tool: "select", coverage: "", told: {} };
    civicsight.start(map);
    view.seen = box.clientWidth > 0;
    place(view, data);
    data.tiles.forEach(function (tiles) {
      show(civicsight.vectorTiles(tiles.key, tiles), map).on("load", function () { civicsight.drawNames(view); });
    });
    if (data.swipe) {
      var sides = ["left", "right"].map(function (side) {
        return data.swipe[side] && pictures(side, data.swipe[side]).addTo(map);
      });
      civicsight.swipe(map, sides[0], sides[1], data.swipe.labels);
    }
    civicsight.open = function (features, k, where, pressed) {
      if (where && view.tool === "select") {
        view.send({ kind: "select", layer: features.key, id: features.ids[k], lat: where.lat, lng: where.lng });
      } else if (where) {
        civicsight.ground(view, pressed);
      }
    };
    map.on("click", function (event) {
      civicsight.focus(view, null);
      if (!DRAWS[view.tool]) {
        view.send({ kind: "point", lat: event.latlng.lat, lng: event.latlng.lng });
      }
    });
    map.on("moveend", function () { if (view.seen) { remember(map); } });
    view.resized = new ResizeObserver(function () {
      if (!box.clientWidth) {  // out of sight for a moment: it keeps the size that it had
        return;
      }
      var whole = isWhole(view), middle = view.seen && map.getCenter();
      map.invalidateSize({ pan: false });
      if (!view.seen) {  // it was made before it had its place on the page
        view.target ? fly(map, view.target) : place(view, data);
      } else if (whole) {
        fit(view, L.latLngBounds(data.bounds));
      } else {  // what was in the middle stays there, and so does the address
        map.setView(middle, map.getZoom(), { animate: false });
      }
      view.seen = true;
    });
    view.resized.observe(box);
    hint(view);
    return view;
  }

  function show(layer, map) {
    return layer.addTo(map);
  }

  function pictures(key, data) {
    var layer = L.tileLayer(data.url, {
      pane: "tilePane", zIndex: 20, opacity: data.opacity, minZoom: data.least, maxNativeZoom: data.most,
      maxZoom: 21, className: "sharp", bounds: data.bounds,
    });
    return (civicsight.layers[key] = layer);
  }

  // The pictures of coverage; those of another run take their place.
  function cover(view, data) {
    var wanted = data.coverage ? data.coverage.url : "", old = civicsight.layers.coverage;
    if (view.coverage === wanted) {
      return;
    }
    view.coverage = wanted;
    if (old && !wanted) {
      old.remove();
      delete civicsight.layers.coverage;
    } else if (old) {
      old.setUrl(wanted);
    } else {
      pictures("coverage", data.coverage).addTo(view.map);
    }
  }

  // Where the address says, else where the data are.
  function place(view, data) {
    var map = view.map, at = (new URLSearchParams(window.location.search).get("at") || "").split(",").map(Number);
    if (at.length === 3 && at.every(isFinite) && Math.abs(at[0]) < 85 && Math.abs(at[1]) <= 180) {
      look(map, [at[0], at[1]], at[2]);
    } else {
      fit(view, L.latLngBounds(data.bounds));
    }
  }

  // A view to the pixel; the steps of buttons and wheel lead to whole zooms again.
  function look(map, at, zoom) {
    var snap = map.options.zoomSnap;
    map.options.zoomSnap = 0;
    map.setView(at, zoom, { animate: false });
    map.options.zoomSnap = snap;
  }

  // Show all that there is, with sides of tiles of whole pixels: no seams between them.
  function fit(view, bounds) {
    var map = view.map, snap = map.options.zoomSnap;
    map.options.zoomSnap = 0;
    var zoom = map.getBoundsZoom(bounds), whole = Math.round(zoom);
    map.options.zoomSnap = snap;
    zoom = whole + Math.log2(Math.floor(TILE_PX * Math.pow(2, zoom - whole)) / TILE_PX);
    var middle = map.project(bounds.getSouthWest(), zoom).add(map.project(bounds.getNorthEast(), zoom)).divideBy(2);
    look(map, map.unproject(middle, zoom), zoom);
    view.whole = { at: map.getCenter(), zoom: map.getZoom() };
  }

  // Whether all is shown, and nobody has moved the map since.
  function isWhole(view) {
    return Boolean(view.whole) && view.map.getZoom() === view.whole.zoom && view.map.getCenter().equals(view.whole.at);
  }

  function remember(map) {
    var url = new URL(window.location.href), at = map.getCenter();
    url.searchParams.set("at", [at.lat.toFixed(6), at.lng.toFixed(6), +map.getZoom().toFixed(2)].join(","));
    window.history.replaceState(window.history.state, "", url.href.replace(/%2C/g, ","));
  }

  // Names under the pointer, as text.
  function hint(view) {
    view.tip = L.tooltip({ direction: "top", offset: [0, -6], className: "civicsight-tip" });
  }

  civicsight.nameOf = function (view, event) {
    var text = document.createElement("span");
    text.textContent = event.layer.title || "";
    view.tip.setContent(text).setLatLng(event.latlng);
    view.map.openTooltip(view.tip);
  };

  function add(view, entry) {
    var late = civicsight.isScaled(entry.key), layer = civicsight[entry.maker](entry.key, entry.data, late);
    if (late) {
      civicsight.scaled(layer);
    }
    if (entry.data.titles) {
      layer.on("mouseover", function (event) { civicsight.nameOf(view, event); });
      layer.on("mouseout", function () { view.map.closeTooltip(view.tip); });
    }
    return layer;
  }

  // The document holds what does not change with a click; it is fetched once and kept.
  function read(view, data) {
    if (view.document === data.document) {
      return Promise.resolve();
    }
    view.document = data.document;
    return fetch(data.document).then(function (answer) {
      if (!answer.ok) {
        throw new Error("layers " + answer.status);
      }
      return answer.json();
    }).then(function (found) {
      if (view.document === data.document) {
        build(view, data, found);
      }
    });
  }

  function build(view, data, found) {
    var hidden = clear(view), map = view.map;
    found.layers.forEach(function (entry) {
      view.built.push(entry.key);
      var wanted = entry.key in hidden ? !hidden[entry.key] : entry.show;
      switchOn(add(view, entry), map, wanted);
    });
    view.controls = civicsight.panel(map, legend(found.panel, false, civicsight.ownBasemaps(view, data.basemaps)));
    view.controls.push(civicsight.home(map, found.panel.home, function () { fit(view, L.latLngBounds(data.bounds)); }));
    view.controls.push(civicsight.search(view, found.search));
    view.told = {};
    view.parts = {};
    civicsight.takePlaces(view, found.places);
    civicsight.rescale(view);
  }

  // Only what is there has a switch; two runs share the one of coverage.
  function legend(panel, open, more) {
    var entries = panel.entries.concat(more).map(function (entry) {
      var keys = entry.keys[0] === "coverage" ? ["coverage", "left", "right"] : entry.keys;
      return Object.assign({}, entry, { keys: keys.filter(function (key) { return civicsight.layers[key]; }) });
    });
    return Object.assign({}, panel, {
      bounds: null, open: open, entries: entries.filter(function (entry) { return entry.keys.length; }),
    });
  }

  function switchOn(layer, map, wanted) {
    if (wanted) {
      layer.addTo(map);
    }
  }

  // Take everything of the last document away; return what a person had switched off.
  function clear(view) {
    var hidden = {};
    (view.built || []).concat(Object.keys(view.parts)).forEach(function (key) {
      var layer = view.parts[key] || civicsight.layers[key];
      hidden[key] = !view.map.hasLayer(layer);
      layer.remove();
      delete civicsight.layers[key];
    });
    view.built = [];
    view.controls.forEach(function (control) { control.remove(); });
    civicsight.mark(null);
    return hidden;
  }

  // Only what differs from the last time is drawn anew.
  function changed(view, key, value) {
    var text = JSON.stringify(value === undefined ? null : value);
    var same = view.told[key] === text;
    view.told[key] = text;
    return !same;
  }

  function apply(view, group) {
    tool(view, group.tool);
    var anew = changed(view, "hidden", group.hidden);
    if (anew) {
      hide(view, group.hidden);
    }
    if (changed(view, "layers", group.layers)) {
      anew = true;
      Object.keys(view.parts).forEach(function (key) {
        view.parts[key].remove();
        delete civicsight.layers[key];
      });
      view.parts = {};
      group.layers.forEach(function (entry) {
        view.parts[entry.key] = add(view, entry).addTo(view.map);
      });
      civicsight.order();
    }
    if (anew) {
      view.map.fire("civicsight:recount");
    }
    if (changed(view, "camera", group.camera)) {
      if (view.handles) {
        view.handles.remove();
      }
      view.handles = group.camera ? civicsight.handles(view.map, group.camera, view.send).addTo(view.map) : null;
      if (view.handles) {
        view.handles.eachLayer(function (handle) {
          handle.on("click", function (event) {
            if (view.tool !== "select") {
              civicsight.ground(view, event.originalEvent);
            }
          });
        });
      }
    }
    if (changed(view, "selected", group.selected)) {
      civicsight.mark(group.selected && civicsight.find(group.selected[0], group.selected[1]));
    }
    if (changed(view, "focus", [group.focus, group.layers, group.hidden])) {
      civicsight.focus(view, group.focus);
    }
    if (group.fly && changed(view, "fly", group.fly)) {
      view.target = group.fly;
      fly(view.map, group.fly);
    }
  }

  // Edited cameras are drawn by their own layer, not where they were.
  function hide(view, hidden) {
    (view.out || []).forEach(function (one) { one.hidden = false; });
    view.out = (hidden || []).map(function (pair) { return civicsight.find(pair[0], pair[1]); }).filter(Boolean);
    view.out.forEach(function (one) { one.hidden = true; });
  }

  function tool(view, wanted) {
    if (view.tool === wanted) {
      return;
    }
    view.tool = wanted;
    view.map.getContainer().classList.toggle("civicsight-aiming", wanted !== "select");
    if (view.pencil) {
      view.pencil.remove();
      view.pencil = null;
    }
    if (DRAWS[wanted]) {
      view.pencil = civicsight.pencil(view.map, wanted, function (event) { view.send(event); });
    }
  }

  function fly(map, target) {
    if (target.id) {
      civicsight.show(target.layer, target.id);
    } else {
      map.setView(target.at, target.zoom, { animate: false });
    }
  }
})();
