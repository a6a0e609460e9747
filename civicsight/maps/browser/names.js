// Names of places and streets: as many as there is room for, the most urgent first.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var PLACE = { size: 12, weight: 600, color: "#2f3a66", dark: "#e4e9ff" };
  var STREET = { size: 11, weight: 400, color: "#5c564b", dark: "#d6d0c4" };
  var AGAIN_PX = 320;  // the same street is not named twice within this
  var STRAIGHT = 0.97;  // a name stands where a street is at least so straight
  var TRIES = [0.5, 0.35, 0.65, 0.2, 0.8];
  var LONGEST = 24;

  civicsight.family = function (view) {
    view.family = view.family || getComputedStyle(view.map.getContainer()).fontFamily;
    return view.family;
  };

  // Canvas over the signs that takes no click; it moves with the map and is drawn anew afterwards.
  function overlay(view) {
    if (!view.names) {
      var pane = view.map.createPane("names");
      pane.style.zIndex = 450;
      pane.style.pointerEvents = "none";
      view.names = L.DomUtil.create("canvas", "civicsight-words", pane);
      view.names.setAttribute("aria-hidden", "true");
      view.map.on("civicsight:look", function () { civicsight.drawNames(view); });
      view.map.on("zoomstart", function () { view.names.style.visibility = "hidden"; });
    }
    return view.names;
  }

  civicsight.drawNames = function (view) {
    if (!view.namesAsked) {
      view.namesAsked = requestAnimationFrame(function () {
        view.namesAsked = 0;
        if (view.map._loaded && view.box.isConnected) {
          paint(view);
        }
      });
    }
  };

  function paint(view) {
    var map = view.map, canvas = overlay(view), size = map.getSize(), ratio = window.devicePixelRatio || 1;
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    canvas.style.visibility = "";
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    var context = canvas.getContext("2d"), taken = [];
    context.scale(ratio, ratio);
    context.lineJoin = "round";
    context.textAlign = "center";
    context.textBaseline = "middle";
    view.said = civicsight.said = [];
    placesOf(view).forEach(function (place) { namePlace(context, view, place, size, taken); });
    streetsOf(view).then(function (streets) {
      if (canvas.width === size.x * ratio && view.map.getSize().equals(size)) {
        streets.forEach(function (street) { nameStreet(context, view, street, size, taken); });
      }
    });
  }

  // Rings from afar, places near by; those with most that is open come first.
  function placesOf(view) {
    var map = view.map, found = [];
    if (!view.places) {
      return found;
    }
    if (view.near) {
      view.places.ids.forEach(function (_, k) {
        found.push({ name: view.places.names[k], at: L.latLng(view.places.at[k]), open: 0, radius: 0 });
      });
    } else {
      view.rings.eachLayer(function (marker) { found.push(marker.place); });
    }
    found.forEach(function (place) { place.px = map.latLngToContainerPoint(place.at); });
    return found.sort(function (a, b) { return b.open - a.open || b.radius - a.radius; });
  }

  function namePlace(context, view, place, size, taken) {
    var radius = place.radius, ring = box(place.px.x, place.px.y, 2 * radius, 2 * radius);
    if (radius) {
      taken.push(ring);
    }
    if (!place.name) {
      return;
    }
    var text = place.name.length > LONGEST ? place.name.slice(0, LONGEST - 1) + "…" : place.name;
    set(context, view, PLACE);
    var wide = context.measureText(text).width + 4, high = PLACE.size + 4;
    var ways = [[0, radius + high / 2 + 1], [0, -radius - high / 2 - 1], [radius + wide / 2 + 2, 0]];
    ways.slice(0, radius ? 3 : 1).some(function (way) {
      var x = place.px.x + way[0], y = place.px.y + (radius ? way[1] : 0), own = box(x, y, wide, high);
      if (!isWithin(own, size) || !isFree([own], taken, radius ? ring : null)) {
        return false;
      }
      taken.push(own);
      write(context, text, x, y, 0);
      view.said.push(text);
      return true;
    });
  }

  function set(context, view, look) {
    context.font = look.weight + " " + look.size + "px " + civicsight.family(view);
    var dark = view.map.getContainer().classList.contains("civicsight-dark");
    context.fillStyle = dark ? look.dark : look.color;
    context.strokeStyle = dark ? "rgba(20, 24, 27, .85)" : "rgba(255, 255, 255, .9)";
  }

  function write(context, text, x, y, turn) {
    context.save();
    context.translate(x, y);
    context.rotate(turn);
    context.lineWidth = 3.5;
    context.strokeText(text, 0, 0);
    context.fillText(text, 0, 0);
    context.restore();
  }

  function box(x, y, wide, high) {
    return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
  }

  function isWithin(a, size) {
    return a[0] >= 0 && a[1] >= 0 && a[2] <= size.x && a[3] <= size.y;
  }

  function isFree(boxes, taken, own) {
    return boxes.every(function (a) {
      return taken.every(function (b) {
        return b === own || a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1];
      });
    });
  }

  // Streets in view with their lines on the screen, main ones first, from tiles that are there.
  function streetsOf(view) {
    var ground = civicsight.layers.roads;
    if (!ground || !view.map.hasLayer(ground) || !ground.linesOf) {
      return Promise.resolve([]);
    }
    return ground.linesOf(["main_names", "names"]);
  }

  function nameStreet(context, view, street, size, taken) {
    set(context, view, STREET);
    var text = street.name, wide = context.measureText(text).width + 8, path = street.path;
    var along = [0];
    for (var k = 1; k < path.length; k++) {
      along.push(along[k - 1] + Math.hypot(path[k][0] - path[k - 1][0], path[k][1] - path[k - 1][1]));
    }
    var total = along[along.length - 1];
    if (total < wide) {
      return;
    }
    TRIES.some(function (share) {
      var middle = Math.min(total - wide / 2, Math.max(wide / 2, share * total));
      var a = pointAt(path, along, middle - wide / 2), b = pointAt(path, along, middle + wide / 2);
      var x = (a[0] + b[0]) / 2, y = (a[1] + b[1]) / 2;
      if (Math.hypot(b[0] - a[0], b[1] - a[1]) < STRAIGHT * wide || isSaidNear(view, text, x, y)) {
        return false;
      }
      var own = strip(a, b, wide, STREET.size + 2);
      if (!own.every(function (part) { return isWithin(part, size); }) || !isFree(own, taken, null)) {
        return false;
      }
      Array.prototype.push.apply(taken, own);
      var turn = Math.atan2(b[1] - a[1], b[0] - a[0]);
      write(context, text, x, y, Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn);
      view.said.push({ name: text, x: x, y: y });
      return true;
    });
  }

  function isSaidNear(view, name, x, y) {
    return view.said.some(function (one) {
      return one.name === name && Math.hypot(one.x - x, one.y - y) < AGAIN_PX;
    });
  }

  // A turned name takes the room of squares along it, not of the box around all of it.
  function strip(a, b, wide, high) {
    var count = Math.max(1, Math.ceil(wide / high)), boxes = [];
    for (var k = 0; k < count; k++) {
      var share = (k + 0.5) / count;
      boxes.push(box(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, high, high));
    }
    return boxes;
  }

  function pointAt(path, along, length) {
    var k = 1;
    while (k < along.length - 1 && along[k] < length) {
      k++;
    }
    var share = (length - along[k - 1]) / Math.max(along[k] - along[k - 1], 1e-9);
    return [path[k - 1][0] + (path[k][0] - path[k - 1][0]) * share, path[k - 1][1] + (path[k][1] - path[k - 1][1]) * share];
  }
})();
