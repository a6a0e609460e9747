// What stands in the 3D view: walls and roofs with their edges, lit by the way each face looks.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var HATCH_M = 5, HATCH_PX = 64;
  var FOOT = 0.86;  // how dark a wall is at its foot: the air between houses is darker
  var STRAIGHT = 0.985;  // cosine of the angle below which two walls have no edge between them

  // Diagonal lines: a height that nobody has measured.
  function hatch(THREE, plain, line) {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = HATCH_PX;
    var context = canvas.getContext("2d");
    context.fillStyle = plain;
    context.fillRect(0, 0, HATCH_PX, HATCH_PX);
    context.strokeStyle = line;
    context.globalAlpha = 0.6;
    context.lineWidth = 4;
    for (var at = -HATCH_PX; at <= 2 * HATCH_PX; at += HATCH_PX / 2) {
      context.beginPath();
      context.moveTo(at - 8, HATCH_PX + 8);
      context.lineTo(at + HATCH_PX + 8, -8);
      context.stroke();
    }
    var texture = new THREE.CanvasTexture(canvas);
    texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
    texture.colorSpace = THREE.SRGBColorSpace;
    texture.anisotropy = 4;
    return texture;
  }

  function count(kinds, kind) {
    var n = 0;
    for (var k = 0; k < kinds.length; k++) {
      n += kinds[k] === kind;
    }
    return n;
  }

  // Corners, ways, shades and places on the hatch of all faces of one kind, as triangles.
  function faces(THREE, data, kind) {
    var n = 6 * count(data.wall_kind, kind) + 3 * count(data.cap_kind, kind), v = 0;
    if (!n) {
      return null;
    }
    var place = new Float32Array(3 * n), way = new Float32Array(3 * n);
    var shade = new Float32Array(3 * n), spot = new Float32Array(2 * n);
    function corner(x, y, z, nx, ny, nz, dark, s, t) {
      place.set([x, y, z], 3 * v);
      way.set([nx, ny, nz], 3 * v);
      shade.set([dark, dark, dark], 3 * v);
      spot.set([s / HATCH_M, t / HATCH_M], 2 * v);
      v++;
    }
    var w = data.walls, c = data.caps, k, o;
    for (k = 0; k < data.wall_kind.length; k++) {
      if (data.wall_kind[k] !== kind) {
        continue;
      }
      o = 6 * k;
      var dx = w[o + 2] - w[o], dy = w[o + 3] - w[o + 1], long = Math.hypot(dx, dy);
      var nx = dy / long, ny = -dx / long, low = w[o + 4], top = w[o + 5];
      var s0 = w[o] * -ny + w[o + 1] * nx, s1 = s0 + long;
      corner(w[o], w[o + 1], low, nx, ny, 0, FOOT, s0, low);
      corner(w[o + 2], w[o + 3], low, nx, ny, 0, FOOT, s1, low);
      corner(w[o + 2], w[o + 3], top, nx, ny, 0, 1, s1, top);
      corner(w[o], w[o + 1], low, nx, ny, 0, FOOT, s0, low);
      corner(w[o + 2], w[o + 3], top, nx, ny, 0, 1, s1, top);
      corner(w[o], w[o + 1], top, nx, ny, 0, 1, s0, top);
    }
    for (k = 0; k < data.cap_kind.length; k++) {
      if (data.cap_kind[k] !== kind) {
        continue;
      }
      o = 7 * k;
      var up = (c[o + 2] - c[o]) * (c[o + 5] - c[o + 1]) - (c[o + 4] - c[o]) * (c[o + 3] - c[o + 1]) > 0 ? 1 : -1;
      for (var j = 0; j < 6; j += 2) {
        corner(c[o + j], c[o + j + 1], c[o + 6], 0, 0, up, 1, c[o + j], c[o + j + 1]);
      }
    }
    var shape = new THREE.BufferGeometry();
    shape.setAttribute("position", new THREE.BufferAttribute(place, 3));
    shape.setAttribute("normal", new THREE.BufferAttribute(way, 3));
    shape.setAttribute("color", new THREE.BufferAttribute(shade, 3));
    shape.setAttribute("uv", new THREE.BufferAttribute(spot, 2));
    return shape;
  }

  // The upper edge of each wall, and the upright one where the outline turns.
  function edges(THREE, data, chosen) {
    var w = data.walls, out = [];
    for (var k = 0; k < data.wall_kind.length; k++) {
      if (!chosen(data.wall_kind[k])) {
        continue;
      }
      var o = 6 * k, p = o - 6, top = w[o + 5];
      out.push(w[o], w[o + 1], top, w[o + 2], w[o + 3], top);
      var joined = k > 0 && w[p + 2] === w[o] && w[p + 3] === w[o + 1];
      if (!joined || turns(w, p, o)) {
        out.push(w[o], w[o + 1], w[o + 4], w[o], w[o + 1], top);
      }
    }
    var shape = new THREE.BufferGeometry();
    shape.setAttribute("position", new THREE.BufferAttribute(new Float32Array(out), 3));
    return shape;
  }

  function turns(w, p, o) {
    var ax = w[p + 2] - w[p], ay = w[p + 3] - w[p + 1], bx = w[o + 2] - w[o], by = w[o + 3] - w[o + 1];
    return (ax * bx + ay * by) / (Math.hypot(ax, ay) * Math.hypot(bx, by) || 1) < STRAIGHT;
  }

  // Groups by layer: buildings, obstacles, canopies.
  civicsight.bodies = function (THREE, data, looks) {
    var groups = {};
    looks.forEach(function (look, kind) {
      var group = (groups[look.layer] = groups[look.layer] || new THREE.Group());
      var shape = faces(THREE, data, kind);
      if (!shape) {
        return;
      }
      var airy = look.layer === "canopies";
      var material = new THREE.MeshLambertMaterial({
        vertexColors: true, polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1,
        transparent: airy, opacity: airy ? 0.62 : 1, depthWrite: !airy,
        color: look.hatch ? "#ffffff" : look.swatch, map: look.hatch ? hatch(THREE, look.swatch, look.hatch) : null,
      });
      var mesh = new THREE.Mesh(shape, material);
      mesh.solid = !airy;
      mesh.renderOrder = airy ? 3 : 0;
      group.add(mesh);
    });
    var line = new THREE.LineBasicMaterial({ color: "#5f574b", transparent: true, opacity: 0.55 });
    [["buildings", 0], ["obstacles", 2]].forEach(function (pair) {
      var shape = edges(THREE, data, function (kind) { return kind >> 1 === pair[1] >> 1; });
      groups[pair[0]].add(new THREE.LineSegments(shape, line));
    });
    return groups;
  };
})();
