// The 3D view of the app: made once for a document, then told what is chosen; it answers with what a person did.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var SKY = "#e8eef2", CLOSE_M = 90, MOST_RATIO = 2, FAR = 0.6, ASIDE = 0.6;
  var SLOW_MS = 40, REST_MS = 250, COARSE = 0.5;
  var views = new Map();

  function element(tag, parent, className, text) {
    var node = document.createElement(tag);
    node.className = className || "";
    node.textContent = text || "";
    parent.appendChild(node);
    return node;
  }

  // Bring the view in `parent` to what `data` says, making it first; one view a page.
  civicsight.solid = function (parent, data, send) {
    views.forEach(function (view, place) {
      if (!place.isConnected) {
        forget(view, place);
      }
    });
    var plain = data.document.replace(/token=.*/, ""), view = views.get(parent);
    if (view && view.made !== plain) {
      view.old = forget(view, parent);
      view = null;
    }
    if (!view) {
      view = { made: plain, box: element("div", parent, "civicsight-solid"), seq: 0, told: {}, names: data.words };
      view.box.style.height = data.height;
      views.set(parent, view);
      view.ready = open(view, data);
    }
    view.send = function (event) {
      view.seq = Math.max(Date.now(), view.seq + 1);
      send(Object.assign({ seq: view.seq }, event));
    };
    return view.ready.then(function (made) {
      if (made) {
        apply(view, data.group);
      }
    });
  };

  function forget(view, parent) {
    view.gone = true;
    if (view.resized) {
      view.resized.disconnect();
    }
    if (view.renderer) {
      view.scene.traverse(function (part) {
        if (part.geometry) {
          part.geometry.dispose();
        }
        [].concat(part.material || []).forEach(function (m) {
          if (m.map) {
            m.map.dispose();
          }
          m.dispose();
        });
      });
      view.renderer.dispose();
      view.renderer.forceContextLoss();
    }
    view.box.remove();
    views.delete(parent);
  }

  // Say plainly what is missing, and where the same plan can be seen.
  function refuse(view, data, text) {
    view.box.replaceChildren();
    view.box.classList.add("missing");
    var note = element("div", view.box, "civicsight-missing");
    note.setAttribute("role", "status");
    element("p", note, "", text);
    element("a", note, "", data.words.map).href = data.map;
    return false;
  }

  function open(view, data) {
    var probe = document.createElement("canvas").getContext("webgl2");
    if (!probe) {
      return Promise.resolve(refuse(view, data, data.words.missing));
    }
    probe.getExtension("WEBGL_lose_context").loseContext();
    return Promise.all([import(new URL(data.three, location.origin).href), fetch(data.document)]).then(function (found) {
      if (!found[1].ok) {
        throw new Error("document " + found[1].status);
      }
      return found[1].arrayBuffer().then(function (bytes) {
        if (!view.gone) {
          build(view, found[0], read(bytes));
        }
        return !view.gone;
      });
    }).catch(function (error) {
      console.warn(error);
      return refuse(view, data, data.words.broken);
    });
  }

  // A header, then arrays of plain numbers; see `pack` of the server.
  function read(bytes) {
    var size = new DataView(bytes).getUint32(0, true), made = { data: {} };
    made.head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size)));
    var kinds = { float32: Float32Array, uint32: Uint32Array, uint8: Uint8Array };
    Object.keys(made.head.arrays).forEach(function (name) {
      var told = made.head.arrays[name];
      made.data[name] = new kinds[told[0]](bytes, 4 + size + told[1], told[2]);
    });
    return made;
  }

  function build(view, THREE, made) {
    var head = (view.head = made.head), data = (view.data = made.data), ratio = Math.min(MOST_RATIO, window.devicePixelRatio || 1);
    view.THREE = THREE;
    view.renderer = new THREE.WebGLRenderer({ antialias: true, powerPreference: "high-performance" });
    view.ratio = ratio;
    view.cost = 0;
    sharpen(view, ratio);
    var canvas = (view.canvas = view.renderer.domElement);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", head.labels.view);
    view.box.appendChild(canvas);
    var scene = (view.scene = new THREE.Scene());
    scene.background = new THREE.Color(SKY);
    scene.fog = new THREE.Fog(SKY, head.half * 2.6, head.half * 7);
    var sky = new THREE.HemisphereLight("#ffffff", "#cdc8c0", 2.35);
    sky.position.set(0, 0, 1);
    scene.add(sky);
    var sun = new THREE.DirectionalLight("#fffaf0", 1.15);
    sun.position.set(-0.62, 0.35, 0.75);  // maps are lit from the north-west
    scene.add(sun);

    view.redraw = function () {
      if (!view.waiting && !view.gone) {
        view.waiting = true;
        requestAnimationFrame(function () { draw(view); });
      }
    };
    view.rig = civicsight.rig(THREE, canvas, middle(head), head.half, view.redraw);
    view.land = civicsight.land(THREE, head, data, view.renderer.capabilities.maxTextureSize, view.redraw);
    view.layers = civicsight.bodies(THREE, data, head.looks);
    view.grow = { cameras: [], parts: [] };
    if (data.samples) {
      view.layers.samples = civicsight.dots(THREE, data, head.states);
    }
    scene.add(view.land.group);
    Object.keys(view.layers).forEach(function (key) { scene.add(view.layers[key]); });
    civicsight.solidDress(view, {});
    view.label = civicsight.names(element("div", view.box, "civicsight-names"));
    civicsight.solidButtons(view, function () { through(view, !view.rig.head); });
    civicsight.solidLegend(view, function (key, on) { turn(view, key, on); });
    view.box.querySelector(".civicsight-panel").addEventListener("toggle", function () { fit(view); });
    civicsight.solidPointer(view, function () { through(view, false); });
    view.resized = new ResizeObserver(function () { fit(view); });
    view.resized.observe(view.box);
    fit(view);
    civicsight.solidView = view;
  }

  // Where most of what is asked about stands.
  function middle(head) {
    var all = head.parts.at.concat(head.cameras.at), at = [0, 0];
    all.forEach(function (place) {
      at[0] += place[0] / all.length;
      at[1] += place[1] / all.length;
    });
    return at;
  }

  function fit(view) {
    var width = view.box.clientWidth, height = view.box.clientHeight;
    if (width && height) {
      var panel = view.box.querySelector(".civicsight-panel[open]");
      view.renderer.setSize(width, height);
      view.rig.resize(width, height, panel && width > 3 * panel.offsetWidth ? panel.offsetWidth : 0);
    }
  }

  function draw(view) {
    view.waiting = false;
    if (view.gone) {
      return;
    }
    var away = view.rig.head ? 0 : view.rig.pose.away;
    [].concat(view.grow.cameras, view.grow.parts).forEach(function (grow) { grow(away, view.sharp); });
    view.renderer.render(view.scene, view.rig.camera);
    pace(view);
    name(view);
    frame(view);
    if (view.needle) {
      view.needle.style.transform = "rotate(" + (view.rig.pose.turn * 180 / Math.PI).toFixed(1) + "deg)";
    }
  }

  // A slow machine draws coarser while the view moves, and sharp again when it rests.
  function pace(view) {
    var began = performance.now();
    clearTimeout(view.rest);
    requestAnimationFrame(function () {
      view.cost = 0.7 * view.cost + 0.3 * Math.min(120, performance.now() - began);
      if (view.waiting && view.cost > SLOW_MS) {
        sharpen(view, COARSE);
      }
    });
    view.rest = setTimeout(function () {
      if (view.sharp !== view.ratio && !view.gone) {
        sharpen(view, view.ratio);
        view.redraw();
      }
    }, REST_MS);
  }

  function sharpen(view, ratio) {
    if (view.sharp !== ratio) {
      view.sharp = ratio;
      view.renderer.setPixelRatio(ratio);
    }
  }

  // Names of what is chosen and under the pointer, then of gaps and places, the nearest first.
  function name(view) {
    var entries = [], head = view.head, pose = view.rig.pose, far = FAR * pose.away;
    function add(marks, k, kind, always) {
      var at = marks.at[k], away = Math.hypot(at[0] - pose.x, at[1] - pose.y), spot = always || away < far ? civicsight.solidSpot(view, at) : null;
      if (civicsight.solidInside(view, spot)) {
        entries.push({ title: marks.titles[k], kind: kind, x: spot.x, y: spot.y, away: away, always: always });
      }
    }
    [["cameras", head.cameras], ["parts", head.parts]].forEach(function (pair) {
      if (view.layers[pair[0]].visible) {
        pair[1].ids.forEach(function (id, k) {
          var held = view.chosen && view.chosen[0] === pair[0] && view.chosen[1] === id;
          if (held || (view.over && view.over[0] === pair[0] && view.over[1] === k)) {
            add(pair[1], k, held ? "chosen" : "over", true);
          }
        });
      }
    });
    var first = entries.length;
    if (view.layers.parts.visible) {
      head.parts.style.forEach(function (style, k) {
        if (head.parts.styles[style].sign === "cross") {
          add(head.parts, k, "gap");
        }
      });
    }
    if (view.land.shown.places) {
      head.places.ids.forEach(function (_, k) { add(head.places, k, "place"); });
    }
    var rest = entries.splice(first).sort(function (a, b) { return a.away - b.away; });
    view.label(entries.concat(rest));
  }

  // Around the picture of a camera everything is dimmed.
  function frame(view) {
    var shown = Boolean(view.rig.head);
    view.box.classList.toggle("through", shown);
    view.frame.hidden = !shown;
    view.caption.hidden = !shown;
    if (shown) {
      view.frame.style.width = 100 * view.rig.frame[0] + "%";
      view.frame.style.height = 100 * view.rig.frame[1] + "%";
      var words = view.head.labels;
      view.caption.textContent = words.geometry + (view.rig.head.whole ? "" : " " + words.part);
    }
  }

  function heads(view, id) {
    var k = view.head.cameras.ids.indexOf(id);
    return view.head.cameras.heads.map(function (_, n) { return n; }).filter(function (n) { return view.head.cameras.heads[n][0] === k; });
  }

  // Look through the first head of the chosen camera, or come back.
  function through(view, on) {
    var words = view.head.labels, own = view.chosen ? heads(view, view.chosen[1]) : [];
    if (on && own.length) {
      var h = view.head.cameras.heads[own[0]], eye = view.data.eyes.subarray(3 * own[0], 3 * own[0] + 3);
      view.rig.look({ at: Array.from(eye), azimuth: h[1], tilt: h[2], roll: h[3], hfov: h[4], vfov: h[5], lens: h[6] });
    } else {
      view.rig.leave();
    }
    on = Boolean(view.rig.head);
    view.layers.cameras.visible = !on && view.wanted.cameras;
    view.layers.views.visible = !on && view.wanted.views;
    [view.sight, view.ring].forEach(function (part) {
      if (part) {
        part.visible = !on;
      }
    });
    view.through.textContent = on ? words.leave : words.through;
    view.canvas.focus({ preventScroll: true });
    view.redraw();
  }

  function turn(view, key, on) {
    view.wanted[key] = on;
    if (key in view.land.shown) {
      view.land.shown[key] = on;
      view.land.paint();
    } else if (view.layers[key]) {
      view.layers[key].visible = on;
    }
    view.redraw();
  }

  function apply(view, group) {
    var told = JSON.stringify(group);
    if (view.told === told) {
      return;
    }
    view.told = told;
    if (view.rig.head) {
      through(view, false);
    }
    view.tool = group.tool || "select";
    view.canvas.classList.toggle("civicsight-aiming", view.tool !== "select");
    civicsight.solidDress(view, group);
    view.chosen = group.selected;
    var layer = group.selected && group.selected[0], marks = layer && view.head[layer], k = marks ? marks.ids.indexOf(group.selected[1]) : -1;
    mark(view, layer, k);
    if (k >= 0 && group.fly && view.flown !== group.fly) {
      aim(view, layer, k);
    }
    view.flown = group.fly;
    view.redraw();
  }

  // The chosen camera shows its whole view; the chosen gate a ring around it.
  function mark(view, layer, k) {
    var THREE = view.THREE;
    [view.sight, view.ring].forEach(function (old) {
      if (old) {
        view.scene.remove(old);
      }
    });
    view.sight = view.ring = null;
    var own = layer === "cameras" && k >= 0 ? heads(view, view.chosen[1]) : [];
    view.through.hidden = !own.length;
    if (own.length) {
      view.sight = civicsight.sight(THREE, view.data, own);
      view.scene.add(view.sight);
    }
    if (k >= 0) {
      var at = view.head[layer].at[k];
      view.ring = new THREE.Mesh(new THREE.RingGeometry(5, 6.4, 48), new THREE.MeshBasicMaterial({
        color: "#ffd400", side: THREE.DoubleSide, depthTest: false, transparent: true, opacity: 0.95,
      }));
      view.ring.renderOrder = 6;
      view.ring.position.set(at[0], at[1], (view.head[layer].foot[k] || 0) + 0.3);
      view.scene.add(view.ring);
    }
  }

  // Come near; stand before a camera or a gate and a little aside, where its own wall is not in between.
  function aim(view, layer, k) {
    var at = view.head[layer].at[k], to = { x: at[0], y: at[1], z: at[2], rise: 0.62, away: CLOSE_M };
    var own = layer === "cameras" ? heads(view, view.chosen[1]) : [], h = own.length && view.head.cameras.heads[own[0]];
    var way = h ? (h[4] < 300 ? h[1] : null) : view.head[layer].way && view.head[layer].way[k];
    if (typeof way === "number") {
      to.turn = Math.PI - way * Math.PI / 180 + ASIDE;
    }
    view.rig.fly(to);
  }
})();
