// The legend, which is also the switch of the layers; the scale, the north arrow, the credits.
(function () {
  "use strict";

  var civicsight = window.civicsight;

  function element(tag, parent, className, text) {
    var node = L.DomUtil.create(tag, className || "", parent);
    if (text) {
      node.textContent = text;
    }
    return node;
  }

  // On a narrower window the open legend would hide too much of the map.
  var WIDE = 1200;

  // A sample of a style, drawn by the same code as the map.
  function sample(parent, style) {
    var width = 26, height = 16, ratio = window.devicePixelRatio || 1;
    var canvas = element("canvas", parent, "sample");
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.setAttribute("aria-hidden", "true");
    var context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    if (style.swatch) {
      context.fillStyle = style.swatch;
      context.fillRect(3, 2, 20, 12);
      context.strokeStyle = "#8a8577";
      context.strokeRect(3.5, 2.5, 19, 11);
    } else if (style.sign) {
      civicsight.drawSign(context, width / 2, height / 2, style);
    } else {
      context.lineWidth = style.width || 2;
      context.strokeStyle = style.color;
      context.setLineDash((style.dash || "").split(" ").filter(Boolean).map(Number));
      context.beginPath();
      if (style.fill) {
        context.rect(3, 2.5, 20, 11);
        context.globalAlpha = style.fill;
        context.fillStyle = style.color;
        context.fill();
        context.globalAlpha = 1;
      } else {
        context.moveTo(1, height / 2);
        context.lineTo(width - 1, height / 2);
      }
      context.stroke();
    }
  }

  function entryOf(parent, map, entry) {
    var block = element("div", parent, "entry");
    var label = element("label", block);
    var box = element("input", label);
    box.type = "checkbox";
    box.checked = entry.keys.some(function (key) { return map.hasLayer(civicsight.layers[key]); });
    box.addEventListener("change", function () {
      entry.keys.forEach(function (key) { civicsight.turn(key, box.checked); });
    });
    map.on("civicsight:turn", function (event) {
      if (event.on && entry.keys.indexOf(event.key) >= 0) {
        box.checked = true;
      }
    });
    if (entry.symbols.length === 1 && !entry.symbols[0].label) {
      sample(label, entry.symbols[0].style);
    }
    element("span", label, "", entry.label);
    if (entry.symbols.length > 1 || entry.symbols[0].label) {
      var list = element("ul", block);
      entry.symbols.forEach(function (symbol) {
        var item = element("li", list);
        sample(item, symbol.style);
        element("span", item, "", symbol.label);
      });
    }
  }

  // The look of the ground, light or dark; a browser remembers which one somebody likes.
  var DARK = "civicsight-dark";

  function liked(value) {
    try {
      if (value !== undefined) {
        window.localStorage.setItem(DARK, value ? "1" : "");
      }
      return window.localStorage.getItem(DARK) === "1";
    } catch (refused) {  // it may keep nothing
      return Boolean(value);
    }
  }

  function lookOf(parent, map, text) {
    var label = element("label", element("div", parent, "entry")), box = element("input", label);
    box.type = "checkbox";
    box.checked = liked();
    element("span", label, "", text);
    function turn() {
      map.getContainer().classList.toggle(DARK, box.checked);
      map.fire("civicsight:look");
    }
    box.addEventListener("change", function () {
      liked(box.checked);
      turn();
    });
    turn();
  }

  // A button that leads back to all that there is; Leaflet has none.
  civicsight.home = function (map, label, go) {
    var Home = L.Control.extend({
      onAdd: function () {
        var box = element("div", null, "leaflet-bar"), link = element("a", box, "", "\u2302");
        link.href = "#";
        link.title = label;
        link.setAttribute("role", "button");
        link.setAttribute("aria-label", label);
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.on(link, "click", function (event) {
          L.DomEvent.preventDefault(event);
          go();
        });
        return box;
      },
    });
    return new Home({ position: "topleft" }).addTo(map);
  };

  civicsight.panel = function (map, data) {
    var Panel = L.Control.extend({
      onAdd: function () {
        var box = element("details", null, "civicsight-panel leaflet-bar");
        box.open = data.open && window.innerWidth >= WIDE;
        element("summary", box, "", data.title);
        data.entries.forEach(function (entry) { entryOf(box, map, entry); });
        if (data.dark) {
          lookOf(box, map, data.dark);
        }
        data.notes.forEach(function (note) { element("p", box, "note", note); });
        function fit() { box.style.maxHeight = Math.max(120, map.getSize().y - 60) + "px"; }
        fit();
        map.on("resize", fit);
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
      },
    });
    var North = L.Control.extend({
      onAdd: function () {
        var box = element("div", null, "civicsight-north", "");
        element("span", box, "", "▲");
        element("span", box, "", data.north);
        return box;
      },
    });
    var controls = [
      new Panel({ position: "topright" }),
      L.control.scale({ imperial: false, position: "bottomleft" }),
      new North({ position: "bottomleft" }),
    ];
    controls.forEach(function (control) { map.addControl(control); });
    map.attributionControl.setPrefix("Leaflet");
    data.credits.forEach(function (credit) { map.attributionControl.addAttribution(credit); });
    var frame = map.getContainer();
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", data.label);
    ["zoomIn", "zoomOut"].forEach(function (name) {
      var button = frame.querySelector(".leaflet-control-zoom-" + name.slice(4).toLowerCase());
      if (button) {
        button.title = data[name];
        button.setAttribute("aria-label", data[name]);
      }
    });
    civicsight.order();
    if (data.bounds) {
      map.fitBounds(data.bounds, { animate: false, paddingBottomRight: [civicsight.covered(), 0] });
    }
    return controls;
  };
})();
