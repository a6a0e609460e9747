// Tools: handles that move and turn a camera, and the drawing of an area, all with a keyboard too.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var SETTLE_MS = 500;  // keys pressed in a row are one act
  var STEP_PX = 2, FAR_PX = 20, TURN_DEG = 5;
  var KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function handle(at, className, label) {
    var icon = L.divIcon({ className: "civicsight-handle " + className, iconSize: [22, 22] });
    var marker = L.marker(at, { icon: icon, draggable: true, autoPan: true, zIndexOffset: 1000 });
    marker.on("add", function () {
      var node = marker.getElement();
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", label);
      node.title = label;
    });
    return marker;
  }

  // Arrow keys change a handle; what came out is told once the keys rest.
  function listen(marker, step, finish) {
    var timer = null;
    marker.on("add", function () {
      marker.getElement().addEventListener("keydown", function (event) {
        var way = KEYS[event.key];
        if (way) {
          event.preventDefault();
          event.stopPropagation();
          step(way, event.shiftKey);
          clearTimeout(timer);
          timer = setTimeout(finish, SETTLE_MS);
        }
      });
    });
    marker.on("remove", function () { clearTimeout(timer); });
    marker.on("dragend", finish);
  }

  // A camera under edit: {id, at, heading, labels: {move, aim}}.
  civicsight.handles = function (map, camera, send) {
    var group = L.layerGroup();
    var place = handle(camera.at, "place", camera.labels.move);
    group.addLayer(place);
    var beam = null, aim = null, bright = L.svg({ pane: civicsight.focusPane(map) });
    if (camera.heading) {
      beam = L.polyline([camera.at, camera.heading], { renderer: bright, color: "#1a1a1a", weight: 2, dashArray: "4 4", interactive: false });
      aim = handle(camera.heading, "aim", camera.labels.aim);
      group.addLayer(beam).addLayer(aim);
      aim.on("drag", follow);
      listen(aim, turn, function () { tell("aim", aim); });
    }
    var views = (camera.views || []).map(function (ring) {
      return { ring: ring, shape: L.polygon(ring, { renderer: bright, color: "#00527a", weight: 2, dashArray: "6 4", fillOpacity: 0.12, interactive: false }) };
    });
    place.on("drag", carry);
    listen(place, nudge, function () { tell("move", place); });

    function tell(kind, marker) {
      var at = marker.getLatLng();
      send({ kind: kind, id: camera.id, lat: at.lat, lng: at.lng });
    }
    function follow() {
      if (beam) {
        beam.setLatLngs([place.getLatLng(), aim.getLatLng()]);
      }
      swing();
    }
    // The sectors follow the hand; what hides them is computed once it rests.
    function swing() {
      var from = map.latLngToLayerPoint(camera.at), to = map.latLngToLayerPoint(place.getLatLng()), angle = 0;
      if (aim) {
        var before = map.latLngToLayerPoint(camera.heading).subtract(from), now = map.latLngToLayerPoint(aim.getLatLng()).subtract(to);
        angle = Math.atan2(now.y, now.x) - Math.atan2(before.y, before.x);
      }
      var cos = Math.cos(angle), sin = Math.sin(angle);
      views.forEach(function (view) {
        view.shape.setLatLngs(view.ring.map(function (at) {
          var p = map.latLngToLayerPoint(at).subtract(from);
          return map.layerPointToLatLng(L.point(to.x + p.x * cos - p.y * sin, to.y + p.x * sin + p.y * cos));
        }));
        group.addLayer(view.shape);
      });
    }
    // The direction goes with a camera that is moved.
    var offset = camera.heading && [camera.heading[0] - camera.at[0], camera.heading[1] - camera.at[1]];
    function carry() {
      if (aim) {
        var at = place.getLatLng();
        aim.setLatLng([at.lat + offset[0], at.lng + offset[1]]);
      }
      follow();
    }
    function nudge(way, far) {
      var at = map.latLngToLayerPoint(place.getLatLng());
      place.setLatLng(map.layerPointToLatLng(at.add(L.point(way).multiplyBy(far ? FAR_PX : STEP_PX))));
      carry();
    }
    function turn(way, far) {
      var centre = map.latLngToLayerPoint(place.getLatLng());
      var arm = map.latLngToLayerPoint(aim.getLatLng()).subtract(centre);
      var angle = (way[0] || way[1]) * (far ? 1 : TURN_DEG) * Math.PI / 180;
      var turned = L.point(arm.x * Math.cos(angle) - arm.y * Math.sin(angle), arm.x * Math.sin(angle) + arm.y * Math.cos(angle));
      aim.setLatLng(map.layerPointToLatLng(centre.add(turned)));
      follow();
    }
    return group;
  };

  // Draw an area corner by corner; the first corner, a double click or Enter closes it. A wall is a line.
  civicsight.pencil = function (map, what, send) {
    var corners = [], ended = false, least = what === "wall" ? 2 : 3;
    var look = { color: "#0072b2", weight: 2.5, dashArray: "6 4", interactive: false };
    var line = L.polyline([], look).addTo(map);
    var first = null;

    function redraw(hover) {
      line.setLatLngs(hover ? corners.concat([hover]) : corners);
    }
    function add(event) {
      if (!ended) {
        corners.push(event.latlng);
        if (corners.length === 1) {
          first = L.circleMarker(event.latlng, { radius: 7, color: "#0072b2", fillColor: "#fff", fillOpacity: 1, bubblingMouseEvents: false });
          first.on("click", finish).addTo(map);
        }
        redraw();
      }
    }
    function finish() {
      var ring = corners.filter(function (at, k) { return !k || at.distanceTo(corners[k - 1]) > 0.05; });
      if (!ended && ring.length >= least) {
        ended = true;
        send({ kind: "draw", what: what, ring: ring.map(function (at) { return [at.lat, at.lng]; }) });
        clear();
      }
    }
    function clear() {
      corners = [];
      ended = false;
      if (first) {
        first.remove();
        first = null;
      }
      redraw();
    }
    function keys(event) {
      var key = event.originalEvent.key;
      if (key === "Enter") {
        finish();
      } else if (key === "Escape") {
        clear();
      } else if (key === "Backspace" && corners.length) {
        corners.pop();
        redraw();
      }
    }
    function hover(event) {
      if (corners.length) {
        redraw(event.latlng);
      }
    }
    map.doubleClickZoom.disable();
    map.on("click", add).on("dblclick", finish).on("mousemove", hover).on("keydown", keys);
    return {
      remove: function () {
        clear();
        line.remove();
        map.off("click", add).off("dblclick", finish).off("mousemove", hover).off("keydown", keys);
        map.doubleClickZoom.enable();
      },
    };
  };
})();
