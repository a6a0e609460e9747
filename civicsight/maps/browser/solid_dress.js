// What a draft changes in the 3D view: cameras that differ, and gates by what they come to.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var MARKS = ["ids", "titles", "at", "foot", "degrees", "style"], VIEWS = ["eyes", "rays", "ray_m"];

  // The cameras of the document without those that differ, then these; each view follows its head.
  function merged(base, gone, edited) {
    var kept = [], place = {}, marks = { styles: base.cameras.styles, heads: [] }, views = {}, from = [];
    base.cameras.ids.forEach(function (id, k) {
      if (gone.indexOf(id) < 0) {
        place[k] = kept.push(k) - 1;
      }
    });
    MARKS.forEach(function (name) {
      marks[name] = kept.map(function (k) { return base.cameras[name][k]; }).concat(edited ? edited[name] : []);
    });
    base.cameras.heads.forEach(function (head, n) {
      if (head[0] in place) {
        marks.heads.push([place[head[0]]].concat(head.slice(1)));
        from.push(n);
      }
    });
    (edited ? edited.heads : []).forEach(function (head) { marks.heads.push([kept.length + head[0]].concat(head.slice(1))); });
    VIEWS.forEach(function (name) {
      var old = base.views[name], long = base.cameras.heads.length ? old.length / base.cameras.heads.length : 0;
      var more = edited ? edited[name] : [], all = new Float32Array(from.length * long + more.length);
      from.forEach(function (n, k) { all.set(old.subarray(n * long, (n + 1) * long), k * long); });
      all.set(more, from.length * long);
      views[name] = all;
    });
    return { marks: marks, views: views };
  }

  function place(view, key, layer) {
    var old = view.layers[key];
    if (old) {
      view.scene.remove(old);
    }
    view.layers[key] = layer;
    layer.visible = !view.wanted || view.wanted[key] !== false;
    view.scene.add(layer);
  }

  // `group`: edited cameras, ids of those that they take the place of, and styles of parts by id.
  civicsight.solidDress = function (view, group) {
    var gone = group.hidden || [], styles = group.styles || {}, told = JSON.stringify([gone, group.edited || null, styles]);
    if (view.dressed === told) {
      return;
    }
    view.dressed = told;
    var THREE = view.THREE, head = view.head, data = view.data;
    if (!view.base) {
      view.base = { cameras: head.cameras, parts: head.parts, views: { eyes: data.eyes, rays: data.rays, ray_m: data.ray_m } };
    }
    var found = merged(view.base, gone, group.edited);
    head.cameras = found.marks;
    VIEWS.forEach(function (name) { data[name] = found.views[name]; });
    head.parts = Object.assign({}, view.base.parts, {
      style: view.base.parts.style.map(function (style, k) {
        var own = styles[view.base.parts.ids[k]];
        return own === undefined ? style : own;
      }),
    });
    view.grow.cameras = [];
    view.grow.parts = [];
    place(view, "cameras", civicsight.signs(THREE, head.cameras, view.grow.cameras));
    place(view, "views", civicsight.views(THREE, data, head.cameras.heads));
    var parts = civicsight.signs(THREE, head.parts, view.grow.parts);
    parts.add(civicsight.boards(THREE, data, head.parts.styles, head.parts.style));
    place(view, "parts", parts);
  };
})();
