// The ground of the 3D view: streets, places and what cameras see, painted once and laid on it.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var LAND = "#f6f4ef", EDGE = "#d3ccbf", MOST_PX = 4096, FINEST_M = 0.25;

  function path(context, data, name, k) {
    var start = data[name + "_start"], xy = data[name + "_xy"];
    for (var p = start[k]; p < start[k + 1]; p++) {
      context[p === start[k] ? "moveTo" : "lineTo"](xy[2 * p], xy[2 * p + 1]);
    }
  }

  function streets(context, data, looks, widen, colour) {
    [2, 1, 0].forEach(function (rank) {
      var look = looks[rank];
      context.beginPath();
      for (var k = 0; k < data.road_rank.length; k++) {
        if (data.road_rank[k] === rank) {
          path(context, data, "road", k);
        }
      }
      if (look.dash && colour) {
        return;  // a footpath has no edge
      }
      context.setLineDash((look.dash || []).map(function (d) { return d * 0.7; }));
      context.lineWidth = Math.max(look.metres, 0.8) + widen;
      context.strokeStyle = colour || look.color;
      context.stroke();
    });
    context.setLineDash([]);
  }

  function cover(context, data, colours) {
    colours.forEach(function (colour, kind) {
      context.beginPath();
      for (var k = 0; k < data.cover_water.length; k++) {
        if (data.cover_water[k] === kind) {
          path(context, data, "cover", k);
          context.closePath();
        }
      }
      context.fillStyle = colour;
      context.fill("nonzero");  // a hole goes the other way round
    });
  }

  function paint(context, px, head, data, picture, shown) {
    var scale = px / (2 * head.half);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = LAND;
    context.fillRect(0, 0, px, px);
    context.setTransform(scale, 0, 0, -scale, px / 2, px / 2);  // metres, north up
    context.lineCap = context.lineJoin = "round";
    if (data.cover_water && shown.land_cover) {
      cover(context, data, head.cover);
    }
    streets(context, data, head.roads, 1.2, EDGE);
    streets(context, data, head.roads, 0, null);
    if (picture && shown.coverage) {
      var box = head.covered;
      context.save();
      context.globalAlpha = 0.85;
      context.imageSmoothingEnabled = false;
      context.scale(1, -1);
      context.drawImage(picture, box[0], -box[3], box[2] - box[0], box[3] - box[1]);
      context.restore();
    }
    if (shown.places) {
      context.beginPath();
      for (var k = 0; k + 1 < data.zone_start.length; k++) {
        path(context, data, "zone", k);
      }
      context.globalAlpha = head.zone.fill;
      context.fillStyle = head.zone.color;
      context.fill("nonzero");
      context.globalAlpha = 0.9;
      context.lineWidth = 1;
      context.strokeStyle = head.zone.color;
      context.stroke();
      context.globalAlpha = 1;
    }
  }

  // A square of the window with its picture; heights of the ground where it has relief.
  function sheet(THREE, half, relief, material) {
    var nodes = relief ? Math.round(Math.sqrt(relief.length)) : 2;
    var shape = new THREE.PlaneGeometry(2 * half, 2 * half, nodes - 1, nodes - 1);
    if (relief) {
      var place = shape.attributes.position;
      for (var k = 0; k < place.count; k++) {
        var col = k % nodes, row = nodes - 1 - Math.floor(k / nodes);  // three.js begins in the north
        place.setZ(k, relief[row * nodes + col]);
      }
      shape.computeVertexNormals();
    }
    return new THREE.Mesh(shape, material);
  }

  civicsight.land = function (THREE, head, data, most, redraw) {
    var px = Math.min(MOST_PX, most, 2 ** Math.ceil(Math.log2(2 * head.half / FINEST_M)));
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = px;
    var context = canvas.getContext("2d", { alpha: false }), picture = null, group = new THREE.Group();
    var texture = new THREE.CanvasTexture(canvas);
    texture.colorSpace = THREE.SRGBColorSpace;
    texture.anisotropy = 8;
    var lit = data.relief ? THREE.MeshLambertMaterial : THREE.MeshBasicMaterial;
    var ground = sheet(THREE, head.half, data.relief, new lit({ map: texture }));
    ground.solid = true;
    group.add(ground);
    if (!data.relief) {  // the land goes on beyond the window
      var far = new THREE.Mesh(new THREE.CircleGeometry(head.half * 12, 48), new THREE.MeshBasicMaterial({ color: LAND }));
      far.position.z = -0.6;
      group.add(far);
    }
    var land = { group: group, shown: { coverage: true, places: true, land_cover: true } };
    land.paint = function () {
      paint(context, px, head, data, picture, land.shown);
      texture.needsUpdate = true;
      redraw();
    };
    land.paint();
    if (data.coverage) {
      createImageBitmap(new Blob([data.coverage], { type: "image/png" })).then(function (found) {
        picture = found;
        land.paint();
      });
    }
    return land;
  };
})();
