// The eye of the 3D view: it goes around a place, flies to another, or looks through a camera.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var RADIANS = Math.PI / 180;
  var STEEP = 89 * RADIANS, FLAT = 4 * RADIANS, FLIGHT_MS = 650;
  var WIDE = 100, PART_H = 90, PART_V = 55;  // a wider picture is shown in part [degrees]
  var FILL = 0.86;  // share of the window that the picture of a camera fills

  function between(low, value, high) {
    return Math.min(high, Math.max(low, value));
  }

  // `pose`: x, y, z of the place, turn and rise of the eye as seen from it, and its distance.
  civicsight.rig = function (THREE, canvas, middle, half, redraw) {
    var start = { x: middle[0], y: middle[1], z: 0, turn: -28 * RADIANS, rise: 40 * RADIANS, away: half * 1.75 };
    var camera = new THREE.PerspectiveCamera(38, 1, 0.5, half * 14);
    camera.up.set(0, 0, 1);
    var rig = { camera: camera, pose: Object.assign({}, start), head: null, start: start, size: [1, 1, 0] };
    var flight = null, pointers = new Map();

    rig.apply = function () {
      var pose = rig.pose, flat = Math.cos(pose.rise) * pose.away;
      camera.position.set(
        pose.x + flat * Math.sin(pose.turn), pose.y - flat * Math.cos(pose.turn),
        pose.z + Math.sin(pose.rise) * pose.away
      );
      camera.lookAt(pose.x, pose.y, pose.z);
      camera.fov = 38;
      camera.near = Math.max(0.3, pose.away / 200);
      offset(rig.size[2] / 2);
      redraw();
    };

    function offset(px) {
      camera.setViewOffset(rig.size[0], rig.size[1], px, 0, rig.size[0], rig.size[1]);
      camera.updateProjectionMatrix();
    }

    function limit() {
      var pose = rig.pose;
      pose.rise = between(FLAT, pose.rise, STEEP);
      pose.away = between(12, pose.away, half * 5);
      pose.x = between(-half, pose.x, half);
      pose.y = between(-half, pose.y, half);
    }

    rig.turn = function (right, up) {
      flight = null;
      if (rig.head) {
        return rig.glance(-right, up);
      }
      rig.pose.turn += right;
      rig.pose.rise += up;
      limit();
      rig.apply();
    };

    // Move the place across the ground, in parts of the distance.
    rig.move = function (right, ahead) {
      if (rig.head) {
        return;
      }
      flight = null;
      var pose = rig.pose, cos = Math.cos(pose.turn), sin = Math.sin(pose.turn);
      pose.x += (right * cos - ahead * sin) * pose.away;
      pose.y += (right * sin + ahead * cos) * pose.away;
      limit();
      rig.apply();
    };

    rig.zoom = function (factor) {
      if (rig.head) {
        return;
      }
      flight = null;
      rig.pose.away *= factor;
      limit();
      rig.apply();
    };

    rig.fly = function (target) {
      var from = Object.assign({}, rig.pose), to = Object.assign({}, rig.pose, target);
      var shortest = (to.turn - from.turn) % (2 * Math.PI);
      to.turn = from.turn + (shortest > Math.PI ? shortest - 2 * Math.PI : shortest < -Math.PI ? shortest + 2 * Math.PI : shortest);
      rig.head = null;
      if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
        rig.pose = to;
        return rig.apply();
      }
      flight = { from: from, to: to, began: performance.now() };
      requestAnimationFrame(step);
    };

    function step(now) {
      if (!flight || !canvas.isConnected) {
        return;
      }
      var share = between(0, (now - flight.began) / FLIGHT_MS, 1), ease = share * share * (3 - 2 * share);
      Object.keys(flight.to).forEach(function (key) {
        rig.pose[key] = flight.from[key] + (flight.to[key] - flight.from[key]) * ease;
      });
      if (share === 1) {
        flight = null;
      } else {
        requestAnimationFrame(step);
      }
      rig.apply();
    }

    // Stand where a lens is and take its angles; `head` is { at, azimuth, tilt, roll, hfov, vfov, lens }.
    rig.look = function (head) {
      flight = null;
      var plane = head.lens === "rectilinear" && head.hfov <= WIDE;
      var high = head.lens === "equidistant" ? head.hfov : head.vfov;
      rig.head = Object.assign({ right: 0, up: 0 }, head, {
        whole: plane, h: plane ? head.hfov : Math.min(head.hfov, PART_H), v: plane ? head.vfov : Math.min(high, PART_V),
      });
      rig.head.spare = [(head.hfov - rig.head.h) / 2, (high - rig.head.v) / 2];
      rig.see();
    };

    rig.glance = function (right, up) {
      var head = rig.head;
      if (head.whole) {
        return;
      }
      var reach = head.hfov >= 360 ? Infinity : head.spare[0];
      head.right = between(-reach, head.right + right / RADIANS, reach);
      head.up = between(-head.spare[1], head.up + up / RADIANS, head.spare[1]);
      rig.see();
    };

    // The frame of the picture as shares of the window: the rest is dimmed around it.
    rig.see = function () {
      var head = rig.head, aspect = camera.aspect;
      var azimuth = (head.azimuth + head.right) * RADIANS, down = between(-89, head.tilt - head.up, 89) * RADIANS;
      var wide = Math.tan(head.h * RADIANS / 2), high = Math.tan(head.v * RADIANS / 2);
      var half = Math.max(high / FILL, wide / FILL / aspect);
      camera.position.set(head.at[0], head.at[1], head.at[2]);
      camera.lookAt(
        head.at[0] + Math.sin(azimuth) * Math.cos(down), head.at[1] + Math.cos(azimuth) * Math.cos(down),
        head.at[2] - Math.sin(down)
      );
      camera.rotateZ(head.whole ? -head.roll * RADIANS : 0);
      camera.fov = 2 * Math.atan(half) / RADIANS;
      camera.near = 0.15;
      offset(0);
      rig.frame = [wide / half / aspect, high / half];
      redraw();
    };

    rig.leave = function () {
      rig.head = null;
      rig.apply();
    };

    // Part of the window at its right is covered: the middle is that of the rest.
    rig.resize = function (width, height, covered) {
      rig.size = [width, height, covered];
      camera.aspect = width / height;
      (rig.head ? rig.see : rig.apply)();
    };

    function spread() {
      var two = Array.from(pointers.values());
      return Math.hypot(two[0].x - two[1].x, two[0].y - two[1].y);
    }

    canvas.addEventListener("pointerdown", function (event) {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      rig.dragged = 0;
    });
    canvas.addEventListener("pointermove", function (event) {
      var last = pointers.get(event.pointerId);
      if (!last) {
        return;
      }
      var dx = event.clientX - last.x, dy = event.clientY - last.y, before = pointers.size === 2 ? spread() : 0;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      rig.dragged += Math.abs(dx) + Math.abs(dy);
      if (pointers.size === 2) {
        rig.zoom(before / Math.max(1, spread()));
        rig.move(-dx / canvas.clientHeight / 3, dy / canvas.clientHeight / 3);
      } else if (event.buttons & 2 || event.shiftKey || event.ctrlKey) {
        rig.move(-dx / canvas.clientHeight * 0.7, dy / canvas.clientHeight * 0.7 / Math.max(0.35, Math.sin(rig.pose.rise)));
      } else {
        rig.turn(-dx * 0.006, dy * 0.005);
      }
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function (event) { pointers.delete(event.pointerId); });
    });
    canvas.addEventListener("contextmenu", function (event) { event.preventDefault(); });
    canvas.addEventListener("wheel", function (event) {
      event.preventDefault();
      rig.zoom(Math.exp(between(-1, event.deltaY / 500, 1)));
    }, { passive: false });

    var KEYS = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
    };
    canvas.addEventListener("keydown", function (event) {
      var way = KEYS[event.key];
      if (way && event.shiftKey) {
        rig.move(way[0] * 0.06, way[1] * 0.06);
      } else if (way) {
        rig.turn(way[0] * 6 * RADIANS, way[1] * 4 * RADIANS);
      } else if (event.key === "+" || event.key === "=") {
        rig.zoom(0.85);
      } else if (event.key === "-") {
        rig.zoom(1 / 0.85);
      } else if (event.key === "Home") {
        rig.fly(start);
      } else if (event.key === "Escape" && rig.head) {
        rig.leave();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    return rig;
  };
})();
