// A field that finds cameras, places, gates and streets by name, and goes there.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var LAYERS = ["zones", "edited_cameras", "cameras", "edited_parts", "parts"];
  var MOST = 8, STREET_ZOOM = 17;

  function plain(text) {
    return text.normalize("NFKC").toLowerCase();
  }

  // Everything with a name that is drawn now, in one list; made anew at each search, for drafts change.
  function everything(data) {
    var found = data.streets.names.map(function (name, k) {
      return { kind: "streets", title: name, at: data.streets.at[k] };
    });
    LAYERS.forEach(function (key) {
      var layer = civicsight.layers[key];
      ((layer && layer.all) || []).forEach(function (one) {
        if (!one.hidden && one.data.titles && one.data.ids) {
          found.push({ kind: key.replace("edited_", ""), key: key, id: one.data.ids[one.k], title: one.data.titles[one.k], at: one.data.at[one.k] });
        }
      });
    });
    return found;
  }

  // Those that hold all words: names that begin so first, then shorter ones.
  function matching(data, text) {
    var words = plain(text).split(/\s+/).filter(Boolean);
    return everything(data).filter(function (one) {
      one.plain = plain(one.title);
      return words.every(function (word) { return one.plain.indexOf(word) >= 0; });
    }).sort(function (a, b) {
      return (a.plain.indexOf(words[0]) > 0) - (b.plain.indexOf(words[0]) > 0) ||
        a.title.length - b.title.length || a.title.localeCompare(b.title);
    });
  }

  function go(view, one) {
    if (one.key) {
      civicsight.turn(one.key, true);
      civicsight.show(one.key, one.id);
      view.send({ kind: "select", layer: one.key, id: one.id, lat: one.at[0], lng: one.at[1] });
    } else {
      view.map.setView(one.at, STREET_ZOOM, { animate: false });
    }
  }

  function make(tag, parent, className, text) {
    var node = L.DomUtil.create(tag, className, parent);
    node.textContent = text || "";
    return node;
  }

  function Field(view, data, box) {
    var field = make("input", box, ""), list = make("ul", box, ""), shown = [], at = -1;
    var id = "civicsight-found-" + L.Util.stamp(box);
    list.id = id;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", data.label);
    list.hidden = true;
    Object.entries({
      type: "search", placeholder: data.label, role: "combobox", autocomplete: "off", maxlength: 80,
      "aria-label": data.label, "aria-controls": id, "aria-expanded": "false", "aria-autocomplete": "list",
    }).forEach(function (pair) { field.setAttribute(pair[0], pair[1]); });

    function close() {
      list.hidden = true;
      at = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function take(one) {
      close();
      field.value = one.title;
      go(view, one);
    }

    function point(to) {
      at = (to + shown.length) % shown.length;
      Array.prototype.forEach.call(list.children, function (item, k) {
        item.setAttribute("aria-selected", String(k === at));
      });
      field.setAttribute("aria-activedescendant", list.children[at].id);
    }

    function option(one, k) {
      var item = make("li", list, "");
      item.id = id + "-" + k;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      make("span", item, "", one.title);
      make("small", item, "", data.kinds[one.kind]);
      item.addEventListener("pointerdown", function (event) {
        event.preventDefault();  // the field keeps the focus
        take(one);
      });
    }

    field.addEventListener("input", function () {
      var all = field.value.trim() ? matching(data, field.value) : [];
      shown = all.slice(0, MOST);
      list.replaceChildren();
      shown.forEach(option);
      if (all.length > MOST || (field.value.trim() && !all.length)) {
        var note = make("li", list, "note", all.length ? data.more.replace("{n}", all.length - MOST) : data.none);
        note.setAttribute("role", "presentation");
      }
      close();
      list.hidden = !list.children.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
    });
    field.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        close();
      } else if (shown.length && !list.hidden && event.key.indexOf("Arrow") === 0 && /Up|Down/.test(event.key)) {
        event.preventDefault();
        point(event.key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1);
      } else if (event.key === "Enter" && shown.length && !list.hidden) {
        event.preventDefault();
        take(shown[Math.max(at, 0)]);
      }
    });
    field.addEventListener("blur", close);
  }

  civicsight.search = function (view, data) {
    var Search = L.Control.extend({
      onAdd: function () {
        var box = make("div", null, "civicsight-search");
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        Field(view, data, box);
        return box;
      },
    });
    return new Search({ position: "topleft" }).addTo(view.map);
  };
})();
