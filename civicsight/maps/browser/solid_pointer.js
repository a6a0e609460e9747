// What a pointer means in the 3D view: which sign it is at, and what is chosen by a click.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var NEAR_PX = 15;

  // Where a place is on the screen, and how deep; null if it is behind the eye.
  function project(view, at) {
    var spot = new view.THREE.Vector3(at[0], at[1], at[2]).project(view.rig.camera);
    if (spot.z > 1 || spot.z < -1) {
      return null;
    }
    return { x: (spot.x + 1) / 2 * view.box.clientWidth, y: (1 - spot.y) / 2 * view.box.clientHeight, z: spot.z };
  }

  function inside(view, spot) {
    return spot && spot.x > 0 && spot.y > 20 && spot.x < view.box.clientWidth && spot.y < view.box.clientHeight;
  }

  civicsight.solidSpot = project;
  civicsight.solidInside = inside;

  // The sign nearest to the pointer, unless something solid stands before it.
  function pick(view, event, through) {
    var box = view.canvas.getBoundingClientRect(), x = event.clientX - box.x, y = event.clientY - box.y, best = null;
    ["cameras", "parts"].forEach(function (layer) {
      if (view.layers[layer].visible) {
        view.head[layer].at.forEach(function (at, k) {
          var spot = project(view, at), off = spot ? Math.hypot(spot.x - x, spot.y - y) : Infinity;
          if (off < NEAR_PX && (!best || spot.z < best.z) && (through || clear(view, at))) {
            best = { layer: layer, k: k, z: spot.z };
          }
        });
      }
    });
    return best;
  }

  function clear(view, at) {
    var THREE = view.THREE, eye = view.rig.camera.position, way = new THREE.Vector3(at[0], at[1], at[2]).sub(eye), long = way.length();
    return new THREE.Raycaster(eye, way.normalize(), 0, long - 1.5).intersectObjects(solids(view), false).length === 0;
  }

  // What is under the pointer, the ground or a wall; null above the horizon.
  function ground(view, event) {
    var THREE = view.THREE, box = view.canvas.getBoundingClientRect(), ray = new THREE.Raycaster();
    var at = new THREE.Vector2((event.clientX - box.x) / box.width * 2 - 1, 1 - (event.clientY - box.y) / box.height * 2);
    ray.setFromCamera(at, view.rig.camera);
    var hit = ray.intersectObjects(solids(view), false)[0];
    return hit ? hit.point : null;
  }

  function solids(view) {
    var solid = [];
    view.scene.traverseVisible(function (part) {
      if (part.solid) {
        solid.push(part);
      }
    });
    return solid;
  }

  civicsight.solidPointer = function (view, leave) {
    view.canvas.addEventListener("click", function (event) {
      if (view.tool && view.tool !== "select" && view.rig.dragged <= 4 && !view.rig.head) {
        var spot = ground(view, event), middle = view.head.middle;
        if (spot) {
          view.send({ kind: "point", x: middle[0] + spot.x, y: middle[1] + spot.y });
        }
        return;
      }
      var found = view.rig.dragged > 4 || view.rig.head ? null : pick(view, event, false);
      if (found) {
        var marks = view.head[found.layer], where = marks.degrees[found.k];
        view.send({ kind: "select", layer: found.layer, id: marks.ids[found.k], lat: where[0], lng: where[1] });
      }
    });
    view.canvas.addEventListener("pointermove", function (event) {
      if (event.buttons || view.rig.head) {
        return;
      }
      var found = pick(view, event, true), over = found ? [found.layer, found.k] : null;
      if (JSON.stringify(over) !== JSON.stringify(view.over || null)) {
        view.over = over;
        view.canvas.style.cursor = over ? "pointer" : "";
        view.redraw();
      }
    });
    view.canvas.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        leave();
      }
    });
    view.canvas.addEventListener("webglcontextlost", function (event) {
      event.preventDefault();
    });
    view.canvas.addEventListener("webglcontextrestored", view.redraw);
  };
})();
