// Signs, views and names of the 3D view: the signs of the map, standing where the thing stands.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var SIGN_PX = 40, BOARD_M = 2.4, VIEW_M = 14, MOST_NAMES = 12;

  function picture(THREE, draw) {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = 2 * SIGN_PX;
    var context = canvas.getContext("2d");
    context.scale(2, 2);
    draw(context);
    var texture = new THREE.CanvasTexture(canvas);
    texture.colorSpace = THREE.SRGBColorSpace;
    return texture;
  }

  function buffer(THREE, numbers) {
    var shape = new THREE.BufferGeometry();
    shape.setAttribute("position", new THREE.BufferAttribute(new Float32Array(numbers), 3));
    return shape;
  }

  // One kind of sign, all of it at once; a thin line leads to the ground. From far signs are smaller.
  civicsight.signs = function (THREE, marks, grow) {
    var group = new THREE.Group(), poles = [];
    marks.styles.forEach(function (style, k) {
      var places = marks.at.filter(function (_, i) { return marks.style[i] === k; });
      if (!places.length) {
        return;
      }
      var map = picture(THREE, function (context) {
        context.translate(SIGN_PX / 2, SIGN_PX / 2);
        context.scale(1.35, 1.35);
        civicsight.drawSign(context, 0, 0, style);
      });
      var points = new THREE.Points(buffer(THREE, places.flat()), new THREE.PointsMaterial({
        map: map, sizeAttenuation: false, transparent: true, alphaTest: 0.3, fog: false,
      }));
      points.renderOrder = 5;
      group.add(points);
      grow.push(function (away, ratio) {
        points.material.size = SIGN_PX * ratio * Math.min(0.75, Math.max(0.36, 0.9 - away / 1800));
      });
    });
    marks.at.forEach(function (at, i) { poles.push(at[0], at[1], marks.foot[i], at[0], at[1], at[2]); });
    group.add(new THREE.LineSegments(buffer(THREE, poles), new THREE.LineBasicMaterial({ color: "#1a1a1a" })));
    return group;
  };

  // Gates stand as boards in the colour of what cameras do for them.
  civicsight.boards = function (THREE, data, styles, style_of) {
    var group = new THREE.Group();
    styles.forEach(function (style, kind) {
      var out = [], rim = [], e = data.edges;
      for (var k = 0; k < data.edge_part.length; k++) {
        if (style_of[data.edge_part[k]] === kind) {
          var a = [e[6 * k], e[6 * k + 1], e[6 * k + 2]], b = [e[6 * k + 3], e[6 * k + 4], e[6 * k + 5]];
          var c = [b[0], b[1], b[2] + BOARD_M], d = [a[0], a[1], a[2] + BOARD_M];
          out.push.apply(out, [].concat(a, b, c, a, c, d));
          rim.push.apply(rim, [].concat(d, c));
        }
      }
      if (out.length) {
        group.add(new THREE.Mesh(buffer(THREE, out), new THREE.MeshBasicMaterial({
          color: style.color, transparent: true, opacity: 0.55, side: THREE.DoubleSide, depthWrite: false,
          polygonOffset: true, polygonOffsetFactor: -2, polygonOffsetUnits: -2,
        })));
        group.add(new THREE.LineSegments(buffer(THREE, rim), new THREE.LineBasicMaterial({ color: style.color })));
      }
    });
    return group;
  };

  civicsight.dots = function (THREE, data, colours) {
    var group = new THREE.Group();
    colours.forEach(function (colour, state) {
      var out = [], s = data.samples;
      for (var k = 0; k < data.sample_state.length; k++) {
        if (data.sample_state[k] === state) {
          out.push(s[3 * k], s[3 * k + 1], s[3 * k + 2]);
        }
      }
      group.add(new THREE.Points(buffer(THREE, out), new THREE.PointsMaterial({
        color: colour, size: 0.45, sizeAttenuation: true, fog: false,
      })));
    });
    return group;
  };

  // Corners of the view of one head, its rays no longer than `most`: lower edge, then upper.
  function corners(data, head, most) {
    var n = data.rays.length / data.eyes.length, out = [];
    for (var k = 0; k < n; k++) {
      var at = 3 * (head * n + k), long = Math.min(most, data.ray_m[head * n + k]);
      out.push([0, 1, 2].map(function (axis) { return data.eyes[3 * head + axis] + long * data.rays[at + axis]; }));
    }
    return out;
  }

  // Triangles and lines of a view: from the lens along its edge, and the far face.
  function view(data, head, most, fill, line) {
    var eye = Array.from(data.eyes.subarray(3 * head, 3 * head + 3));
    var all = corners(data, head, most), half = all.length / 2, low = all.slice(0, half), high = all.slice(half);
    for (var k = 0; k + 1 < half; k++) {
      fill.push.apply(fill, [].concat(eye, low[k], low[k + 1], eye, high[k + 1], high[k]));
      fill.push.apply(fill, [].concat(low[k], high[k], high[k + 1], low[k], high[k + 1], low[k + 1]));
      line.push.apply(line, [].concat(low[k], low[k + 1], high[k], high[k + 1]));
    }
    [0, half - 1].forEach(function (end) {
      fill.push.apply(fill, [].concat(eye, low[end], high[end]));
      line.push.apply(line, [].concat(eye, low[end], eye, high[end], low[end], high[end]));
    });
  }

  function drawn(THREE, data, heads, most, colour, strength) {
    var fill = [], line = [], group = new THREE.Group();
    heads.forEach(function (head) { view(data, head, most, fill, line); });
    var mesh = new THREE.Mesh(buffer(THREE, fill), new THREE.MeshBasicMaterial({
      color: colour, transparent: true, opacity: strength, side: THREE.DoubleSide, depthWrite: false,
    }));
    mesh.renderOrder = 4;
    group.add(mesh);
    group.add(new THREE.LineSegments(buffer(THREE, line), new THREE.LineBasicMaterial({
      color: colour, transparent: true, opacity: Math.min(1, strength * 5),
    })));
    return group;
  }

  // All views, short: a sign of direction. An all-round one has no direction to show.
  civicsight.views = function (THREE, data, heads) {
    var aimed = heads.map(function (_, k) { return k; }).filter(function (k) { return heads[k][4] < 300; });
    return drawn(THREE, data, aimed, VIEW_M, "#1a1a1a", 0.045);
  };

  // The views of one camera to the ground or to their reach.
  civicsight.sight = function (THREE, data, heads) {
    return drawn(THREE, data, heads, Infinity, "#0072b2", 0.13);
  };

  // Names beside the signs, as text; the nearest first, none over another.
  civicsight.names = function (box) {
    var pool = [];
    return function (entries) {
      var taken = [], used = 0;
      entries.forEach(function (entry) {
        if (used >= MOST_NAMES) {
          return;
        }
        var wide = 14 + 7.2 * Math.min(30, width(entry.title)), rect = [entry.x - wide / 2, entry.y - 30, entry.x + wide / 2, entry.y - 8];
        var free = taken.every(function (t) { return rect[2] < t[0] || rect[0] > t[2] || rect[3] < t[1] || rect[1] > t[3]; });
        if (!free && !entry.always) {
          return;
        }
        taken.push(rect);
        var node = pool[used] || (pool[used] = box.appendChild(document.createElement("span")));
        node.className = "civicsight-name " + entry.kind;
        node.textContent = entry.title;
        node.style.transform = "translate(-50%,-100%) translate(" + entry.x.toFixed(1) + "px," + (entry.y - 9).toFixed(1) + "px)";
        used++;
      });
      pool.forEach(function (node, k) { node.hidden = k >= used; });
    };
  };

  // Width of a text in halves of a square: signs of Chinese take two.
  function width(text) {
    var n = 0;
    for (var k = 0; k < text.length; k++) {
      n += text.charCodeAt(k) > 0x2e80 ? 1.75 : 1;
    }
    return n;
  }
})();
