// Two versions on one map, parted by a line that a person moves: pictures of coverage, and signs.
(function () {
  "use strict";

  var civicsight = window.civicsight;

  civicsight.swipe = function (map, left, right, labels) {
    var line = L.DomUtil.create("div", "civicsight-line", map.getContainer());
    var slider = L.DomUtil.create("input", "civicsight-swipe", map.getContainer());
    slider.type = "range";
    slider.min = 0;
    slider.max = 100;
    slider.value = 50;
    slider.setAttribute("aria-label", labels.slider);
    ["left", "right"].forEach(function (side) {
      L.DomUtil.create("span", "civicsight-side " + side, map.getContainer()).textContent = labels[side];
    });
    L.DomEvent.disableClickPropagation(slider);

    map.civicsightLine = function () {
      return map.containerPointToLayerPoint([0, 0]).x + map.getSize().x * slider.value / 100;
    };

    function clip() {
      var size = map.getSize(), middle = map.civicsightLine();
      var top = map.containerPointToLayerPoint([0, 0]), end = map.containerPointToLayerPoint(size);
      line.style.left = middle - top.x + "px";
      cut(left, top.y, middle, end.y, top.x);
      cut(right, top.y, end.x, end.y, middle);
      map.eachLayer(function (layer) {
        if (layer.civicsightSide) {
          layer.redraw();
        }
      });
    }

    function cut(layer, top, east, south, west) {
      var box = layer && layer.getContainer();
      if (box) {
        box.style.clip = "rect(" + [top, east, south, west].map(function (n) { return n + "px"; }).join(",") + ")";
      }
    }

    slider.addEventListener("input", clip);
    slider.addEventListener("keydown", function (event) { event.stopPropagation(); });
    map.on("move zoomend resize", clip);
    map.on("layeradd", function (event) {
      if (!event.layer.civicsightSide) {  // a sign knows its side as it is drawn
        clip();
      }
    });
    clip();
  };

  // A sign of one version is drawn, and answers, on its own side of the line alone. All signs share
  // one canvas, so that it is cut as each is drawn.
  civicsight.keepTo = function (part, side) {
    var draw = part._updatePath, holds = part._containsPoint, FAR = 1e6;
    part.civicsightSide = side;
    part._updatePath = function () {
      var context = this._renderer._ctx, at = this._map.civicsightLine();
      context.save();
      context.beginPath();
      context.rect(side === "left" ? at - FAR : at, -FAR, FAR, 2 * FAR);
      context.clip();
      draw.call(this);
      context.restore();
    };
    part._containsPoint = function (point) {
      return (point.x < this._map.civicsightLine()) === (side === "left") && holds.call(this, point);
    };
  };
})();
