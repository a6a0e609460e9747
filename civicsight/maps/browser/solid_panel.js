// The buttons of the 3D view and its legend, which is also the switch of the layers.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var WIDE_PX = 1200;  // on a narrower view the open legend would hide too much

  function element(tag, parent, className, text) {
    var node = document.createElement(tag);
    node.className = className || "";
    node.textContent = text || "";
    parent.appendChild(node);
    return node;
  }

  civicsight.solidButtons = function (view, through) {
    var words = view.head.labels, bar = element("div", view.box, "civicsight-buttons"), rig = view.rig;
    function button(text, label, act) {
      var node = element("button", bar, "", text);
      node.type = "button";
      node.title = label;
      node.setAttribute("aria-label", label);
      node.addEventListener("click", act);
      return node;
    }
    button("+", words.zoomIn, function () { rig.zoom(0.75); });
    button("−", words.zoomOut, function () { rig.zoom(1 / 0.75); });
    view.needle = element("span", button("", words.north, function () { rig.fly({ turn: 0 }); }), "needle");
    button("⊤", words.top, function () { rig.fly({ turn: 0, rise: 1.55 }); });
    button("⌂", words.reset, function () { rig.fly(rig.start); });
    view.frame = element("div", view.box, "civicsight-frame");
    view.caption = element("p", view.box, "civicsight-caption");
    view.through = element("button", view.box, "civicsight-through", words.through);
    view.through.type = "button";
    view.through.hidden = true;
    view.through.addEventListener("click", through);
  };

  function swatch(parent, style) {
    var node = element("span", parent, "sample");
    node.setAttribute("aria-hidden", "true");
    if (style.sign) {
      var canvas = element("canvas", node, ""), context = canvas.getContext("2d");
      canvas.width = 52;
      canvas.height = 36;
      context.scale(2, 2);
      civicsight.drawSign(context, 13, 9, style);
    } else {
      node.style.background = style.hatch
        ? "repeating-linear-gradient(135deg," + style.swatch + " 0 4px," + style.hatch + " 4px 5.5px)"
        : style.swatch || style.dot || "transparent";
      node.classList.add(style.dot ? "dot" : style.swatch ? "area" : "line");
      node.style.borderColor = style.color || "#8a8577";
    }
  }

  // The legend is also the switch of the layers.
  civicsight.solidLegend = function (view, turn) {
    var box = element("details", view.box, "civicsight-panel"), head = view.head;
    view.wanted = {};
    box.open = view.box.clientWidth >= WIDE_PX;
    element("summary", box, "", head.labels.title);
    head.legend.forEach(function (entry) {
      var block = element("div", box, "entry"), label = element("label", block), tick = element("input", label);
      tick.type = "checkbox";
      tick.checked = view.wanted[entry.key] = true;
      tick.addEventListener("change", function () { turn(entry.key, tick.checked); });
      if (entry.symbols.length === 1 && !entry.symbols[0].label) {
        swatch(label, entry.symbols[0].style);
      }
      element("span", label, "", entry.label);
      if (entry.symbols.length > 1 || entry.symbols[0].label) {
        var list = element("ul", block);
        entry.symbols.forEach(function (symbol) {
          var item = element("li", list);
          swatch(item, symbol.style);
          element("span", item, "", symbol.label);
        });
      }
    });
    head.notes.concat(head.credits).forEach(function (note) { element("p", box, "note", note); });
  };
})();
