// One thing in focus: all else is dimmed, and what belongs to it is drawn again above it.
(function () {
  "use strict";

  var civicsight = window.civicsight;
  var PANE = "focus", DIMMED = "civicsight-dimmed";

  civicsight.focusPane = function (map) {
    var pane = map.getPane(PANE) || map.createPane(PANE);
    pane.style.zIndex = 440;  // above the signs, below the names
    pane.style.pointerEvents = "none";
    return PANE;
  };

  function groupOf(view) {
    if (!view.focus) {
      view.focus = { renderer: L.canvas({ padding: 0.2, pane: civicsight.focusPane(view.map) }), group: L.layerGroup().addTo(view.map) };
    }
    return view.focus;
  }

  function drawAgain(focus, found) {
    var data = found.data, style = data.styles[data.style[found.k]];
    civicsight.drawFeature(found.pieces, data.at[found.k], style, focus.renderer).forEach(function (part) {
      part.options.interactive = false;
      focus.group.addLayer(part);
    });
  }

  function ring(focus, found) {
    focus.group.addLayer(L.circleMarker(found.data.at[found.k], {
      renderer: focus.renderer, radius: 16, color: "#1a1a1a", weight: 2, fill: false, interactive: false,
    }));
  }

  // `wanted`: pairs of layer and id, the chosen one first; none of them there, and nothing is dimmed.
  civicsight.focus = function (view, wanted) {
    var focus = groupOf(view), found = (wanted || []).map(function (pair) {
      return civicsight.find(pair[0], pair[1]);
    }).filter(function (one) { return one && !one.hidden; });
    focus.group.clearLayers();
    view.map.getContainer().classList.toggle(DIMMED, found.length > 0);
    found.slice().reverse().forEach(function (one) { drawAgain(focus, one); });
    if (found.length) {
      ring(focus, found[0]);
    }
  };
})();
